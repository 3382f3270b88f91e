"""What the exchange asks of the carrier behind it: what becomes of a dial."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from inkbatch.sandbox.call import Life
from inkbatch.sandbox.media.dialogue import Dialogue
from inkbatch.sandbox.script import Outcome

REFUSED_BY_CARRIER = frozenset({Outcome.DIAL_FAILED, Outcome.DIAL_FAILED_KEPT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of one call; `is_kept` is False where Inkbox has no record of it.

    `talked_life` is what the call has room for if its agent really talks, None where that changes
    nothing. What the callee says then is its `dialogue`, if it has one of its own.
    """

    outcome: Outcome
    life: Life
    talked_life: Life | None = None
    dialogue: Dialogue | None = None

    @property
    def is_dialed(self) -> bool:
        """Whether the carrier took the call at all; else place-call is answered with a 502."""
        return self.outcome not in REFUSED_BY_CARRIER

    @property
    def is_kept(self) -> bool:
        """Whether the call is on the call list."""
        return self.outcome is not Outcome.DIAL_FAILED


class Carrier(Protocol):
    """Dials. The simulated one is a `Population`; a test may bring another."""

    def fate(self, to_number: str, *, nth: int, at: datetime) -> Fate:
        """Return what becomes of the nth call (from 1) to a number, dialed at a moment."""
