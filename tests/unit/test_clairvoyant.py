"""What the benchmark of the budget is judged by, against sums that a reader can do by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.benchmarks.clairvoyant import DAY, Hours, most_calls, most_minutes, upper_bound

MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Talk:
    """A call that is answered at once."""

    created_at: datetime
    minutes: float = 10

    @property
    def started_at(self):
        """When it was answered."""
        return self.created_at

    @property
    def ended_at(self):
        """When it ended."""
        return self.created_at + self.minutes * MINUTE


def at(hours):
    """Return a call that many hours after midnight."""
    return Talk(MIDNIGHT + timedelta(hours=hours))


def test_a_call_leaves_after_exactly_24_hours():
    """The next may be placed at that instant, and not a millisecond before."""
    assert most_calls([at(0), at(24)]) == 1
    early = Talk(MIDNIGHT + DAY - timedelta(milliseconds=1))
    assert most_calls([at(0), early]) == 2


def test_minutes_leave_one_by_one():
    """Talk counts where it falls inside the window, so what leaves makes room as it leaves."""
    assert most_minutes([at(0), at(1), at(24), at(25)]) == 20
    earlier = Talk(MIDNIGHT + DAY - 4 * MINUTE)
    assert most_minutes([at(0), earlier]) == 14


def test_a_bound_is_the_limit_once_for_each_24_hours_that_are_open():
    """Less what others used in them; hours of several zones are joined."""
    hours = Hours(spans=("09:00-12:00",), zones=("America/Chicago", "America/New_York"))
    open_time = hours.open_time(MIDNIGHT, MIDNIGHT + 3 * DAY)
    assert [(shuts - opens) / MINUTE for opens, shuts in open_time] == [240, 240, 240]
    bound = upper_bound(open_time, [at(15), at(39.5)], calls_limit=10, minutes_limit=100)
    assert (bound.calls, bound.minutes, bound.slices) == (28, 280, 3)
