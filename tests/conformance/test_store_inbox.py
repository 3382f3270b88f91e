"""Webhooks are stored once as they came, and found by the campaign whose call they tell of."""

from datetime import timedelta

import pytest

from inkbatch.domain.attempt import AttemptState
from inkbatch.ports import CallEvent, PendingEvent
from tests.conformance.conftest import NOW

MINUTE = timedelta(minutes=1)


@pytest.fixture
def campaign(given):
    record = given.campaign()
    given.shift(record)
    return record


@pytest.fixture
def placed(store, given, campaign):
    """A placed attempt whose call is `call-1`."""
    attempt = given.reserved(given.contacts(campaign, 2)[0])
    accepted = attempt.accept(given.call(), at=NOW, look_at=NOW + 10 * MINUTE)
    with store.transaction() as tx:
        assert tx.advance(accepted, from_state=AttemptState.RESERVED)
        tx.save_bound_call(given.call(), attempt_id=attempt.id)
    return accepted


def event(id_="evt_1", call_id="call-1", at=NOW, body="{}"):
    return CallEvent(id=id_, call_id=call_id, received_at=at, body=body)


def keep(store, *events):
    with store.transaction() as tx:
        return [tx.keep_event(each) for each in events]


def pending(store, campaign):
    with store.reading() as tx:
        return [each.event_id for each in tx.pending_events(campaign.id)]


def test_an_event_is_stored_once(store):
    """A second one of the same id changes nothing, whatever it says."""
    assert keep(store, event(), event(call_id="call-2", body="[]")) == [True, False]
    with store.reading() as tx:
        assert tx.event_told_at("call-1") == NOW
        assert tx.event_told_at("call-2") is None


def test_events_of_placed_attempts_are_pending_until_they_are_settled(store, campaign, placed):
    """Those of other calls wait: they may be told of before we know whose they are."""
    keep(store, event("late", at=NOW + MINUTE), event(), event("foreign", "call-9"))
    assert pending(store, campaign) == ["evt_1", "late"]
    with store.transaction() as tx:
        assert tx.pending_events(campaign.id)[0] == PendingEvent(
            event_id="evt_1", attempt_id=placed.id, shift_id=placed.shift_id
        )
        tx.settle_events(["evt_1"], now=NOW)
    assert pending(store, campaign) == ["late"]


def test_an_event_that_came_before_the_answer_is_found_once_the_call_is_known(
    store, given, campaign
):
    """The webhook may be quicker than the 200 to the place-call; nothing of it is lost."""
    keep(store, event())
    attempt = given.reserved(given.contacts(campaign, 2)[0])
    assert pending(store, campaign) == []
    with store.transaction() as tx:
        accepted = attempt.accept(given.call(), at=NOW, look_at=NOW)
        assert tx.advance(accepted, from_state=AttemptState.RESERVED)
    assert pending(store, campaign) == ["evt_1"]


def test_another_campaign_and_an_ended_attempt_have_nothing_pending(store, given, campaign, placed):
    """Each shift looks into its own, and what came too late is no work for anybody."""
    other = given.campaign("other")
    keep(store, event())
    assert pending(store, other) == []
    ended = placed.hang_up(given.answered_call(), at=NOW)
    with store.transaction() as tx:
        assert tx.advance(ended, from_state=AttemptState.PLACED)
    assert pending(store, campaign) == []


def test_events_are_forgotten_by_their_age(store):
    """They hold what was talked, so they are not kept for ever."""
    keep(store, event("old", at=NOW - MINUTE), event())
    with store.transaction() as tx:
        assert tx.forget_events(before=NOW) == 1
        assert tx.event_told_at("call-1") == NOW


def test_looks_come_no_later_than_said_and_never_later_than_planned(store, campaign, placed):
    """Where webhooks stop, polling takes over for every call in progress."""
    with store.transaction() as tx:
        tx.look_by(campaign.id, at=NOW + 20 * MINUTE)
        assert tx.next_look(campaign.id) == placed.look_at
        tx.look_by(campaign.id, at=NOW + MINUTE)
        assert tx.next_look(campaign.id) == NOW + MINUTE
