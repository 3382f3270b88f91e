"""The frames that an agent sends to Inkbox."""

import json
from base64 import b64encode

TEXT_DONE = '{"event":"text","done":true}'
AUDIO_DONE = '{"event":"audio_done"}'
CLEAR = '{"event":"clear"}'
STOP = '{"event":"stop"}'


def text_delta(text: str) -> str:
    """Return the next piece of what Inkbox is to speak."""
    return json.dumps({"event": "text", "delta": text})


def media(pcmu: bytes) -> str:
    """Return sound for the callee."""
    return f'{{"event":"media","media":{{"payload":"{b64encode(pcmu).decode()}"}}}}'


def transcript(text: str, *, is_final: bool, turn_id: str | None) -> str:
    """Return what the agent's own speech-to-text made of the callee's words."""
    told = {"event": "transcript", "text": text, "is_final": is_final}
    return json.dumps(told if turn_id is None else {**told, "turn_id": turn_id})
