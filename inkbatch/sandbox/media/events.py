"""The JSON of a media stream, both ways, as `inkbox-wire-facts.md` has it."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inkbatch.sandbox.media.transcript import Party


@dataclass(frozen=True, slots=True)
class SpokenText:
    """A piece of what Inkbox is to speak for the agent."""

    delta: str


@dataclass(frozen=True, slots=True)
class TextDone:
    """The agent's utterance is complete."""


@dataclass(frozen=True, slots=True)
class AgentAudio:
    """A piece of the agent's own voice, as PCMU."""

    pcmu: bytes


@dataclass(frozen=True, slots=True)
class AudioDone:
    """The agent's turn of audio is complete."""


@dataclass(frozen=True, slots=True)
class Clear:
    """What the agent has sent but nobody has heard yet is to be dropped."""


@dataclass(frozen=True, slots=True)
class ToldTranscript:
    """The agent tells what was said, because it listens or speaks by itself."""

    party: Party
    text: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """The agent ends the call."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message without a meaning here."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The agent's socket is gone."""


AgentEvent = (
    SpokenText
    | TextDone
    | AgentAudio
    | AudioDone
    | Clear
    | ToldTranscript
    | HangUp
    | Ignored
    | Dropped
)


def parse(message: str | bytes) -> tuple[AgentEvent, ...]:
    """Return what a message of the agent means; anything unknown or malformed is Ignored.

    One `text` message may hold both a delta and `done`.
    """
    try:
        frame: Any = json.loads(message)
    except (ValueError, RecursionError):
        return (Ignored(),)
    read = _READERS.get(str(frame.get("event"))) if isinstance(frame, dict) else None
    return (Ignored(),) if read is None else read(frame)


def _spoken(frame: dict[str, Any]) -> tuple[AgentEvent, ...]:
    delta, is_done = frame.get("delta"), frame.get("done") is True
    spoken = (SpokenText(delta),) if isinstance(delta, str) and delta else ()
    done = (TextDone(),) if is_done else ()
    return (*spoken, *done) or (Ignored(),)


def _streamed(frame: dict[str, Any]) -> tuple[AgentEvent, ...]:
    """Read an older form of `text`, whose words stand in `text`; seen in an early sample server."""
    return _spoken({**frame, "delta": frame.get("text", frame.get("delta"))})


def _audio(frame: dict[str, Any]) -> tuple[AgentEvent, ...]:
    media = frame.get("media")
    payload = media.get("payload") if isinstance(media, dict) else None
    if not isinstance(payload, str) or not payload:
        return (Ignored(),)
    try:
        return (AgentAudio(base64.b64decode(payload, validate=True)),)
    except ValueError:
        return (Ignored(),)


def _told(frame: dict[str, Any]) -> tuple[AgentEvent, ...]:
    """Read a transcript: whose words they are is told as `party`, the agent's own by default."""
    text, party = frame.get("text"), frame.get("party", Party.LOCAL)
    is_known = isinstance(party, str) and party in set(Party)
    if not isinstance(text, str) or not is_known or frame.get("is_final") is False:
        return (Ignored(),)
    return (ToldTranscript(Party(party), text),)


_READERS: dict[str, Callable[[dict[str, Any]], tuple[AgentEvent, ...]]] = {
    "text": _spoken,
    "textStream": _streamed,
    "media": _audio,
    "transcript": _told,
    "audio_done": lambda _: (AudioDone(),),
    "clear": lambda _: (Clear(),),
    "stop": lambda _: (HangUp(),),
}


def start(*, stream_id: str, call_id: str) -> bytes:
    """Return the first message of a stream."""
    return _json({"event": "start", "stream_id": stream_id, "start": {"call_control_id": call_id}})


def media(pcmu: bytes) -> bytes:
    """Return a message with the callee's voice."""
    return b'{"event":"media","media":{"payload":"' + base64.b64encode(pcmu) + b'"}}'


def transcript(text: str, *, turn_id: str, is_final: bool) -> bytes:
    """Return a message with what the callee has said so far in a turn."""
    return _json({"event": "transcript", "text": text, "is_final": is_final, "turn_id": turn_id})


def barge_in(text: str, *, turn_id: str, tts_interrupted: bool) -> bytes:
    """Return the message that the callee speaks while the agent does."""
    return _json(
        {
            "event": "barge_in",
            "trigger": "speech",
            "text": text,
            "tts_interrupted": tts_interrupted,
            "turn_id": turn_id,
        }
    )


def stop(reason: str | None) -> bytes:
    """Return the last message of a stream."""
    return _json({"event": "stop", "reason": reason})


def _json(frame: dict[str, Any]) -> bytes:
    return json.dumps(frame, separators=(",", ":")).encode()
