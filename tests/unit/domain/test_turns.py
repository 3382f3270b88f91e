"""Who is next: the order against brute force, and that nobody starves."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkbatch.domain.answer_odds import AnswerOdds, Tally, cell_of
from inkbatch.domain.budget import Limits
from inkbatch.domain.call_back import boosted
from inkbatch.domain.turns import (
    FAIR_EVERY,
    LAST_CALL,
    ContactGroup,
    Place,
    Urgency,
    by_waiting,
    rungs,
    take_turns,
    urgency,
    worth,
)

NOW = datetime(2026, 11, 2, 22, 0, tzinfo=UTC)
EAST, WEST = ("America/New_York",), ("America/Los_Angeles",)
GROUPS = st.builds(
    ContactGroup,
    zones=st.sampled_from([EAST, WEST]),
    priority=st.integers(0, 2),
    tries_used=st.integers(0, 3),
    first_at=st.just(NOW),
)
URGENCIES = st.sampled_from([Urgency.CALL_BACK, Urgency.CLOSING, Urgency.USUAL])


@given(
    told=st.dictionaries(
        GROUPS, st.tuples(URGENCIES, st.sampled_from([0.1, 0.2, 0.3])), max_size=12
    )
)
def test_groups_come_by_urgency_then_priority_then_value(told):
    """As sorting them one by one says, with equals together."""
    places = {
        group: Place(what, None, group.priority, value) for group, (what, value) in told.items()
    }
    ranked = rungs(list(told), place_of=places.__getitem__)
    order = [group for rung in ranked for group in rung.groups]
    brute = sorted(told, key=lambda each: (told[each][0], -each.priority, -told[each][1]))
    assert [_figures(told, each) for each in order] == [_figures(told, each) for each in brute]
    equals = [turn for rung in ranked for turn in rung.by_value]
    assert all(len({_figures(told, each) for each in turn}) == 1 for turn in equals)
    assert len(equals) == len({_figures(told, each) for each in told})


def _figures(told, group):
    what, value = told[group]
    return what, group.priority, value


def test_the_earliest_deadline_goes_first_whatever_its_priority():
    """Deadline first, then priority."""
    late, soon, urgent = (
        ContactGroup(zones=EAST, priority=priority, first_at=NOW, expires_at=NOW + hours)
        for priority, hours in (
            (0, timedelta(hours=9)),
            (0, timedelta(hours=2)),
            (7, timedelta(hours=9)),
        )
    )
    ranked = rungs(
        [late, urgent, soon],
        place_of=lambda each: Place(Urgency.DEADLINE, each.expires_at, each.priority, 0.0),
    )
    assert [group for rung in ranked for group in rung.groups] == [soon, urgent, late]


@pytest.mark.parametrize(
    ("ends_in", "what"),
    [
        (LAST_CALL, Urgency.CLOSING),
        (LAST_CALL + timedelta(milliseconds=1), Urgency.USUAL),
        (timedelta(), Urgency.USUAL),
    ],
)
def test_a_window_is_about_to_shut_within_half_an_hour(ends_in, what):
    """One that is shut already is not."""
    group = ContactGroup(zones=EAST, priority=0, first_at=NOW)
    assert urgency(group, ends_at=NOW + ends_in, now=NOW) is what


def test_who_asked_to_be_called_back_goes_before_deadlines():
    """It is called at the time that it named."""
    group = ContactGroup(zones=EAST, priority=boosted(0), first_at=NOW, expires_at=NOW)
    assert urgency(group, ends_at=None, now=NOW) is Urgency.CALL_BACK


def test_fresh_contacts_and_retries_are_told_apart_by_the_same_figure():
    """A retry in a good hour goes before a fresh contact in a bad one, and not otherwise."""
    evening, afternoon = (cell_of(1, at=NOW, zones=zones) for zones in (EAST, WEST))
    odds = AnswerOdds(tallies={evening: Tally(300, 180, 0, 180), afternoon: Tally(300, 60, 0, 60)})
    limits = Limits(calls=100, minutes=1000.0)

    def value(zones, tries_used):
        told = worth(odds, zones=zones, tries_used=tries_used, limits=limits, now=NOW)
        return told.value

    assert value(EAST, 0) > value(EAST, 1) > value(WEST, 0) > value(WEST, 1)


@pytest.mark.parametrize(
    ("minutes", "unit"), [(1000.0, "calls"), (10.0, "minutes")], ids=["calls bind", "minutes bind"]
)
def test_the_scarcer_unit_of_the_budget_is_what_a_call_costs(minutes, unit):
    """By the minutes that calls have cost so far."""
    odds = AnswerOdds(tallies={cell_of(1, at=NOW, zones=EAST): Tally(100, 50, 0, 100.0)})
    limits = Limits(calls=100, minutes=minutes)
    told = worth(odds, zones=EAST, tries_used=0, limits=limits, now=NOW)
    assert told.unit == unit
    assert told.cost == (1.0 if unit == "calls" else pytest.approx(1.0, abs=0.05))


def test_the_order_of_the_list_knows_priority_alone():
    """Zones and tries of one priority are one turn."""
    groups = [
        ContactGroup(zones=zones, priority=priority, tries_used=tries, first_at=NOW)
        for zones, priority, tries in ((EAST, 0, 0), (WEST, 5, 0), (WEST, 0, 2))
    ]
    turns = [turn for rung in by_waiting(groups) for turn in rung.by_value]
    assert turns == [(groups[1],), (groups[0], groups[2])]


@given(
    values=st.lists(st.integers(0, 3), min_size=1, max_size=30),
    first_turn=st.integers(0, 9),
    batch=st.integers(1, 7),
    arrivals=st.lists(st.integers(4, 6), max_size=40),
)
def test_nobody_starves(values, first_turn, batch, arrivals):
    """With k waiting longer it takes at most 5 (k + 1) turns, whoever better comes meanwhile."""
    waiting = list(enumerate(values))  # in the order of their waits
    turn, taken, newcomers = first_turn, {}, iter(arrivals)
    while any(who < len(values) for who, _ in waiting):
        by_value = sorted(waiting, key=lambda each: (-each[1], each[0]))
        chosen = take_turns(by_value, waiting, first_turn=turn, limit=batch)
        assert len(set(chosen)) == len(chosen) == min(batch, len(waiting))
        for who, _ in chosen:
            turn += 1
            taken[who] = turn - first_turn
        waiting = [each for each in waiting if each not in chosen]
        for value in (value for _, value in zip(range(batch), newcomers, strict=False)):
            waiting.append((len(values) + turn * 10 + len(waiting), value))
    assert all(taken[who] <= FAIR_EVERY * (who + 1) for who in range(len(values)))


@given(count=st.integers(1, 12), limit=st.integers(1, 12), first_turn=st.integers(0, 9))
def test_turns_are_those_of_brute_force(count, limit, first_turn):
    """One by one: the best value that is left, and every fifth turn the longest wait."""
    by_wait = list(range(count))
    by_value, left, brute = by_wait[::-1], set(by_wait), []
    for turn in range(first_turn, first_turn + min(limit, count)):
        following = min(left) if turn % 5 == 4 else max(left)
        left.remove(following)
        brute.append(following)
    assert take_turns(by_value, by_wait, first_turn=first_turn, limit=limit) == brute
