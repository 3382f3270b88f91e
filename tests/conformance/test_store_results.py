"""Results are kept once, in the order they came, and end where their contact is looked up."""

from datetime import timedelta

import pytest

from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.result import Effect, Party, Result, Spoken
from tests.conformance.conftest import NEW_YORK, NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def contact(given):
    """A contact of a campaign that has a shift."""
    campaign = given.campaign()
    given.shift(campaign)
    return given.contacts(campaign, 2)[0]


def result(attempt, id_="one", **said):
    told = {"word": "confirmed", "effect": Effect.SUCCESS, "posted_at": NOW, **said}
    return Result(id=id_, attempt_id=attempt.id, **told)


def kept(store, attempt, *results):
    with store.transaction() as tx:
        return [tx.add_result(each, attempt=attempt) for each in results]


def results_of(store, contact):
    with store.reading() as tx:
        return tx.results_of(contact.id)


def test_a_result_comes_back_as_it_was_kept(store, given, contact):
    """Fields, transcript and time, in any script."""
    attempt = given.reserved(contact)
    whole = result(
        attempt,
        word="später",
        effect=Effect.CALL_BACK,
        call_back_at=NOW + HOUR,
        fields={"slot": {"day": 3}, "naïve": [1.5, None, True], "nul": "\0"},
        transcript=(
            Spoken(party=Party.LOCAL, text="Grüß Gott 👋", ts_ms=0),
            Spoken(party=Party.REMOTE, text="Ja?"),
        ),
    )
    assert kept(store, attempt, whole) == [True]
    assert results_of(store, contact) == [whole]


def test_the_same_id_of_an_attempt_changes_nothing(store, given, contact):
    """Whatever comes with it the second time; another attempt may use the same id."""
    attempt = given.reserved(contact)
    first, again = result(attempt), result(attempt, word="other", effect=Effect.NONE)
    assert kept(store, attempt, first, again) == [True, False]
    assert results_of(store, contact) == [first]


def test_results_of_all_attempts_come_in_the_order_they_were_kept(store, given, contact):
    """Also where their own times say otherwise."""
    call = given.answered_call()
    first = given.ended(contact, "attempt-1", call)
    second = given.reserved(contact, "attempt-2", at=NOW + HOUR)
    said = [result(second, "b"), result(first, "a", posted_at=NOW - HOUR), result(second, "c")]
    for each, attempt in zip(said, [second, first, second], strict=True):
        kept(store, attempt, each)
    assert [each.id for each in results_of(store, contact)] == ["b", "a", "c"]


def test_the_latest_attempt_is_the_one_reserved_last(store, given, contact):
    """Planned ones were not made and do not count; another contact's are not its own."""
    other = given.contacts(given.campaign("other"), 2)[0]
    with store.reading() as tx:
        assert tx.latest_attempt(contact) is None
    first = given.ended(contact, "attempt-1", given.answered_call())
    with store.reading() as tx:
        assert tx.latest_attempt(contact) == first
        assert tx.latest_attempt(other) is None
    second = given.reserved(contact, "attempt-2", at=NOW + HOUR)
    with store.reading() as tx:
        assert tx.latest_attempt(contact) == second
    with store.transaction() as tx:
        assert tx.advance(second.not_sent(reason="no"), from_state=AttemptState.RESERVED)
    with store.reading() as tx:
        assert tx.latest_attempt(contact) == first


def test_the_retry_policy_comes_back_as_the_campaign_had_it(store, given):
    """A process that has no campaign file knows what follows an outcome."""
    record = given.campaign()
    with store.reading() as tx:
        assert tx.retry_policy(record.id) == given.rules().retry


def test_who_is_moved_with_another_priority_takes_another_turn(store, given):
    """It goes before those who have waited longer; without one the turn stays."""
    campaign = given.campaign()
    first, second = given.contacts(campaign, 2, 3)
    with store.transaction() as tx:
        tx.set_contact(second.id, ContactState.WAITING, until=NOW, why="asked", priority=7)
        tx.set_contact(second.id, ContactState.WAITING, until=NOW, why="again")
    with store.reading() as tx:
        due = tx.due_contacts(campaign.id, zones=[NEW_YORK], now=NOW, limit=5)
    assert [(each.id, each.priority) for each in due] == [(second.id, 7), (first.id, 0)]
