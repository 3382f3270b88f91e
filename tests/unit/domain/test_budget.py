"""What is left of calls and minutes, when there is room again, and what a call will need."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkbatch.domain.budget import (
    HeadRoom,
    Limits,
    Release,
    Room,
    Usage,
    next_room_at,
    predicted_minutes,
    room,
)

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
LIMITS = Limits(calls=100, minutes=100.0)
NONE = HeadRoom()


def release(after_minutes, calls=0, minutes=0.0):
    return Release(at=NOW + timedelta(minutes=after_minutes), calls=calls, minutes=minutes)


@pytest.mark.parametrize(
    ("head_room", "usage", "expected"),
    [
        (NONE, Usage(calls=0, minutes=0.0), Room(calls=100, minutes=100.0)),
        (NONE, Usage(calls=99, minutes=98.5), Room(calls=1, minutes=1.5)),
        (NONE, Usage(calls=100, minutes=100.0), Room(calls=0, minutes=0.0)),
        (NONE, Usage(calls=130, minutes=250.0), Room(calls=0, minutes=0.0)),
        (HeadRoom(calls=5, minutes=10), Usage(calls=90, minutes=80), Room(calls=5, minutes=10.0)),
        (HeadRoom(calls=200, minutes=200), Usage(calls=0, minutes=0), Room(calls=0, minutes=0.0)),
    ],
)
def test_room_is_the_limits_less_head_room_and_use(head_room, usage, expected):
    """It is never negative, also when somebody else used more than the limit."""
    assert room(LIMITS, head_room, usage) == expected


@pytest.mark.parametrize(
    ("calls", "left", "minutes", "fits"),
    [
        (1, 1.0, 1.0, True),
        (1, 0.999, 1.0, False),
        (0, 50.0, 1.0, False),
        (1, 0.0, 0.0, True),
        (1, 0.1 + 0.2, 0.3, True),
        (1, 0.7 - 0.6, 0.1, True),
    ],
)
def test_a_call_fits_when_both_a_call_and_its_minutes_are_left(calls, left, minutes, fits):
    """The last whole piece may be used, and sums of fractions do not get in the way."""
    assert Room(calls=calls, minutes=left).fits(minutes=minutes) is fits


@pytest.mark.parametrize(
    ("usage", "releases", "minutes", "after_minutes"),
    [
        (Usage(calls=100, minutes=10), [release(5, calls=1)], 1.0, 5),
        (Usage(calls=101, minutes=10), [release(5, calls=1), release(6, calls=1)], 1.0, 6),
        (Usage(calls=10, minutes=100), [release(5, minutes=0.4), release(7, minutes=0.6)], 1.0, 7),
        (Usage(calls=100, minutes=100), [release(5, calls=1), release(9, minutes=1)], 1.0, 9),
        (Usage(calls=100, minutes=100), [release(9, minutes=1), release(11, calls=1)], 1.0, 11),
        (Usage(calls=100, minutes=100), [release(5, calls=3)], 1.0, None),
        (Usage(calls=100, minutes=10), [], 1.0, None),
    ],
)
def test_room_comes_back_with_the_release_that_completes_a_call(
    usage, releases, minutes, after_minutes
):
    """Calls and minutes come back apart, and it takes both; None when nothing known suffices."""
    found = next_room_at(LIMITS, NONE, usage, releases=releases, minutes=minutes)
    expected = None if after_minutes is None else NOW + timedelta(minutes=after_minutes)
    assert found == expected


def test_a_head_room_is_kept_when_room_comes_back():
    """What is left for calls made by hand is not counted as room."""
    releases = [release(5, calls=1), release(8, calls=2)]
    found = next_room_at(
        LIMITS, HeadRoom(calls=2), Usage(calls=100, minutes=0), releases=releases, minutes=1.0
    )
    assert found == NOW + timedelta(minutes=8)


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

    found = next_room_at(
        LIMITS,
        NONE,
        Usage(calls=used_calls, minutes=used_minutes),
        releases=releases,
        minutes=1.0,
    )
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
