"""What judges whole campaigns by the ledger, against sums that a reader can do by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.ledger_oracle import over_budget

BEGAN = datetime(2026, 11, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Call:
    """A call that is answered at once, and never ends where `ended_at` is None."""

    created_at: datetime
    ended_at: datetime | None

    @property
    def started_at(self):
        """When it was answered."""
        return self.created_at


def test_the_minutes_of_a_call_that_goes_on_for_days_are_counted_to_its_end():
    """The open call fills the budget of its third day alone; one minute more is too much."""
    endless = Call(BEGAN, None)
    short = Call(BEGAN + 3 * DAY, BEGAN + 3 * DAY + timedelta(minutes=1))

    told = list(over_budget([endless, short], calls_limit=9, minutes_limit=24 * 60))
    only_short = list(over_budget([short], calls_limit=9, minutes_limit=24 * 60))

    assert only_short == []
    assert any(" 1441.00 minutes " in each for each in told)


def test_calls_a_day_apart_never_share_a_window():
    """A call leaves the sum a day after it was placed, and its minutes a day after each."""
    calls = [Call(BEGAN + each * DAY, BEGAN + each * DAY + HOUR) for each in range(3)]

    assert list(over_budget(calls, calls_limit=1, minutes_limit=60)) == []
    assert list(over_budget(calls, calls_limit=0, minutes_limit=60))
    assert list(over_budget(calls, calls_limit=1, minutes_limit=59))
