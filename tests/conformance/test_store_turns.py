"""Groups that take turns, near deadlines, and calls counted as they end; on both backends."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as given_that
from hypothesis import strategies as st

from inkbatch.domain.answer_odds import Cell, Tally
from inkbatch.domain.contact import ContactState
from inkbatch.domain.turns import ContactGroup

NEW_YORK, CHICAGO = ("America/New_York",), ("America/Chicago",)
HOUR = timedelta(hours=1)
TRIALS = count()


@pytest.fixture
def campaign(given):
    record = given.campaign()
    given.shift(record)
    return record


def enroll(given, campaign, *rows):
    """Enroll rows; return contacts by row number."""
    with given.store.transaction() as tx:
        tx.enroll(campaign.id, given.call_list(*rows, sha256=f"{rows}"), now=given.now)
        due = tx.due_contacts(
            campaign.id, zones=[NEW_YORK, CHICAGO], now=given.now + 99 * HOUR, limit=1000
        )
    return {contact.row_number: contact for contact in due}


def test_who_waits_is_grouped_by_zones_priority_and_tries(given, campaign):
    """With the earliest wait of each group."""
    rows = [
        given.row(2, not_before=given.now + HOUR),
        given.row(3),
        given.row(4, priority=5),
        given.row(5, zones=CHICAGO),
    ]
    contacts = enroll(given, campaign, *rows)
    later = given.now + 2 * HOUR
    with given.store.transaction() as tx:
        tx.set_contact(
            contacts[3].id, ContactState.WAITING, until=later, why="again", attempts_used=2
        )
        groups = tx.waiting_groups(campaign.id)
    assert sorted(groups, key=repr) == sorted(
        [
            ContactGroup(zones=NEW_YORK, priority=0, first_at=given.now + HOUR),
            ContactGroup(zones=NEW_YORK, priority=0, tries_used=2, first_at=later),
            ContactGroup(zones=NEW_YORK, priority=5, first_at=given.now),
            ContactGroup(zones=CHICAGO, priority=0, first_at=given.now),
        ],
        key=repr,
    )


def test_near_deadlines_come_earliest_first_and_only_those(given, campaign):
    """Who has none, or one far away, is not asked for; a limit takes the first of each zone."""
    soon, later = given.now + HOUR, given.now + 5 * HOUR
    rows = [
        given.row(2, expires_at=later, zones=CHICAGO),
        given.row(3, expires_at=soon),
        given.row(4),
        given.row(5, expires_at=given.now + 9 * HOUR),
        given.row(6, expires_at=later, priority=3),
    ]
    enroll(given, campaign, *rows)
    with given.store.reading() as tx:
        groups = tx.deadline_groups(campaign.id, before=later, limit=9)
        first = tx.deadline_groups(campaign.id, before=later, limit=2)
        due = tx.contacts_in_turn(campaign.id, [groups], now=given.now, limit=9)
    told = {(each.expires_at, each.zones, each.priority) for each in groups}
    assert told == {(later, CHICAGO, 0), (soon, NEW_YORK, 0), (later, NEW_YORK, 3)}
    assert [group.expires_at for group in groups] == [soon, later, later]
    assert [(each.expires_at, each.zones) for each in first] == [(soon, NEW_YORK), (later, CHICAGO)]
    assert {contact.row_number for contact in due} == {2, 3, 6}


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given_that(
    people=st.lists(
        st.tuples(
            st.sampled_from([NEW_YORK, CHICAGO]),
            st.integers(0, 1),
            st.integers(0, 2),
            st.integers(-2, 1),
        ),
        min_size=1,
        max_size=12,
    ),
    limit=st.integers(1, 8),
    data=st.data(),
)
def test_contacts_come_in_their_turns_as_brute_force_says(given, people, limit, data):
    """However groups are put into turns: by turn, then by wait, then by row."""
    campaign = given.campaign(f"trial {next(TRIALS)}")
    rows = [
        given.row(number, zones=zones, priority=priority)
        for number, (zones, priority, _, _) in enumerate(people, 2)
    ]
    contacts = enroll(given, campaign, *rows)
    with given.store.transaction() as tx:
        for number, (_, _, tries, hours) in enumerate(people, 2):
            until = given.now + hours * HOUR
            tx.set_contact(
                contacts[number].id, ContactState.WAITING, until=until, why="", attempts_used=tries
            )
        groups = tx.waiting_groups(campaign.id)
        turns = [data.draw(st.integers(0, 3)) for _ in groups]
        in_turns = [
            [group for group, turn in zip(groups, turns, strict=True) if turn == each]
            for each in range(4)
        ]
        due = tx.contacts_in_turn(campaign.id, in_turns, now=given.now, limit=limit)
    turn_of = {
        (group.zones, group.priority, group.tries_used): turn
        for group, turn in zip(groups, turns, strict=True)
    }
    brute = sorted(
        (turn_of[zones, priority, tries], hours, number)
        for number, (zones, priority, tries, hours) in enumerate(people, 2)
        if hours <= 0
    )
    assert [contact.row_number for contact in due] == [number for *_, number in brute[:limit]]


def test_calls_are_counted_in_their_cells(given, campaign):
    """Each call adds to its try, weekday and hour; other campaigns are counted apart."""
    noon, evening = Cell(1, 0, 12), Cell(2, 3, 18)
    with given.store.transaction() as tx:
        tx.count_call(campaign.id, noon, Tally(1, 1, 0, 1.5))
        tx.count_call(campaign.id, noon, Tally(1, 0, 1, 0.5))
        tx.count_call(campaign.id, evening, Tally(1, 0, 0, 0.0))
    other = given.campaign("other")
    with given.store.reading() as tx:
        assert tx.answer_tallies(campaign.id) == {
            noon: Tally(2, 1, 1, 2.0),
            evening: Tally(1, 0, 0, 0.0),
        }
        assert tx.answer_tallies(other.id) == {}


def test_turns_are_counted_over_transactions(given, campaign):
    """So that a process that starts anew goes on where the last one was."""
    for _ in range(2):
        with given.store.transaction() as tx:
            tx.take_turns(campaign.id, 3)
    with given.store.reading() as tx:
        assert tx.turns_taken(campaign.id) == 6


def test_when_a_night_was_told_is_remembered(given, campaign):
    """For the next process; nothing else of the campaign changes by it."""
    assert campaign.night_told_at is None
    with given.store.transaction() as tx:
        tx.note_night_told(campaign.id, at=given.now)
    with given.store.reading() as tx:
        assert tx.campaign_by_id(campaign.id) == replace(campaign, night_told_at=given.now)
