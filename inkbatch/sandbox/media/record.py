"""What is known of a media stream, while it goes on and afterwards."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from inkbatch.sandbox.media.transcript import Entry


class StreamState(StrEnum):
    """How far a stream has come."""

    CONNECTING = "connecting"
    TALKING = "talking"
    ENDED = "ended"
    DROPPED = "dropped"  # by the agent; the call goes on
    UNREACHABLE = "unreachable"
    SKIPPED = "skipped"  # an agent that wants audio, which needs time, where time is skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRecord:
    """What is known of a stream: its state and why, what was said, and what went wrong on it.

    Counted are frames of the callee's voice that were sent, those the agent missed by not
    reading, and messages of the agent that meant nothing or could not be taken.
    """

    state: StreamState
    why: str | None
    entries: tuple[Entry, ...]
    frames_sent: int
    frames_missed: int
    messages_ignored: int

    def json(self) -> dict[str, Any]:
        """Return the record as the sandbox's own endpoint tells it."""
        return {
            "stream": self.state,
            "why": self.why,
            "entries": [entry.json() for entry in self.entries],
            "frames_sent": self.frames_sent,
            "frames_missed": self.frames_missed,
            "messages_ignored": self.messages_ignored,
        }
