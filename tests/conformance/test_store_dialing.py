"""Choosing contacts, attempts with their guards, and calls, on both backends alike."""

import traceback
from dataclasses import replace
from datetime import timedelta

import pytest

from inkbatch.domain.attempt import AttemptState, Loss
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.eligibility import Ended, NumberFacts
from inkbatch.domain.errors import StoreError
from inkbatch.domain.suppression import Suppression
from inkbatch.ports import ShiftRecord, ZoneQueue

NEW_YORK, CHICAGO = ("America/New_York",), ("America/Chicago",)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def campaign(given):
    record = given.campaign()
    given.shift(record)
    return record


@pytest.fixture
def contact(given, campaign):
    return given.contacts(campaign, 2)[0]


def test_waiting_contacts_are_grouped_by_their_zones(given, campaign):
    """A pass learns which zones wait, since when, and how many people that is."""
    rows = [given.row(2), given.row(3), given.row(4, zones=CHICAGO)]
    rows[1] = rows[1]._replace(not_before=given.now + MINUTE)
    with given.store.transaction() as tx:
        tx.enroll(campaign.id, given.call_list(*rows), now=given.now)
        queues = tx.zone_queues(campaign.id)
    assert queues == [
        ZoneQueue(zones=CHICAGO, first_at=given.now),
        ZoneQueue(zones=NEW_YORK, first_at=given.now),
    ]


def test_due_contacts_come_by_priority_then_time_then_row(given, campaign):
    """The order holds over all open zones, and the limit cuts its end off."""
    rows = [
        given.row(2, zones=CHICAGO, not_before=given.now - MINUTE),
        given.row(3),
        given.row(4, priority=5),
        given.row(5, zones=CHICAGO, priority=5, not_before=given.now - MINUTE),
        given.row(6, zones=("Europe/London",), priority=9),
        given.row(7, priority=9, not_before=given.now + MINUTE),
    ]
    with given.store.transaction() as tx:
        tx.enroll(campaign.id, given.call_list(*reversed(rows)), now=given.now)
        due = tx.due_contacts(campaign.id, zones=[NEW_YORK, CHICAGO], now=given.now, limit=3)
    assert [contact.row_number for contact in due] == [5, 4, 2]


def test_only_waiting_contacts_are_due(given, campaign, contact):
    """Whoever is in a call, reached or given up is not chosen again."""
    with given.store.transaction() as tx:
        tx.set_contact(contact.id, ContactState.IN_CALL, until=given.now, why="an attempt is open")
        assert tx.due_contacts(campaign.id, zones=[NEW_YORK], now=given.now, limit=9) == []
        assert tx.zone_queues(campaign.id) == []


def test_a_contact_moves_with_its_reason(given, contact):
    """State, time, reason and tries are written; tries not given are kept."""
    later = given.now + timedelta(hours=4)
    with given.store.transaction() as tx:
        tx.set_contact(
            contact.id, ContactState.WAITING, until=later, why="no answer", attempts_used=2
        )
        tx.set_contact(contact.id, ContactState.EXHAUSTED, until=later, why="enough")
        moved = tx.contact(contact.id)
    assert moved == replace(
        contact, state=ContactState.EXHAUSTED, waits_until=later, why="enough", attempts_used=2
    )


def test_moves_of_one_contact_are_written_in_their_order(given, campaign):
    """However writes are put together, the last word on each contact is the one that stays."""
    contacts = given.contacts(campaign, 2, 3)
    with given.store.transaction() as tx:
        for contact in contacts:
            tx.set_contact(contact.id, ContactState.IN_CALL, until=given.now, why="dialing")
            tx.set_contact(
                contact.id, ContactState.REVIEW, until=given.now, why="lost", attempts_used=1
            )
            tx.set_contact(contact.id, ContactState.WITHDRAWN, until=given.now, why="by hand")
        moved = [tx.contact(contact.id) for contact in contacts]
    assert [(each.state, each.why, each.attempts_used) for each in moved] == [
        ("withdrawn", "by hand", 1)
    ] * 2


