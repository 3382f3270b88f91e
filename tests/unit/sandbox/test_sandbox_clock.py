"""A clock that goes faster than the machine's."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.sandbox import RealClock, RunningClock, SpedUpClock

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Machine:
    """Monotonic seconds that a test moves."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        """Return the seconds."""
        return self.seconds


def test_so_many_seconds_pass_for_each_of_the_machine():
    """At a speed of 600, a minute is ten hours."""
    machine = Machine()
    clock = SpedUpClock(speed=600, start=START, monotonic=machine)
    assert clock.now() == START
    machine.seconds += 60
    assert clock.now() == START + timedelta(hours=10)


def test_a_wait_is_told_in_the_machines_seconds():
    """Whoever waits for a moment sleeps so much shorter."""
    clock = SpedUpClock(speed=600, start=START, monotonic=Machine())
    assert clock.seconds_until(START + timedelta(hours=1)) == 6
    assert clock.seconds_until(START - timedelta(hours=1)) == -6


def test_it_starts_now_unless_told_and_is_utc():
    """An offset of its start is converted."""
    before = datetime.now(UTC)
    assert before <= SpedUpClock(speed=1).now()
    clock = SpedUpClock(
        speed=1, start=datetime.fromisoformat("2026-03-02T04:00-05:00"), monotonic=Machine()
    )
    assert (clock.now(), clock.now().tzinfo) == (START, UTC)


@pytest.mark.parametrize("speed", [0, -1, 1e9, float("nan")])
def test_a_speed_that_cannot_be_is_refused(speed):
    """It must be above 0, and below what a listener could follow."""
    with pytest.raises(ValueError, match="speed"):
        SpedUpClock(speed=speed)


def test_clocks_that_go_by_themselves_are_known_as_such():
    """A moment of them can be waited for; one that a test moves is none."""
    assert isinstance(RealClock(), RunningClock)
    assert isinstance(SpedUpClock(speed=2), RunningClock)

    class Still:
        def now(self):
            return START

    assert not isinstance(Still(), RunningClock)
