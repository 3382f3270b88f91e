"""What calls so far say of the next ones."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkbatch.domain.answer_odds import AnswerOdds, Cell, Tally, cell_of, tally_of
from inkbatch.domain.disposition import Disposition

NOON, EVENING = Cell(1, 0, 12), Cell(1, 0, 18)
TALLIES = st.dictionaries(
    st.builds(Cell, st.integers(1, 4), st.integers(0, 6), st.integers(0, 23)),
    st.integers(0, 300).flatmap(
        lambda calls: st.builds(
            Tally,
            st.just(calls),
            st.integers(0, calls),
            st.just(0),
            st.floats(0, 5).map(lambda each: each * calls),
        )
    ),
    max_size=12,
)


def test_before_any_call_hours_are_alike_and_a_further_try_reaches_somewhat_less():
    """The stated prior: three in ten, nine tenths of that at the second try."""
    odds = AnswerOdds(tallies={})
    assert odds.odds(NOON) == odds.odds(EVENING) == pytest.approx(0.3)
    assert odds.odds(NOON._replace(ordinal=2)) == pytest.approx(0.27)


def test_a_better_hour_is_learned_and_helps_that_hour_of_other_days():
    """A weekday that was never tried borrows from the hour."""
    odds = AnswerOdds(tallies={NOON: Tally(200, 20), EVENING: Tally(200, 120)})
    assert odds.odds(NOON) == pytest.approx(0.1, abs=0.03)
    assert odds.odds(EVENING) == pytest.approx(0.6, abs=0.03)
    assert odds.odds(EVENING._replace(weekday=3)) > 2 * odds.odds(NOON._replace(weekday=3))


def test_one_lucky_call_decides_nothing():
    """A cell with few calls stays near what is expected of it."""
    odds = AnswerOdds(tallies={NOON: Tally(100, 30), EVENING: Tally(1, 1)})
    assert odds.odds(NOON) < odds.odds(EVENING) < 0.4


def test_minutes_are_learned_by_hour():
    """An hour at which nobody answers costs fewer minutes, with which the value counts."""
    odds = AnswerOdds(tallies={NOON: Tally(100, 5, 0, 10.0), EVENING: Tally(100, 60, 0, 120.0)})
    assert odds.minutes(NOON) < 0.3
    assert odds.minutes(EVENING) > 1.0


def test_voicemail_counts_where_the_campaign_counts_it_as_reached():
    """What is odds of being reached depends on what the campaign wants."""
    told = {NOON: Tally(100, 10, 80)}
    both = frozenset({Disposition.ANSWERED, Disposition.VOICEMAIL})
    assert AnswerOdds(tallies=told, reached=both).odds(NOON) > 0.8
    assert AnswerOdds(tallies=told).odds(NOON) < 0.15


@given(told=TALLIES, cell=st.builds(Cell, st.integers(1, 9), st.integers(0, 6), st.integers(0, 23)))
def test_odds_and_minutes_are_always_figures_that_can_be_divided(told, cell):
    """Whatever was counted: odds between 0 and 1, minutes above 0."""
    odds = AnswerOdds(tallies=told)
    assert 0 < odds.odds(cell) < 1
    assert odds.minutes(cell) > 0


@given(told=TALLIES, more=st.integers(1, 50))
def test_more_answers_at_an_hour_never_make_it_look_worse(told, more):
    """Odds rise with what was reached there."""
    better = {**told, NOON: told.get(NOON, Tally()) + Tally(more, more)}
    assert AnswerOdds(tallies=better).odds(NOON) >= AnswerOdds(tallies=told).odds(NOON)


@pytest.mark.parametrize(
    ("at", "zones", "cell"),
    [
        (datetime(2026, 11, 2, 15, 30, tzinfo=UTC), ("America/New_York",), Cell(2, 0, 10)),
        (datetime(2026, 11, 2, 3, 0, tzinfo=UTC), ("Pacific/Honolulu", "UTC"), Cell(2, 6, 17)),
        (datetime(2026, 11, 2, 3, 0, tzinfo=UTC), (), Cell(2, 0, 3)),
    ],
)
def test_a_cell_is_told_by_the_contacts_own_clock(at, zones, cell):
    """The first candidate zone tells weekday and hour."""
    assert cell_of(2, at=at, zones=zones) == cell


def test_a_refused_request_says_nothing_of_an_hour():
    """Only calls that used the budget are counted."""
    assert tally_of(Disposition.BLOCKED, 0.0) == Tally()
    assert tally_of(Disposition.VOICEMAIL, 0.5) == Tally(1, 0, 1, 0.5)