def test_an_attempt_comes_back_as_it_was(given, contact):
    """Every field survives, whatever its type."""
    reserved = given.reserved(contact)
    lost = reserved.lose_reply(Loss.REPLY_LOST, at=given.now, reason="reset")
    with given.store.transaction() as tx:
        assert tx.attempt("attempt-1") == reserved
        assert tx.advance(lost, from_state=AttemptState.RESERVED)
        assert tx.attempt("attempt-1") == lost
        assert tx.attempt("unknown") is None


def test_advancing_from_a_wrong_state_changes_nothing(given, contact):
    """Who comes second is told so: the guard stands in the UPDATE itself."""
    reserved = given.reserved(contact)
    lost = reserved.lose_reply(Loss.SHIFT_DEAD, at=given.now, reason="dead")
    placed = reserved.accept(given.call(), at=given.now, look_at=given.now)
    with given.store.transaction() as tx:
        assert tx.advance(lost, from_state=AttemptState.RESERVED)
        assert not tx.advance(placed, from_state=AttemptState.RESERVED)
        assert tx.attempt(reserved.id) == lost


def test_the_next_look_is_written_while_the_state_stands(given, contact):
    """A look planned for an attempt that has moved on meanwhile changes nothing."""
    reserved = given.reserved(contact)
    placed = reserved.accept(given.call(), at=given.now, look_at=given.now)
    later = placed.look_again(at=given.now + MINUTE)
    with given.store.transaction() as tx:
        tx.look_again(later)
        assert tx.attempt(reserved.id) == reserved
        tx.advance(placed, from_state=AttemptState.RESERVED)
        tx.look_again(later)
        assert tx.attempt(reserved.id) == later


def test_a_second_open_attempt_to_a_number_is_refused(given, contact):
    """Promise 2 holds over all campaigns, and the refusal spoils nothing else."""
    given.reserved(contact)
    other_campaign = given.campaign("other")
    (same_person,) = given.contacts(other_campaign, 2)
    second = given.planned(same_person, "attempt-2").reserve(
        at=given.now, shift_id="shift-1", from_number="+14155550100"
    )
    with given.store.transaction() as tx:
        assert not tx.add_attempts([second])
        tx.set_contact(same_person.id, ContactState.WAITING, until=given.now, why="busy")
    with given.store.reading() as tx:
        assert tx.attempt("attempt-2") is None
        assert tx.contact(same_person.id).why == "busy"


def test_a_planned_attempt_cannot_be_reserved_beside_an_open_one(given, contact):
    """The same holds for a plan made earlier, when it is its turn."""
    other_campaign = given.campaign("other")
    (same_person,) = given.contacts(other_campaign, 2)
    plan = given.planned(same_person, "attempt-2")
    with given.store.transaction() as tx:
        assert tx.add_attempts([plan])
    given.reserved(contact)
    reserved = plan.reserve(at=given.now, shift_id="shift-1", from_number="+14155550100")
    with given.store.transaction() as tx:
        with pytest.raises(StoreError, match="open attempt already") as refused:
            tx.advance(reserved, from_state=AttemptState.PLANNED)
        assert tx.planned_attempts([same_person.id]) == {same_person.id: plan}
    assert contact.number not in "".join(traceback.format_exception(refused.value))


def test_a_contact_has_one_unfinished_attempt(given, contact):
    """A second plan for one contact is refused too."""
    with given.store.transaction() as tx:
        assert tx.add_attempts([given.planned(contact, "attempt-1")])
        assert not tx.add_attempts([given.planned(contact, "attempt-2")])


def test_attempts_are_added_all_or_none(given, campaign):
    """One number that is being called keeps the others of its batch out too, and says so."""
    busy, free = given.contacts(campaign, 2, 3)
    given.reserved(busy)
    (same_person,) = given.contacts(given.campaign("other"), 2)
    reserved = {"at": given.now, "shift_id": "shift-1", "from_number": "+14155550100"}
    batch = [
        given.planned(contact, attempt_id).reserve(**reserved)
        for contact, attempt_id in ((free, "attempt-2"), (same_person, "attempt-3"))
    ]
    with given.store.transaction() as tx:
        assert not tx.add_attempts(batch)
        assert tx.attempt("attempt-2") is None
        assert tx.add_attempts(batch[:1])
    with given.store.reading() as tx:
        assert tx.attempt("attempt-2") == batch[0]


