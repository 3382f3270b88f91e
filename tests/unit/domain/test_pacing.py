"""How many more calls may be placed now, and when the next slot comes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkbatch.domain.pacing import PACING_PERIOD, Pacing

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at_once", "a_minute", "in_call", "dialed", "slots"),
    [
        (10, None, 0, 500, 10),
        (10, None, 10, 0, 0),
        (10, None, 14, 0, 0),
        (10, 6, 0, 0, 6),
        (10, 6, 0, 6, 0),
        (10, 6, 0, 9, 0),
        (10, 6, 7, 1, 3),
        (10, 6, 3, 4, 2),
    ],
)
def test_slots_keep_both_limits(at_once, a_minute, in_call, dialed, slots):
    """Calls at once and calls per minute bind together, and are never negative."""
    pacing = Pacing(calls_at_once=at_once, calls_per_minute=a_minute)
    assert pacing.slots(in_call=in_call, dialed_last_minute=dialed) == slots


@pytest.mark.parametrize("limits", [(0, None), (-1, 5), (1, 0), (1, -3)])
def test_a_pacing_that_never_dials_cannot_be_built(limits):
    """A campaign is paused by pausing it, not by a limit of none."""
    with pytest.raises(ValueError, match="at least one"):
        Pacing(calls_at_once=limits[0], calls_per_minute=limits[1])


@given(
    a_minute=st.integers(min_value=1, max_value=5),
    ages=st.lists(st.floats(min_value=0, max_value=59.9), max_size=12),
)
def test_the_next_slot_is_the_first_time_at_which_the_minute_has_room(a_minute, ages):
    """Counting the dials of the last minute by hand agrees, at that instant and right before."""
    pacing = Pacing(calls_at_once=99, calls_per_minute=a_minute)
    dialed = [NOW - timedelta(seconds=age) for age in ages]

    def slots_at(at):
        last_minute = sum(at - PACING_PERIOD < one <= at for one in dialed)
        return pacing.slots(in_call=0, dialed_last_minute=last_minute)

    found = pacing.next_slot_at(dialed)
    if found is None:
        assert slots_at(NOW) > 0
    else:
        assert slots_at(NOW) == 0
        assert slots_at(found) > 0
        assert slots_at(found - timedelta(microseconds=1)) == 0


def test_without_a_limit_per_minute_there_is_always_a_slot():
    """Only the calls at once bind then."""
    pacing = Pacing(calls_at_once=1, calls_per_minute=None)
    assert pacing.next_slot_at([NOW] * 100) is None
