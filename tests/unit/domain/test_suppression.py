"""How long a number may not be called."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inkbatch.domain.suppression import Suppression, lasting

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MOMENTS = st.integers(-5, 5).map(lambda hours: NOW + timedelta(hours=hours))
ENDS = st.none() | MOMENTS


def until(expires_at):
    return Suppression(
        number="+14155550132", reason="", source="", added_at=NOW, expires_at=expires_at
    )


def test_a_suppression_holds_up_to_its_end_and_not_at_it():
    """The end is the first moment at which the number may be called again."""
    entry = until(NOW)
    assert entry.holds_at(NOW - timedelta(microseconds=1))
    assert not entry.holds_at(NOW)
    assert until(None).holds_at(NOW + timedelta(days=36_500))


@given(first=ENDS, second=ENDS, now=MOMENTS)
def test_what_outlasts_another_holds_whenever_the_other_does(first, second, now):
    """Keeping the one that outlasts the other never lets a call through that either forbids."""
    one, other = until(first), until(second)
    kept = other if other.outlasts(one.expires_at) else one
    assert kept.holds_at(now) == (one.holds_at(now) or other.holds_at(now))
    assert not (one.outlasts(second) and other.outlasts(first))


@given(ends=st.lists(ENDS), now=MOMENTS)
def test_the_lasting_one_holds_whenever_any_does(ends, now):
    """What is told of a person with several numbers is what keeps them from being called."""
    found = lasting(map(until, ends), until=lambda each: each.expires_at)
    holds = found is not None and found.holds_at(now)
    assert holds == any(until(end).holds_at(now) for end in ends)
