"""The agent's voice on its way to the callee's ear: what was sent, and how much of it was heard.

Moments are seconds since the answer. Nothing here waits or ticks: whatever is queued begins when
what was queued before it has been heard, and the rest is arithmetic.
"""

from dataclasses import dataclass
from typing import Protocol

QUEUE_SECONDS_MAX = 300
"""What an agent sends further ahead of its own voice is dropped."""
TURN_LENGTH_MAX = 20_000
"""Characters of one turn; what an agent sends beyond that without an end is dropped."""
TURN_GAP_SECONDS = 0.8
"""After so long a pause an agent that tells no end of its audio is taken to have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What the callee heard of one turn of the agent, and when."""

    text: str
    starts_at: float
    ends_at: float


class Playout(Protocol):
    """The agent's voice, whoever makes it."""

    @property
    def ends_at(self) -> float:
        """When everything that is queued will have been heard, or was."""

    @property
    def is_open(self) -> bool:
        """Whether the agent has begun a turn and not told its end."""

    def heard(self, now: float) -> str:
        """Return the words of the present turn that were heard by now."""

    def next_moment(self, now: float) -> float | None:
        """Return when the present turn ends, None if there is none or its end is not known."""

    def next_word(self, now: float) -> float | None:
        """Return when the callee will have heard one word more, None where words are unknown."""

    def take_finished(self, now: float) -> Turn | None:
        """Return the first turn that has been heard to its end, and forget it."""

    def clear(self, now: float) -> Turn | None:
        """Drop all that was not heard yet; return the turn that was cut short, if one was."""

    def done(self) -> None:
        """Take the end of a turn."""

    def finish(self, now: float) -> float:
        """Drop what is no complete turn, and return when the last complete one will be heard."""
