"""Time, as the dialer sees it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The only source of `now`; real, or virtual for demo, forecast and tests."""

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, whoever sets the time; for deadlines."""
        ...

    async def sleep_until(self, when: datetime) -> None:
        """Return at `when`, or at once if that has passed."""
        ...

    async def watch_until(
        self, when: datetime, *, happened: Callable[[], bool], every: timedelta
    ) -> None:
        """Return at `when`, or before as soon as `happened` says so, which is asked so often."""
        ...
