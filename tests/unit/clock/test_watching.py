"""Waiting for a time, or for something to happen before it."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.adapters.clock import RealClock, VirtualClock

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
EVERY = timedelta(milliseconds=1)


class After:
    """Says so from the nth time on that it is asked."""

    def __init__(self, times):
        self.times = times
        self.asked = 0

    def __call__(self):
        """Count, and answer."""
        self.asked += 1
        return self.asked >= self.times


async def test_the_real_clock_asks_again_and_again_until_it_happens():
    """It returns at the third asking, though the time it waits for is years away."""
    happened = After(3)
    await RealClock().watch_until(
        datetime.now(UTC) + timedelta(days=1000), happened=happened, every=EVERY
    )
    assert happened.asked == 3


async def test_the_real_clock_returns_at_the_time_if_nothing_happens():
    """The time comes, whatever is asked."""
    clock = RealClock()
    until = clock.now() + 5 * EVERY
    await clock.watch_until(until, happened=lambda: False, every=EVERY)
    assert clock.now() >= until


@pytest.mark.parametrize(("times", "moved"), [(1, timedelta()), (2, timedelta(hours=1))])
async def test_the_virtual_clock_asks_once_and_jumps(times, moved):
    """Nothing happens while it stands still, so a night costs one question."""
    clock, happened = VirtualClock(START), After(times)
    await clock.watch_until(START + timedelta(hours=1), happened=happened, every=EVERY)
    assert (clock.now() - START, happened.asked) == (moved, 1)