WRITE_ALL = {
    "accept": lambda tx, batch: tx.accept_all(batch),
    "advance": lambda tx, batch: tx.advance_all(batch, from_state=AttemptState.RESERVED),
}


@pytest.mark.parametrize("write_all", WRITE_ALL.values(), ids=WRITE_ALL)
@pytest.mark.parametrize("spoiled_by", ["another state", "a call twice"])
def test_attempts_are_accepted_all_or_none(given, campaign, spoiled_by, write_all):
    """An attempt that was moved meanwhile, or a call bound twice, leaves the whole batch."""
    first, second = given.contacts(campaign, 2, 3)
    attempts = [given.reserved(first, "attempt-1"), given.reserved(second, "attempt-2")]
    placed = [
        attempt.accept(given.call(call_id), at=given.now, look_at=given.now)
        for attempt, call_id in zip(attempts, ("call-1", "call-2"), strict=True)
    ]
    lost = attempts[1].lose_reply(Loss.SHIFT_DEAD, at=given.now, reason="dead")
    twice = replace(placed[1], call_id="call-1")
    with given.store.transaction() as tx:
        if spoiled_by == "another state":
            tx.advance(lost, from_state=AttemptState.RESERVED)
        batch = [placed[0], twice if spoiled_by == "a call twice" else placed[1]]
        assert not write_all(tx, batch)
        assert tx.attempt("attempt-1") == attempts[0]
        assert write_all(tx, placed[:1])
    with given.store.reading() as tx:
        assert tx.attempt("attempt-1") == placed[0]


def test_a_call_belongs_to_one_attempt(given, campaign):
    """One call id can never be bound to two attempts."""
    first, second = given.contacts(campaign, 2, 3)
    attempts = [given.reserved(first, "attempt-1"), given.reserved(second, "attempt-2")]
    placed = [each.accept(given.call(), at=given.now, look_at=given.now) for each in attempts]
    with given.store.transaction() as tx:
        assert tx.advance(placed[0], from_state=AttemptState.RESERVED)
        with pytest.raises(StoreError, match="bound to another attempt"):
            tx.advance(placed[1], from_state=AttemptState.RESERVED)


def test_a_placed_attempt_has_a_call(given, contact):
    """The database refuses an attempt that is placed without a call id."""
    reserved = given.reserved(contact)
    with given.store.transaction() as tx, pytest.raises(StoreError, match="placed_has_call"):
        tx.advance(replace(reserved, state=AttemptState.PLACED), from_state=AttemptState.RESERVED)


def test_open_attempts_are_found_by_state_and_campaign(given, campaign):
    """Oldest first; planned and ended ones only when they are asked for."""
    first, second, third = given.contacts(campaign, 2, 3, 4)
    reserved = given.reserved(first, "b")
    plan = given.planned(second, "a", created_at=given.now + MINUTE)
    ended = given.ended(third, "c", given.answered_call())
    with given.store.transaction() as tx:
        assert tx.add_attempts([plan])
    states = (AttemptState.RESERVED, AttemptState.PLANNED)
    with given.store.reading() as tx:
        assert tx.open_attempts(*states) == [reserved, plan]
        assert tx.open_attempts() == [reserved]
        assert tx.open_attempts(*states, campaign_id=campaign.id) == [reserved, plan]
        assert tx.open_attempts(*states, campaign_id=campaign.id + 1) == []
        assert tx.attempts_of_shift("shift-1", AttemptState.ENDED) == [ended]
        assert tx.attempts_of_shift("shift-2", AttemptState.ENDED) == []


