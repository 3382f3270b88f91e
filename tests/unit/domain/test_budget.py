"""What is left of calls and minutes, when there is room again, and what a call will need."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkbatch.domain.budget import (
    Drift,
    HeadRoom,
    Ledger,
    Limits,
    Need,
    Release,
    Room,
    Spending,
    Usage,
    drift,
    predicted_minutes,
)

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
LIMITS = Limits(calls=100, minutes=100.0)
NONE = HeadRoom()
MINUTE = Need(minutes=1.0, minutes_max=1.0)


def release(after_minutes, calls=0, minutes=0.0):
    return Release(at=NOW + timedelta(minutes=after_minutes), calls=calls, minutes=minutes)


def spent(calls, minutes, worst=None):
    worst = minutes if worst is None else worst
    return Spending(calls=calls, minutes=minutes, minutes_at_worst=worst)


def ledger(spending, *releases, left=NONE, overrun=0.0):
    return Ledger(
        limits=LIMITS,
        spent=spending,
        left_for_others=left,
        overrun_minutes=overrun,
        releases=releases,
    )


@pytest.mark.parametrize(
    ("head_room", "spending", "calls", "minutes", "at_worst"),
    [
        (NONE, spent(0, 0.0), 100, 100.0, 100.0),
        (NONE, spent(99, 98.5), 1, 1.5, 1.5),
        (NONE, spent(9, 50.0, 77.0), 91, 50.0, 23.0),
        (NONE, spent(100, 100.0), 0, 0.0, 0.0),
        (NONE, spent(130, 250.0), 0, 0.0, 0.0),
        (HeadRoom(calls=5, minutes=10), spent(90, 80), 5, 10.0, 10.0),
        (HeadRoom(calls=200, minutes=200), spent(0, 0), 0, 0.0, 0.0),
    ],
)
def test_room_is_the_limits_less_head_room_and_use(head_room, spending, calls, minutes, at_worst):
    """It is never negative, also when somebody else used more than the limit."""
    expected = Room(calls=calls, minutes=minutes, minutes_at_worst=at_worst)
    assert ledger(spending, left=head_room).room() == expected


@pytest.mark.parametrize(
    ("room", "need", "calls"),
    [
        ((1, 1.0, 1.0), (1.0, 1.0), 1),
        ((1, 0.999, 1.0), (1.0, 1.0), 0),
        ((0, 50.0, 50.0), (1.0, 1.0), 0),
        ((7, 0.0, 0.0), (0.0, 0.0), 7),
        ((9, 0.1 + 0.2, 0.3), (0.3, 0.3), 1),
        ((9, 0.7 - 0.6, 0.1), (0.1, 0.1), 1),
        ((9, 9.0, 9.0), (1.0, 4.0), 2),
        ((9, 3.0, 90.0), (1.0, 4.0), 3),
    ],
)
def test_calls_fit_when_a_call_its_minutes_and_its_maximum_are_left(room, need, calls):
    """The last whole piece may be used, and sums of fractions do not get in the way."""
    left = Room(calls=room[0], minutes=room[1], minutes_at_worst=room[2])
    assert left.calls_of(Need(minutes=need[0], minutes_max=need[1])) == calls


@pytest.mark.parametrize(
    ("used", "releases", "after_minutes"),
    [
        (spent(10, 10), [], 0),
        (spent(10, 10, worst=100), [], 0),
        (spent(100, 10), [release(5, calls=1)], 5),
        (spent(101, 10), [release(5, calls=1), release(6, calls=1)], 6),
        (spent(10, 100), [release(5, minutes=0.4), release(7, minutes=0.6)], 7),
        (spent(100, 100), [release(5, calls=1), release(9, minutes=1)], 9),
        (spent(100, 100), [release(9, minutes=1), release(11, calls=1)], 11),
        (spent(100, 100), [release(5, calls=3)], None),
        (spent(100, 10), [], None),
    ],
)
def test_room_comes_back_with_the_release_that_completes_a_call(used, releases, after_minutes):
    """Calls and minutes come back apart, and it takes both; None when nothing known suffices."""
    found = ledger(used, *releases).next_room_at(MINUTE, now=NOW)
    expected = None if after_minutes is None else NOW + timedelta(minutes=after_minutes)
    assert found == expected


def test_a_head_room_is_kept_when_room_comes_back():
    """What is left for calls made by hand is not counted as room."""
    log = ledger(spent(100, 0), release(5, calls=1), release(8, calls=2), left=HeadRoom(calls=2))
    assert log.next_room_at(MINUTE, now=NOW) == NOW + timedelta(minutes=8)


def test_a_ledger_tells_what_is_free_and_what_comes_back():
    """At the very time of a release it is free, a millisecond before it is not."""
    log = ledger(spent(98, 96), release(3, calls=1), release(10, minutes=6.2))
    at, millisecond = NOW + timedelta(minutes=3), timedelta(milliseconds=1)
    assert [log.room(when).calls for when in (NOW, at - millisecond, at)] == [2, 2, 3]
    assert log.room(NOW + timedelta(minutes=10)).minutes == pytest.approx(10.2)
    assert log.next_release() == release(3, calls=1)
    assert log.next_release(at - millisecond) == release(3, calls=1)
    assert log.next_release(at) == release(10, minutes=6.2)
    assert log.next_release(NOW + timedelta(minutes=10)) is None


def test_an_overrun_widens_the_worst_and_nothing_else():
    """Predicted minutes fit below the limit whatever is allowed beyond it."""
    log = ledger(spent(0, 95.0, 95.0), overrun=7.0)
    assert log.room() == Room(calls=100, minutes=5.0, minutes_at_worst=12.0)


def test_whether_a_call_can_ever_fit_is_known_before_anything_is_used():
    """A head-room may leave less than one call may last."""
    ten = Need(minutes=1.0, minutes_max=10.0)
    assert ledger(spent(100, 100), left=HeadRoom(minutes=90)).could_ever_hold(ten)
    assert not ledger(spent(0, 0), left=HeadRoom(minutes=90.5)).could_ever_hold(ten)
    assert ledger(spent(0, 0), left=HeadRoom(minutes=90.5), overrun=0.5).could_ever_hold(ten)


@pytest.mark.parametrize(
    ("told", "beyond"),
    [((7, 4.0), (0, 0.0)), ((9, 6.5), (0, 0.0)), ((10, 7.0), (1, 0.5)), ((6, 3.0), (-1, -1.0))],
)
def test_drift_is_what_lies_beyond_all_that_calls_in_progress_could_explain(told, beyond):
    """Between what is settled and what is reserved nobody can tell."""
    found = drift(
        Usage(calls=told[0], minutes=told[1]),
        settled=Usage(calls=7, minutes=4.0),
        reserved=Usage(calls=2, minutes=2.5),
    )
    assert found == Drift(calls=beyond[0], minutes=beyond[1])


releases_in_order = st.lists(
    st.builds(
        release,
        st.integers(min_value=1, max_value=1000),
        st.integers(min_value=0, max_value=3),
        st.integers(min_value=0, max_value=8).map(lambda quarters: quarters / 4),
    ),
    max_size=30,
).map(lambda releases: sorted(releases, key=lambda one: one.at))


@given(
    used_calls=st.integers(min_value=100, max_value=120),
    used_minutes=st.integers(min_value=0, max_value=120),
    releases=releases_in_order,
)
def test_the_room_that_comes_back_is_the_first(used_calls, used_minutes, releases):
    """Counting what is in use at each release by hand finds the same time."""

    def fits_at(at):
        back = [one for one in releases if one.at <= at]
        calls = used_calls - sum(one.calls for one in back)
        minutes = used_minutes - sum(one.minutes for one in back)
        return calls <= 99 and minutes <= 99

    found = ledger(spent(used_calls, used_minutes), *releases).next_room_at(MINUTE, now=NOW)
    assert found == next((one.at for one in releases if fits_at(one.at)), None)


@pytest.mark.parametrize(
    ("talked", "expected"),
    [
        ([], 1.5),
        ([9.0] * 19, 1.5),
        ([2.0] * 20, 2.0),
        ([float(n) for n in range(1, 21)], 10.0),
        ([n / 10 for n in range(1, 21)], 1.8),
        ([n / 10 for n in range(1, 22)], 1.9),
        ([n / 100 for n in range(1, 101)], 0.9),
        ([0.0] * 18 + [3.0] * 2, 0.0),
        ([0.0] * 17 + [3.0] * 3, 3.0),
    ],
)
def test_the_prediction_is_the_nearest_rank_p90_once_there_are_twenty(talked, expected):
    """Before that the configured figure stands, and the maximum duration bounds both."""
    found = predicted_minutes(list(reversed(talked)), configured=1.5, minutes_max=10.0)
    assert found == expected


def test_a_configured_prediction_is_bounded_by_the_maximum_too():
    """No call is expected to last longer than it may."""
    assert predicted_minutes([], configured=30.0, minutes_max=10.0) == 10.0


@given(st.lists(st.floats(min_value=0, max_value=60), min_size=20, max_size=60))
def test_nine_calls_in_ten_are_no_longer_than_predicted(talked):
    """The percentile is one of the calls, and at most a tenth of them is longer."""
    found = predicted_minutes(talked, configured=1.0, minutes_max=60.0)
    assert found in talked
    assert sum(minutes > found for minutes in talked) <= len(talked) / 10
