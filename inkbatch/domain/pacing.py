"""How many calls at once and per minute, and how many shifts place them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

PACING_PERIOD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """Limits of one campaign, for all its shifts together.

    None in `calls_per_minute` means as fast as calls come free.
    """

    calls_at_once: int
    calls_per_minute: int | None
    shifts_at_once: int = 1

    def __post_init__(self) -> None:
        if self.shifts_at_once < 1:
            raise ValueError("a campaign is dialed by at least one shift")
        if self.calls_at_once < 1 or (
            self.calls_per_minute is not None and self.calls_per_minute < 1
        ):
            raise ValueError("a pacing lets at least one call through")

    def slots(self, *, in_call: int, dialed_last_minute: int) -> int:
        """Return how many more calls may be placed now."""
        at_once = self.calls_at_once - in_call
        if self.calls_per_minute is None:
            return max(at_once, 0)
        return max(min(at_once, self.calls_per_minute - dialed_last_minute), 0)

    def next_slot_at(self, dialed_last_minute: Sequence[datetime]) -> datetime | None:
        """Return when the calls per minute next leave a slot; None if they leave one now."""
        if self.calls_per_minute is None or len(dialed_last_minute) < self.calls_per_minute:
            return None
        return sorted(dialed_last_minute)[-self.calls_per_minute] + PACING_PERIOD
