"""Contacts with several numbers, in SQLite and in PostgreSQL alike."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from inkbatch.domain.contact import ContactNumber, ContactState
from inkbatch.domain.suppression import Suppression, on_the_list

MOBILE, WORK = "+14155550102", "+12125550150"
NEW_YORK, DENVER = ("America/New_York",), ("America/Denver",)
DAY = timedelta(days=1)
AT_WORK = ContactNumber(number=WORK, zones=DENVER, kind="fixed_line")


def held(store):
    """Return all that the tables hold, as text."""
    with store.engine.connect() as connection:
        return str(
            [
                tuple(row)
                for table in SQLModel.metadata.sorted_tables
                for row in connection.execute(select(table))
            ]
        )


@pytest.fixture
def person(given):
    """Somebody with a mobile and a work number, who is to be called at work next."""
    numbers = (ContactNumber(number=MOBILE, zones=NEW_YORK, kind="mobile"), AT_WORK)
    campaign = given.campaign()
    with given.store.transaction() as tx:
        tx.enroll(
            campaign.id, given.call_list(given.row(2, numbers=numbers), given.row(3)), now=given.now
        )
    (contact,) = contacts_of(given, WORK)
    with given.store.transaction() as tx:
        tx.turn_to(contact.id, AT_WORK)
    given.shift(campaign)
    return replace(contact, called_number=WORK, zones=DENVER)


def contacts_of(given, number):
    with given.store.reading() as tx:
        return tx.contacts_of_number(number)


def called_at_work(given, person):
    """Store a call to the work number that is over."""
    call = replace(given.answered_call("call-1"), remote_number=WORK)
    return given.ended(replace(person, number=WORK), "attempt-1", call)


def test_a_contact_is_found_by_each_of_its_numbers(given, person):
    """With all of them in their order, the one to call next, and the zones of that one."""
    assert contacts_of(given, MOBILE) == contacts_of(given, WORK) == [person]
    assert (person.dials, person.all_numbers) == (WORK, (MOBILE, WORK))
    assert person.number_after(WORK).number == MOBILE


def test_who_is_due_comes_with_all_numbers_in_the_zones_of_the_next(given, person):
    """Whose next call goes to Denver waits for the hours of Denver, not of New York."""
    with given.store.reading() as tx:
        queues = {queue.zones for queue in tx.zone_queues(person.campaign_id)}
        due = tx.due_contacts(person.campaign_id, zones=[DENVER], now=given.now, limit=9)
    assert queues == {NEW_YORK, DENVER}
    assert due == [person]


def test_attempts_to_every_number_are_the_contacts(given, person):
    """Its story, its latest attempt and its tries, whichever number rang."""
    attempt = called_at_work(given, person)
    with given.store.reading() as tx:
        assert tx.attempts_of_contact(person) == [attempt]
        assert tx.latest_attempt(person) == attempt
        assert len(tx.tries([person])[person.id]) == 1


def test_a_list_with_the_first_number_again_finds_the_contact(given, person):
    """Although another number is called next."""
    anew = given.call_list(given.row(2), sha256="b" * 64)
    with given.store.transaction() as tx:
        enrolled = tx.enroll(person.campaign_id, anew, now=given.now)
    assert (enrolled.contacts_added, enrolled.duplicates) == (0, 1)


def test_who_waits_for_the_end_of_an_entry_is_due_once_it_is_gone(given, person):
    """The entry may be that of any number of the person."""
    entry = Suppression(number=MOBILE, reason="asked", source="by hand", added_at=given.now)
    with given.store.transaction() as tx:
        tx.suppress([replace(entry, number=WORK)])
        until, why = given.now + DAY, on_the_list("asked")
        tx.set_contact(person.id, ContactState.WAITING, until=until, why=why)
        tx.unsuppress(WORK)
        assert tx.contact(person.id).waits_until == given.now


def test_an_erased_person_leaves_no_number(given, person):
    """The other number goes with the first; its attempt is still the contact's, and a figure."""
    called_at_work(given, person)
    with given.store.transaction() as tx:
        assert tx.erase(MOBILE, now=given.now).attempts == 1
    assert MOBILE not in held(given.store)
    assert WORK not in held(given.store)
    with given.store.reading() as tx:
        assert tx.latest_attempt(tx.contact(person.id)).call_id == "call-1"
        assert tx.suppressed([MOBILE, WORK], now=given.now) == {MOBILE: "erased"}


def test_a_person_is_not_erased_while_any_of_the_phones_rings(given, person):
    """A call to the work number is open, so the erasure of the mobile waits for its end."""
    given.reserved(replace(person, number=WORK))
    with given.store.transaction() as tx:
        assert tx.erase(MOBILE, now=given.now).waits_for_call
        assert tx.waiting_erasures() == []


def test_a_number_that_is_erased_is_called_for_nobody_else(given, person):
    """Somebody whose second number it was stays, and is called at the first."""
    with given.store.transaction() as tx:
        tx.erase(WORK, now=given.now)
        contact = tx.contact(person.id)
    assert WORK not in held(given.store)
    assert (contact.number, contact.dials, contact.zones) == (MOBILE, MOBILE, NEW_YORK)
    assert contact.state is ContactState.WAITING


def test_an_erased_number_comes_back_as_nobodys_second(given):
    """A list that has it beside another number is enrolled without it."""
    with given.store.transaction() as tx:
        tx.erase(WORK, now=given.now)
    numbers = (ContactNumber(number=MOBILE, zones=NEW_YORK), AT_WORK)
    campaign = given.campaign()
    with given.store.transaction() as tx:
        tx.enroll(campaign.id, given.call_list(given.row(2, numbers=numbers)), now=given.now)
    assert [contact.all_numbers for contact in contacts_of(given, MOBILE)] == [(MOBILE,)]
    assert WORK not in held(given.store)


def test_a_purge_forgets_every_number(given, person):
    """Of somebody with whom nothing happens any more; the attempt is still the contact's."""
    called_at_work(given, person)
    with given.store.transaction() as tx:
        tx.set_contact(person.id, ContactState.REACHED, until=given.now, why="answered")
        assert tx.purge_contacts(before=given.now, limit=9) == []
        assert tx.purge_contacts(before=given.now + DAY, limit=9) == [person.id]
    assert MOBILE not in held(given.store)
    assert WORK not in held(given.store)
    with given.store.reading() as tx:
        assert tx.latest_attempt(tx.contact(person.id)).call_id == "call-1"
