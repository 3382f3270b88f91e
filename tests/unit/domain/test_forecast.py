"""The forecast is sane: nothing left takes no time, and more work never takes less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkbatch.domain.budget import Limits
from inkbatch.domain.forecast import forecast

LIMITS = Limits(calls=100, minutes=100.0)
work = st.dictionaries(
    st.integers(min_value=1, max_value=6), st.integers(min_value=0, max_value=5000), max_size=6
)
history = st.integers(min_value=0, max_value=500).flatmap(
    lambda ended: st.tuples(st.just(ended), st.integers(min_value=0, max_value=ended))
)


def projected(tries_left, *, ended=0, reached=0, minutes=1.0, limits=LIMITS):
    return forecast(
        tries_left=tries_left,
        attempts_ended=ended,
        reached=reached,
        minutes_a_call=minutes,
        limits=limits,
    )


def test_nothing_left_is_done_today():
    """A finished campaign needs no more days."""
    done = projected({})
    assert (done.attempts_left, done.minutes_left, done.days_left) == (0, 0, 0)


def test_one_try_each_is_one_attempt_each():
    """With a single try left there is nothing to estimate."""
    assert projected({1: 250}).attempts_left == pytest.approx(250)
    assert projected({1: 250}).days_left == 3


@pytest.mark.parametrize(("minutes", "binding", "days"), [(0.5, "calls", 2), (2.0, "minutes", 4)])
def test_the_scarcer_limit_binds_and_is_named(minutes, binding, days):
    """Long calls use up the minutes first, short ones the calls."""
    found = projected({1: 200}, minutes=minutes)
    assert (found.binding_limit, found.days_left) == (binding, days)


def test_a_limit_of_nothing_does_not_divide_by_zero():
    """An organisation without calls is forecast far away, not with a crash."""
    assert projected({1: 10}, limits=Limits(calls=0, minutes=0.0)).days_left >= 10


@given(tries_left=work, seen=history, more=st.integers(min_value=1, max_value=500))
def test_more_contacts_never_take_fewer_attempts_or_days(tries_left, seen, more):
    """Adding people to a list never brings its end nearer."""
    ended, reached = seen
    before = projected(tries_left, ended=ended, reached=reached)
    longer = {**tries_left, 3: tries_left.get(3, 0) + more}
    after = projected(longer, ended=ended, reached=reached)
    assert after.attempts_left > before.attempts_left
    assert after.days_left >= before.days_left


@given(tries_left=work, seen=history)
def test_attempts_stay_between_one_and_all_tries(tries_left, seen):
    """Each contact takes at least one try and at most those it has."""
    ended, reached = seen
    found = projected(tries_left, ended=ended, reached=reached).attempts_left
    contacts = sum(tries_left.values())
    tries = sum(tries * contacts for tries, contacts in tries_left.items())
    assert contacts - 1e-6 <= found <= tries + 1e-6


@given(tries_left=work, ended=st.integers(min_value=10, max_value=500))
def test_better_odds_and_wider_limits_never_take_longer(tries_left, ended):
    """A campaign that reaches more people is done sooner, as is one with more budget."""
    poor, good = (projected(tries_left, ended=ended, reached=n) for n in (1, ended))
    assert good.attempts_left <= poor.attempts_left + 1e-6
    wide = projected(tries_left, ended=ended, reached=1, limits=Limits(calls=200, minutes=200.0))
    assert wide.days_left <= poor.days_left
