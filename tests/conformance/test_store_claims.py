"""Whoever is to be dialed is claimed by one shift, which waits for nobody who changes them."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from inkbatch.adapters.store import open_store
from inkbatch.domain.contact import ContactState
from tests.conformance.conftest import Given


@pytest.fixture
def given_on_server(postgres_url):
    """What tests of PostgreSQL alone start from: SQLite has one writer anyway."""
    store = open_store(postgres_url)
    yield Given(store)
    store.close()


def test_claims_of_one_transaction_are_all_there(given):
    """Nobody else is at work, so each of them is ours."""
    contacts = given.contacts(given.campaign(), 2, 3, 4)
    with given.store.transaction() as tx:
        assert tx.claim_contacts(contacts) == contacts
        assert tx.claim_contacts([]) == []


def test_two_shifts_claim_different_contacts(given_on_server):
    """The second neither waits for the first nor gets what that one has."""
    first, second, third = given_on_server.contacts(given_on_server.campaign(), 2, 3, 4)
    store = given_on_server.store
    with store.transaction() as ours, store.transaction() as theirs:
        assert ours.claim_contacts([first, second]) == [first, second]
        assert theirs.claim_contacts([first, second, third]) == [third]


def test_who_is_being_changed_is_left_out_and_nobody_waits(given_on_server, postgres_url):
    """An erasure or a cancel that takes long holds up no dial to anybody else."""
    first, second = given_on_server.contacts(given_on_server.campaign(), 2, 3)
    with psycopg.connect(postgres_url) as other:
        other.execute("UPDATE contact SET why = 'busy' WHERE id = %s", (first.id,))
        with given_on_server.store.transaction() as tx:
            assert tx.claim_contacts([first, second]) == [second]


def test_who_was_withdrawn_since_it_was_read_is_not_claimed(given_on_server):
    """A cancel was faster than the shift that had read who is due."""
    campaign = given_on_server.campaign()
    contacts = given_on_server.contacts(campaign, 2, 3)
    store, now = given_on_server.store, given_on_server.now
    with store.transaction() as tx:
        with store.transaction() as canceling:
            canceling.set_contact(contacts[0].id, ContactState.WITHDRAWN, until=now, why="canceled")
        assert tx.claim_contacts(contacts) == contacts[1:]


def test_whoever_is_claimed_is_changed_by_nobody_else(given_on_server):
    """What withdraws who waits comes after the claim's transaction, and finds it in a call."""
    campaign = given_on_server.campaign()
    (contact,) = given_on_server.contacts(campaign, 2)
    store, now = given_on_server.store, given_on_server.now

    def withdraw() -> int:
        with store.transaction() as tx:
            return tx.withdraw_all(campaign.id, why="canceled", now=now)

    with ThreadPoolExecutor(1) as threads:
        with store.transaction() as tx:
            tx.claim_contacts([contact])
            withdrawing = threads.submit(withdraw)
            tx.set_contact(contact.id, ContactState.IN_CALL, until=now, why="an attempt is open")
        assert withdrawing.result(30) == 0
