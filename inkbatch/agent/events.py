"""What happens on a call, as frozen values, and how each is read from Inkbox's frames."""

import binascii
import json
from base64 import b64decode
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The media stream is ready: what is said from now on is heard."""

    stream_id: str | None = None
    call_control_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The callee said something. A text that is not final is a guess that the next one replaces."""

    text: str
    is_final: bool = True
    turn_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """The callee began to speak over the agent; what the agent was saying has been stopped."""

    text: str | None = None
    trigger: str | None = None
    tts_interrupted: bool | None = None
    turn_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioReceived:
    """Sound from the callee: G.711 mu-law, 8,000 bytes a second, usually 160 at once."""

    pcmu: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The talk is over; the last event of a call.

    `reason` is what Inkbox said, or one of ours: `agent_hang_up`, `disconnected` (the socket
    broke; the phone call may go on without the agent), `too_long`, `handler_too_slow`.
    """

    reason: str | None = None


Event = Started | Heard | Interrupted | AudioReceived | Stopped


def read_event(frame: str) -> Event | None:
    """Return the event of one text frame, None for kinds that nothing here knows.

    Raises ValueError for a frame that is no JSON object or whose parts are of the wrong type.
    Further keys are ignored.
    """
    try:
        told = json.loads(frame)
    except RecursionError as error:
        raise ValueError("a frame is nested too deeply") from error
    if not isinstance(told, dict):
        raise ValueError("a frame is no JSON object")  # noqa: TRY004 (bad input, not a bug)
    match told.get("event"):
        case "media":
            return AudioReceived(pcmu=_payload(told))
        case "transcript":
            return _heard(told)
        case "barge_in":
            return _interrupted(told)
        case "start":
            return _started(told)
        case "stop":
            return Stopped(reason=_text(told, "reason"))
    return None


def _payload(told: dict[str, Any]) -> bytes:
    media = told.get("media")
    payload = media.get("payload") if isinstance(media, dict) else None
    if not isinstance(payload, str):
        raise ValueError("media without a payload")  # noqa: TRY004 (bad input, not a bug)
    try:
        return b64decode(payload, validate=True)
    except binascii.Error as error:
        raise ValueError("media that is not base64") from error


def _heard(told: dict[str, Any]) -> Heard:
    text = told.get("text")
    if not isinstance(text, str):
        raise ValueError("transcript without a text")  # noqa: TRY004 (bad input, not a bug)
    return Heard(text=text, is_final=told.get("is_final") is True, turn_id=_text(told, "turn_id"))


def _interrupted(told: dict[str, Any]) -> Interrupted:
    flag = told.get("tts_interrupted")
    return Interrupted(
        text=_text(told, "text"),
        trigger=_text(told, "trigger"),
        tts_interrupted=flag if isinstance(flag, bool) else None,
        turn_id=_text(told, "turn_id"),
    )


def _started(told: dict[str, Any]) -> Started:
    start = told.get("start")
    inner = start if isinstance(start, dict) else {}
    return Started(
        stream_id=_text(told, "stream_id"), call_control_id=_text(inner, "call_control_id")
    )


def _text(told: dict[str, Any], key: str) -> str | None:
    value = told.get(key)
    return None if value is None else str(value)
