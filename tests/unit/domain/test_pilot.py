"""The pilot: how many calls it leaves, and what its calls say of the rest of the list."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkbatch.domain.budget import Limits
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.pilot import (
    CallsMade,
    Pilot,
    PilotLeft,
    PilotOver,
    PilotWaits,
    mean_with_bounds,
    pilot_figures,
    pilot_stands,
)

LIMITS = Limits(calls=100, minutes=100.0)
ANSWERED, NO_ANSWER = (Disposition.ANSWERED, 2.0), (Disposition.NO_ANSWER, 0.0)


def stands(in_progress, ended, *, calls=20):
    return pilot_stands(Pilot(calls=calls), CallsMade(in_progress=in_progress, ended=ended))


def figures(*calls, tries_left=None):
    return pilot_figures(
        calls, tries_left={1: 1000} if tries_left is None else tries_left, limits=LIMITS
    )


@pytest.mark.parametrize(
    ("in_progress", "ended", "expected"),
    [
        (0, 0, PilotLeft(20)),
        (5, 14, PilotLeft(1)),
        (6, 14, PilotWaits(6)),
        (1, 19, PilotWaits(1)),
        (0, 20, PilotOver()),
        (3, 20, PilotOver()),
    ],
)
def test_a_call_counts_from_its_intent_and_the_pilot_ends_with_its_calls(
    in_progress, ended, expected
):
    """Calls in progress leave no room for others, and the pilot is over when all have ended."""
    assert stands(in_progress, ended) == expected


@given(st.integers(1, 50), st.lists(st.booleans(), max_size=200))
def test_whatever_the_order_of_dials_and_ends_no_more_calls_are_made(calls, steps):
    """Filling each room that the pilot leaves never makes more calls than it has."""
    in_progress = ended = 0
    for ends in steps:
        where = stands(in_progress, ended, calls=calls)
        if ends and in_progress:
            in_progress, ended = in_progress - 1, ended + 1
        elif isinstance(where, PilotLeft):
            in_progress += where.calls
        assert in_progress + ended <= calls


def test_the_answer_rate_is_a_share_of_what_rang():
    """A call that failed says nothing of whether people pick up."""
    failed = (Disposition.FAILED, 0.0)
    rate = figures(ANSWERED, ANSWERED, NO_ANSWER, failed).answer_rate
    assert (rate.hits, rate.cases) == (2, 3)


def test_figures_of_certainty_have_no_width():
    """Calls that all last the same leave nothing open about the minutes of the next."""
    minutes = figures(*[ANSWERED] * 20).minutes
    assert (minutes.value, minutes.low, minutes.high) == (2.0, 2.0, 2.0)


def test_the_mean_lies_between_its_bounds_and_more_calls_bring_them_together():
    """Twenty calls say little, five hundred say it again and closer."""
    random = Random(3)
    talks = [random.choice((0.0, 0.0, random.expovariate(1))) for _ in range(500)]
    few, many = mean_with_bounds(talks[:20]), mean_with_bounds(talks)
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low
    assert mean_with_bounds(talks) == many


def test_the_interval_of_minutes_mostly_holds_the_truth():
    """Of many pilots of 20 skewed calls about nine in ten intervals hold the true mean of 0.5."""
    random, held = Random(11), 0
    for _ in range(150):
        talks = [random.expovariate(1) if random.random() < 0.5 else 0.0 for _ in range(20)]
        bounds = mean_with_bounds(talks)
        held += bounds.low <= 0.5 <= bounds.high
    assert 120 <= held <= 148


def test_nights_reach_from_the_best_to_the_worst_within_the_bounds():
    """A thousand people with one try each are at least ten budgets of 100 calls, or of minutes."""
    assert figures(*[NO_ANSWER] * 20).nights == (10, 10)
    best, worst = figures(*[ANSWERED] * 10, *[NO_ANSWER] * 10).nights
    assert (best, worst) == (10, 14)


def test_more_tries_take_the_longer_the_fewer_answer():
    """With several tries the lower bound of the answer rate is the longer campaign."""
    few, many = (
        figures(*[ANSWERED] * count, *[NO_ANSWER] * (20 - count), tries_left={4: 500}).nights
        for count in (4, 16)
    )
    assert few[1] > many[0]


def test_nothing_rang_means_no_figure_for_the_rest():
    """A pilot of failed calls says so, and guesses no nights."""
    told = figures((Disposition.FAILED, 0.0))
    assert told.nights is None
    assert str(told) == "1 calls ended; 0.0 minutes a call (0.0 to 0.0)"


def test_the_sentence_has_every_figure_with_its_bounds():
    """What a person reads before saying go on."""
    told = str(figures(*[ANSWERED] * 12, *[NO_ANSWER] * 8))
    assert "12 of 20 that rang were answered (39% to 78%)" in told
    assert "1.2 minutes a call (" in told
    assert "the rest of the list takes" in told


def test_a_pilot_without_a_call_is_none():
    """Zero calls would pause before anything is known."""
    with pytest.raises(ValueError, match="at least one call"):
        Pilot(calls=0)
