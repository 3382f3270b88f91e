"""What explanations ask of the store, on every backend alike."""

from datetime import timedelta

import pytest

from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.list_row import RowStatus
from inkbatch.domain.pilot import CallsMade
from inkbatch.domain.row_batch import RowBatch
from tests.conformance.conftest import NEW_YORK, NOW


@pytest.fixture
def campaign(given):
    record = given.campaign()
    given.shift(record)
    return record


def test_calls_that_may_have_rung_are_counted_and_no_others(given, campaign):
    """Open and ended ones count; a refused dial made no call, nor did a plan."""
    open_, answered, refused, planned = given.contacts(campaign, 2, 3, 4, 5)
    given.reserved(open_, "open")
    given.ended(answered, "answered", given.answered_call(minutes=3.0))
    refuse = given.reserved(refused, "refused")
    with given.store.transaction() as tx:
        ended = refuse.refuse(Disposition.BLOCKED, at=NOW, reason="no")
        assert tx.advance(ended, from_state=AttemptState.RESERVED)
        assert tx.add_attempts([given.planned(planned, "planned")])
        assert tx.calls_made(campaign.id) == CallsMade(in_progress=1, ended=1)
        assert tx.first_calls(campaign.id, limit=9) == [(Disposition.ANSWERED, 3.0)]


def test_a_pilot_ends_once_with_its_reason(given, campaign):
    """The campaign is paused, and that its pilot is over stays when it is resumed."""
    with given.store.transaction() as tx:
        tx.end_pilot(campaign.id, reason="pilot: look", now=NOW)
    with given.store.transaction() as tx:
        tx.set_campaign_state(campaign.id, CampaignState.ACTIVE, reason=None, now=NOW)
    with given.store.reading() as tx:
        record = tx.campaign_by_id(campaign.id)
    assert (record.state, record.pilot_ended_at) == (CampaignState.ACTIVE, NOW)


def test_due_contacts_are_counted_by_zone_time_and_limit(given, campaign):
    """Only those of the zones asked for whose time has come, and no further than asked."""
    _, later, *_ = given.contacts(campaign, 2, 3, 4, 5)
    with given.store.transaction() as tx:
        tx.set_contact(later.id, ContactState.WAITING, until=NOW + timedelta(hours=1), why="x")
        for zones, at, limit, expected in (
            ([NEW_YORK], NOW, 99, 3),
            ([NEW_YORK], NOW + timedelta(hours=1), 99, 4),
            ([NEW_YORK], NOW, 2, 2),
            ([("America/Denver",)], NOW, 99, 0),
            ([], NOW, 99, 0),
        ):
            before = at + timedelta(microseconds=1)
            assert tx.count_due(campaign.id, zones=zones, before=before, limit=limit) == expected


def test_reasons_are_counted_but_for_those_never_looked_at(given, campaign):
    """The most frequent first; who was not called yet has no reason."""
    first, second, third, _ = given.contacts(campaign, 2, 3, 4, 5)
    with given.store.transaction() as tx:
        for each in (first, second):
            tx.set_contact(each.id, ContactState.REACHED, until=NOW, why="answered")
        tx.set_contact(third.id, ContactState.WAITING, until=NOW, why="busy", attempts_used=1)
        reasons = tx.contact_reasons(campaign.id, limit=9)
        assert tx.waiting_by_tries(campaign.id) == {0: 1, 1: 1}
    assert [(each.state, each.why, each.contacts) for each in reasons] == [
        ("reached", "answered", 2),
        ("waiting", "busy", 1),
    ]


def test_a_contact_is_found_by_number_with_its_rows_and_attempts(given, campaign):
    """Over all campaigns, with the rows of every file that stand for it, duplicates too."""
    (contact,) = given.contacts(campaign, 2)
    other = given.campaign("other")
    given.contacts(other, 2)
    again = given.row(7, number=contact.number)
    with given.store.transaction() as tx:
        tx.enroll(campaign.id, given.call_list(again, sha256="b" * 64), now=NOW)
    given.ended(contact, "first", given.answered_call())
    with given.store.reading() as tx:
        found = tx.contacts_of_number(contact.number)
        rows = tx.rows_of_contact(contact.id)
        attempts = tx.attempts_of_contact(found[0])
        assert tx.attempts_of_contact(found[1]) == []
        assert tx.contacts_of_number("+14155550199") == []
    assert [each.campaign_id for each in found] == [campaign.id, other.id]
    assert [(row.row_number, row.status) for row in rows] == [
        (2, RowStatus.ACCEPTED),
        (7, RowStatus.DUPLICATE),
    ]
    assert [attempt.id for attempt in attempts] == ["first"]


def test_a_plain_row_of_a_long_list_is_told_by_its_contact(given, campaign):
    """Rows with nothing more to say are kept in no table of their own."""
    call_list = given.batched(RowBatch(plain=given.plain(given.row(4), given.row(5))))
    with given.store.transaction() as tx:
        tx.enroll(campaign.id, call_list, now=NOW)
        (contact,) = tx.contacts_of_number("+14155550105")
        (row,) = tx.rows_of_contact(contact.id)
    assert (row.file, row.row_number, row.status) == ("people.csv", 5, RowStatus.ACCEPTED)


def test_running_shifts_are_those_that_never_ended(given, campaign):
    """Which of them live is told by the dialing lock, not by the table."""
    with given.store.transaction() as tx:
        (running,) = tx.running_shifts(campaign.id)
        assert (running.id, running.host, running.pid) == ("shift-1", "host", 1)
        tx.end_shift("shift-1", reason="done", now=NOW)
        assert tx.running_shifts(campaign.id) == []