def test_number_facts_tell_suppression_open_attempt_and_dials(given, campaign):
    """What decides whether a number may be called is asked for a whole batch at once."""
    first, second, third = given.contacts(campaign, 2, 3, 4)
    given.ended(first, "old", given.answered_call("c1"), at=given.now - timedelta(days=2))
    given.ended(first, "new", given.answered_call("c2"), at=given.now - MINUTE)
    given.reserved(first, "open")
    suppression = Suppression(number=second.number, reason="dnc", source="f", added_at=given.now)
    refused = given.reserved(third, "refused").refuse(
        Disposition.REFUSED, at=given.now, reason="not active"
    )
    with given.store.transaction() as tx:
        tx.suppress([suppression])
        tx.advance(refused, from_state=AttemptState.RESERVED)
        facts = tx.number_facts(
            [first.number, second.number, third.number],
            since=given.now - timedelta(days=1),
            now=given.now,
        )
    assert facts == {
        first.number: NumberFacts(
            has_open_attempt=True,
            dialed_at=(given.now - MINUTE, given.now),
            ended=(Ended(disposition=Disposition.ANSWERED, ended_at=given.now + 2 * MINUTE),),
        ),
        second.number: NumberFacts(suppressed_because="dnc"),
        third.number: NumberFacts(),
    }


def test_an_old_open_attempt_still_counts_as_open(given, contact):
    """However long ago it was reserved, its phone may be ringing."""
    given.reserved(contact, at=given.now - timedelta(days=9))
    with given.store.reading() as tx:
        facts = tx.number_facts([contact.number], since=given.now - MINUTE, now=given.now)
    assert facts[contact.number] == NumberFacts(has_open_attempt=True)


def test_dials_and_minutes_of_a_campaign_are_told(given, campaign):
    """Pacing reads when it dialed, prediction reads the latest minutes."""
    first, second, third = given.contacts(campaign, 2, 3, 4)
    given.ended(first, "a", given.answered_call("c1", minutes=1.0), at=given.now - 3 * MINUTE)
    given.ended(second, "b", given.answered_call("c2", minutes=4.0), at=given.now - MINUTE)
    given.reserved(third, "c")
    with given.store.reading() as tx:
        since = given.now - 2 * MINUTE
        assert tx.dialed_since(campaign.id, since=since, limit=9) == [
            given.now - MINUTE,
            given.now,
        ]
        assert tx.dialed_since(campaign.id, since=since, limit=1) == [given.now]
        assert tx.count_dialed(campaign.id, since=since) == 2
        assert tx.count_dialed(campaign.id, since=given.now) == 0
        assert tx.talk_minutes(campaign.id, limit=9) == [4.0, 1.0]
        assert tx.talk_minutes(campaign.id, limit=1) == [4.0]


def test_counts_tell_attempts_by_outcome_and_by_state(given, campaign):
    """Ended attempts are counted by disposition, others by state."""
    first, second = given.contacts(campaign, 2, 3)
    given.ended(first, "a", given.answered_call(minutes=2.5))
    given.reserved(second, "b")
    with given.store.reading() as tx:
        counted = tx.counts(campaign.id, now=given.now)
    assert (counted.attempts, counted.open_attempts) == ({"answered": 1}, {"reserved": 1})
    assert counted.talk_minutes == pytest.approx(2.5)


def test_a_call_that_ended_never_goes_back(given, contact):
    """A late answer that still says ringing changes nothing."""
    given.reserved(contact)
    with given.store.transaction() as tx:
        assert tx.save_call(given.call(status="ringing"), attempt_id="attempt-1")
        assert tx.save_call(given.answered_call(), attempt_id="attempt-1")
        assert tx.save_call(given.call(status="ringing"), attempt_id="attempt-1")
    assert stored_calls(given) == [("call-1", "attempt-1", "completed", "remote")]


def test_the_call_of_an_attempt_that_has_it_is_written_at_once(given, contact):
    """A call that is bound already needs no claim, and moves forward only as any other."""
    given.reserved(contact)
    with given.store.transaction() as tx:
        tx.save_bound_call(given.call(), attempt_id="attempt-1")
        tx.save_bound_call(given.answered_call(), attempt_id="attempt-1")
        tx.save_bound_call(given.call(status="ringing"), attempt_id="attempt-1")
    assert stored_calls(given) == [("call-1", "attempt-1", "completed", "remote")]


