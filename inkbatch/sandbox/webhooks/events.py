"""The body of a webhook: one status of one call, in the platform's envelope."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from inkbatch.sandbox.call import CallStatus, LedgerCall
from inkbatch.sandbox.wire import call_json

TranscriptOf = Callable[[UUID], Sequence[dict[str, Any]] | None]
"""Returns the turns of a call by its id, None where nothing was transcribed.

A turn is `{"party": "remote" | "local", "text": str, "ts_ms": int}`.
"""

TURNS_MAX = 200
"""A longer transcript is abridged in its middle, as the platform does."""

TRANSCRIPTS_PATH = "/api/v1/phone/calls/{call_id}/transcripts"

_CALL_KEYS = (
    "id",
    "origin",
    "local_phone_number",
    "remote_phone_number",
    "direction",
    "status",
    "hangup_reason",
    "started_at",
    "ended_at",
    "created_at",
    "updated_at",
    "mode",
    "reason",
    "hosted_agent_authority_mode",
    "voicemail_detection",
    "on_voicemail",
    "forwardings",
    "connections",
)
_UNDER_WAY = {CallStatus.INITIATED, CallStatus.RINGING, CallStatus.ANSWERED}


def event_type(call: LedgerCall) -> str:
    """Return `call.initiated`, `call.ringing`, `call.answered`, or `call.ended` for every end."""
    return f"call.{call.status}" if call.status in _UNDER_WAY else "call.ended"


def event_id(call: LedgerCall) -> str:
    """Return the id of the event: the same at every delivery of the same status."""
    return f"evt_{uuid5(NAMESPACE_URL, f'{call.call_id}:{event_type(call)}').hex}"


def event_body(call: LedgerCall, *, transcript_of: TranscriptOf, base_url: str) -> bytes:
    """Return the whole body as it is signed and sent; `base_url` is where the sandbox is."""
    told = call_json(call)
    transcript_url = f"{base_url}{TRANSCRIPTS_PATH.format(call_id=call.call_id)}"
    turns = transcript_of(call.call_id) if event_type(call) == "call.ended" else None
    envelope = {
        "id": event_id(call),
        "event_type": event_type(call),
        "timestamp": _moment(call.updated_at),
        "data": {
            "call": {
                **{key: told[key] for key in _CALL_KEYS},
                "duration_seconds": _duration_seconds(call),
            },
            "contacts": [],
            "agent_identities": [],
            "transcript": None if turns is None else _transcript(turns, url=transcript_url),
            "transcript_url": transcript_url,
            "outcome": None,  # only calls of Inkbox's own voice agent have one
            "post_call_action_items": [],
        },
    }
    return json.dumps(envelope, ensure_ascii=False).encode()


def _transcript(turns: Sequence[dict[str, Any]], *, url: str) -> dict[str, Any]:
    if len(turns) <= TURNS_MAX:
        return {"entries": [*turns], "abridged": False, "url": url}
    half = TURNS_MAX // 2
    left_out = turns[half:-half]
    gap = {
        "marker": "abridged",
        "omitted_turns": len(left_out),
        "omitted_ms": turns[-half]["ts_ms"] - left_out[0]["ts_ms"],
    }
    return {"entries": [*turns[:half], gap, *turns[-half:]], "abridged": True, "url": url}


def _duration_seconds(call: LedgerCall) -> int | None:
    return None if call.ended_at is None else round(call.talk.total_seconds())


def _moment(moment: datetime) -> str:
    return f"{moment.replace(tzinfo=None).isoformat()}Z"
