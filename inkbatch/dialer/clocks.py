"""Somebody sets this machine's time while it dials: the server's is asked for before the next call.

Every answer tells the server's time, and `choose` dials nobody while the two are far apart. That
is of no use for a time that was set, by hand or by a time server, since the last answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from inkbatch.ports import Clock


@dataclass(slots=True)
class ClockWatch:
    """Notices when the time moves otherwise than the seconds go by.

    `zero` is the time at which the clock's monotonic seconds began: it moves with a time that is
    set. None: nothing is known yet.
    """

    zero: datetime | None = None

    def set_by(self, clock: Clock) -> timedelta:
        """Return how far the time was set forward since it was last trusted."""
        zero = _zero(clock)
        return timedelta() if self.zero is None else zero - self.zero

    def trust(self, clock: Clock) -> None:
        """Take the time for right from here on, or for as wrong as the last answer says."""
        self.zero = _zero(clock)


def _zero(clock: Clock) -> datetime:
    return clock.now() - timedelta(seconds=clock.monotonic())