def test_a_call_bound_to_another_attempt_is_refused(given, campaign):
    """Neither the call nor the attempt can be bound twice, and nothing is changed."""
    first, second = given.contacts(campaign, 2, 3)
    given.reserved(first, "attempt-1")
    given.reserved(second, "attempt-2")
    with given.store.transaction() as tx:
        assert tx.save_call(given.call("call-1"), attempt_id="attempt-1")
        assert not tx.save_call(given.answered_call("call-1"), attempt_id="attempt-2")
        assert not tx.save_call(given.call("call-2"), attempt_id="attempt-1")
    assert stored_calls(given) == [("call-1", "attempt-1", "initiated", None)]


def test_a_call_seen_before_its_attempt_is_bound_later(given, contact):
    """A call first known from the list is bound once its attempt is found, ended or not."""
    given.reserved(contact)
    with given.store.transaction() as tx:
        assert tx.save_call(given.answered_call(), attempt_id=None)
        assert tx.known_calls(["call-1", "call-2"]) == set()
        assert tx.save_call(given.call(status="ringing"), attempt_id="attempt-1")
        assert tx.save_call(given.answered_call(), attempt_id=None)
        assert tx.known_calls(["call-1", "call-2"]) == {"call-1"}
    assert stored_calls(given) == [("call-1", "attempt-1", "completed", "remote")]


def test_shifts_that_never_ended_are_told(given, campaign):
    """A dead shift is looked for among those that never said that they ended."""
    later = given.now + MINUTE
    given.shift(campaign, "shift-2")
    with given.store.transaction() as tx:
        tx.end_shift("shift-1", reason="done", now=later)
        tx.end_shift("shift-1", reason="found dead", now=later + MINUTE)
        assert tx.unended_shifts() == [
            ShiftRecord(
                id="shift-2",
                campaign_id=campaign.id,
                lock_name="campaign-1",
                started_at=given.now,
            )
        ]
    with given.store.engine.connect() as connection:
        ended = connection.exec_driver_sql("SELECT end_reason FROM shift WHERE id = 'shift-1'")
        assert ended.scalar_one() == "done"


def stored_calls(given):
    with given.store.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id, attempt_id, status, hangup_reason FROM call_record ORDER BY id"
        )
        return [tuple(row) for row in rows]


def test_those_in_review_are_found_in_the_order_of_the_list(given, campaign):
    """Only of this campaign, and no more than asked for."""
    first, second, third = given.contacts(campaign, 4, 2, 3)
    with given.store.transaction() as tx:
        for contact in (first, second):
            tx.set_contact(contact.id, ContactState.REVIEW, until=given.now, why="?")
    with given.store.reading() as tx:
        found = tx.contacts_in_review(campaign.id, limit=10)
        assert [each.id for each in found] == [second.id, first.id]
        assert len(tx.contacts_in_review(campaign.id, limit=1)) == 1
    assert third.state is ContactState.WAITING


def test_an_attempt_is_found_by_its_call(given, contact):
    """Whoever a call is bound to, open or ended; nobody where it is not."""
    ended = given.ended(contact, "attempt-1", given.answered_call())
    with given.store.reading() as tx:
        assert tx.attempt_of_call("call-1") == ended
        assert tx.attempt_of_call("call-2") is None


def test_withdrawing_all_takes_back_plans_and_whoever_waits(given, campaign):
    """Who is in a call, reached or of another campaign stays where they are."""
    waiting, planned, called, reached = given.contacts(campaign, 2, 3, 4, 5)
    (elsewhere,) = given.contacts(given.campaign("other"), 6)
    plan = given.planned(planned, "attempt-1")
    open_one = given.reserved(called, "attempt-2")
    with given.store.transaction() as tx:
        assert tx.add_attempts([plan])
        tx.set_contact(called.id, ContactState.IN_CALL, until=given.now, why="?")
        tx.set_contact(reached.id, ContactState.REACHED, until=given.now, why="?")
        assert tx.withdraw_all(campaign.id, why="canceled", now=given.now) == 2
    with given.store.reading() as tx:
        each = [tx.contact(c.id).state for c in (waiting, planned, called, reached, elsewhere)]
        assert each == ["withdrawn", "withdrawn", "in_call", "reached", "waiting"]
        assert tx.attempt("attempt-1").state is AttemptState.WITHDRAWN
        assert tx.attempt("attempt-2") == open_one
