"""Contacts with several numbers, in SQLite and in PostgreSQL alike."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.contact import ContactNumber, ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.errors import StoreError
from inkbatch.domain.list_row import RowStatus
from inkbatch.domain.suppression import Suppression, on_the_list

MOBILE, WORK = "+14155550102", "+12125550150"
NEW_YORK, DENVER = ("America/New_York",), ("America/Denver",)
ZONES = [NEW_YORK, DENVER]
DAY = timedelta(days=1)
AT_WORK = ContactNumber(number=WORK, zones=DENVER, kind="fixed_line")
HER_NUMBERS = (ContactNumber(number=MOBILE, zones=NEW_YORK, kind="mobile"), AT_WORK)
HER_FIELDS = {"first_name": "Ottilie", "Mobile": "(415) 555-0102", "Work": "(212) 555-0150"}
PERSONAL = ("5550102", "555-0102", "5550150", "555-0150", "555.0150", "Ottilie", "knee")
"""What the tests put into the database of her, in some writing."""


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


def personal_in(text):
    return [personal for personal in PERSONAL if personal in text]


def her_row(given):
    return given.row(2, numbers=HER_NUMBERS, fields=HER_FIELDS)


@pytest.fixture
def person(given):
    """Somebody with a mobile and a work number, who is to be called at work next."""
    campaign = given.campaign()
    with given.store.transaction() as tx:
        tx.enroll(campaign.id, given.call_list(her_row(given), given.row(3)), now=given.now)
    (contact,) = contacts_of(given, WORK)
    with given.store.transaction() as tx:
        tx.turn_to(contact.id, AT_WORK)
    given.shift(campaign)
    return replace(contact, called_number=WORK, zones=DENVER)


def contacts_of(given, number):
    with given.store.reading() as tx:
        return tx.contacts_of_number(number)


def called_at_work(given, person):
    """Store a call to the work number that is over, and what was said."""
    url = "wss://agent.example/ws?name=Ottilie"
    call = replace(given.answered_call("call-1"), remote_number=WORK, client_websocket_url=url)
    attempt = given.ended(replace(person, number=WORK), "attempt-1", call)
    with given.store.transaction() as tx:
        tx.add_result(given.result(attempt), attempt=attempt)
    return attempt


def erase(given, number):
    with given.store.transaction() as tx:
        return tx.erase(number, now=given.now)


def campaign_id(tx, given, name):
    folder = f"/campaigns/{name}"
    saved = tx.save_campaign(given.rules(name), organisation="acme", folder=folder, now=given.now)
    return saved.id


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


@pytest.mark.parametrize("asked", [MOBILE, WORK])
def test_who_is_erased_by_any_number_leaves_nothing(given, person, asked):
    """Cells, transcript, URL and every number; the call is still the contact's, and a figure."""
    called_at_work(given, person)
    found = erase(given, asked)
    assert (found.contacts, found.attempts, found.results) == (1, 1, 1)
    assert (found.call_ids, found.other_numbers) == (("call-1",), 1)
    assert personal_in(held(given.store)) == []
    with given.store.reading() as tx:
        contact = tx.contact(person.id)
        assert (contact.state, contact.why) == (ContactState.SUPPRESSED, "erased")
        assert contact.called_number is None
        assert tx.latest_attempt(contact).call_id == "call-1"


@pytest.mark.parametrize("asked", [MOBILE, WORK])
def test_no_number_of_an_erased_person_is_dialed(given, person, asked):
    """Whichever of them was told, by whichever campaign, and in a list that has one of them."""
    erase(given, asked)
    with given.store.transaction() as tx:
        assert tx.suppressed([MOBILE, WORK], now=given.now) == {MOBILE: "erased", WORK: "erased"}
        due = tx.due_contacts(person.campaign_id, zones=ZONES, now=given.now, limit=9)
        assert [contact.row_number for contact in due] == [3]
        for name, number in (("one", MOBILE), ("two", WORK)):
            anew = given.call_list(given.row(2, number=number, fields=HER_FIELDS))
            enrolled = tx.enroll(campaign_id(tx, given, name), anew, now=given.now)
            assert (enrolled.contacts_added, enrolled.suppressed) == (0, 1)
    assert personal_in(held(given.store)) == []


@pytest.mark.parametrize("asked", [MOBILE, WORK])
def test_a_row_with_an_erased_number_among_others_is_suppressed_whole(given, asked):
    """No number of it becomes a contact, and no cell of it is kept."""
    erase(given, asked)
    with given.store.transaction() as tx:
        row = her_row(given)._replace(reason="read as US", column="Work", value="(212) 555-0150")
        anew = given.call_list(row, row._replace(row_number=7, status=RowStatus.DUPLICATE))
        enrolled = tx.enroll(campaign_id(tx, given, "one"), anew, now=given.now)
    assert (enrolled.contacts_added, enrolled.suppressed, enrolled.duplicates) == (0, 1, 1)
    assert personal_in(held(given.store)) == []
    assert "on the suppression list: erased" in held(given.store)


@pytest.mark.usefixtures("person")
def test_what_kept_an_erased_person_from_being_called_holds_without_the_numbers(given):
    """An opt-out is one entry for each number; erased by one, she is dialed at none."""
    opt_out = Suppression(number=MOBILE, reason="asked", source="result", added_at=given.now)
    with given.store.transaction() as tx:
        assert tx.suppress([opt_out, replace(opt_out, number=WORK)]) == 2
        tx.cool_down(WORK, until=given.now + DAY, why="left in peace")
    assert erase(given, MOBILE).was_suppressed
    assert personal_in(held(given.store)) == []
    with given.store.transaction() as tx:
        assert tx.suppress([replace(opt_out, number=WORK)]) == 0
        assert set(tx.suppressed([MOBILE, WORK], now=given.now)) == {MOBILE, WORK}


def test_everybody_who_has_an_erased_number_is_erased(given):
    """Several contacts of one campaign or of others, be it the first number or a later one."""
    campaign, other = given.campaign(), given.campaign("other")
    alone = given.row(3, number=WORK, fields=HER_FIELDS)
    with given.store.transaction() as tx:
        rows = given.call_list(her_row(given), alone)
        assert tx.enroll(campaign.id, rows, now=given.now).contacts_added == 2
        tx.enroll(other.id, given.call_list(alone), now=given.now)
    assert erase(given, WORK).contacts == 3
    assert personal_in(held(given.store)) == []


def test_somebody_else_with_a_number_of_an_erased_person_is_kept_and_not_called(given, person):
    """A switchboard is no proof who is behind it: their cells stay until their own is erased."""
    shared = (ContactNumber(number="+14155550109", zones=NEW_YORK), AT_WORK)
    colleague = given.row(9, fields={"first_name": "Bo", "desk": WORK}, numbers=shared)
    with given.store.transaction() as tx:
        tx.enroll(person.campaign_id, given.call_list(colleague, sha256="b" * 64), now=given.now)
    found = erase(given, MOBILE)
    assert (found.contacts, found.other_numbers, found.sharers) == (1, 1, 1)
    (kept,) = contacts_of(given, WORK)
    assert (kept.fields, kept.all_numbers) == (colleague.fields, ("+14155550109", WORK))
    with given.store.reading() as tx:
        facts = tx.number_facts(kept.all_numbers, since=given.now, now=given.now)
    assert facts[WORK].suppressed_because == "erased"
    assert erase(given, WORK).contacts == 1
    assert "0109" not in held(given.store)


def test_rows_and_cells_of_others_lose_every_number_of_an_erased_person(given, person):
    """As they do hers alone: in a row that became no contact, and where a partner is named."""
    rows = [
        given.row(7, number=WORK, status=RowStatus.REJECTED, fields=HER_FIELDS),
        given.row(8, number="+14155550108", fields={"first_name": "Bo", "partner": "212.555.0150"}),
    ]
    with given.store.transaction() as tx:
        tx.enroll(person.campaign_id, given.call_list(*rows, sha256="b" * 64), now=given.now)
    found = erase(given, MOBILE)
    assert (found.rows, found.mentions) == (1, 1)
    assert personal_in(held(given.store)) == []
    assert "+14155550108" in held(given.store)


def test_a_plan_to_call_any_number_is_taken_back(given, person):
    """Of whichever number is told."""
    with given.store.transaction() as tx:
        assert tx.add_attempts([given.planned(replace(person, number=MOBILE))])
    erase(given, WORK)
    with given.store.reading() as tx:
        assert tx.attempt("attempt-1").state is AttemptState.WITHDRAWN


@pytest.mark.parametrize(("asked", "called"), [(MOBILE, WORK), (WORK, MOBILE)])
def test_a_person_is_not_erased_while_any_of_the_phones_rings(given, person, asked, called):
    """It waits for the call's end; from the first moment no number of hers is dialed."""
    reserved = given.reserved(replace(person, number=called))
    assert erase(given, asked).waits_for_call
    with given.store.transaction() as tx:
        assert tx.waiting_erasures() == []
        assert set(tx.suppressed([MOBILE, WORK], now=given.now)) == {MOBILE, WORK}
        for number in (MOBILE, WORK):
            with pytest.raises(StoreError, match="in progress"):
                tx.unsuppress(number)
    with given.store.transaction() as tx:
        refused = reserved.refuse(Disposition.INVALID, at=given.now, reason="no such number")
        assert tx.advance(refused, from_state=AttemptState.RESERVED)
        assert tx.waiting_erasures() == [asked]
        tx.erase(asked, now=given.now)
        assert tx.waiting_erasures() == []
    assert personal_in(held(given.store)) == []
    with given.store.transaction() as tx:
        assert {tx.unsuppress(each).reason for each in (MOBILE, WORK)} == {"erased"}


def test_who_is_erased_by_both_numbers_during_a_call_is_erased_after_it(given, person):
    """Asked twice, the erasure is done for either number."""
    reserved = given.reserved(replace(person, number=WORK))
    assert erase(given, MOBILE).waits_for_call
    assert erase(given, WORK).waits_for_call
    with given.store.transaction() as tx:
        refused = reserved.refuse(Disposition.INVALID, at=given.now, reason="no such number")
        assert tx.advance(refused, from_state=AttemptState.RESERVED)
        for number in tx.waiting_erasures():
            tx.erase(number, now=given.now)
        assert tx.waiting_erasures() == []
    assert personal_in(held(given.store)) == []


def test_a_purge_forgets_every_number(given, person):
    """Of somebody with whom nothing happens any more; the attempt is still the contact's."""
    called_at_work(given, person)
    with given.store.transaction() as tx:
        tx.cool_down(WORK, until=given.now + 9 * DAY, why="left in peace")
        tx.set_contact(person.id, ContactState.REACHED, until=given.now, why="answered")
        assert tx.purge_contacts(before=given.now, limit=9) == []
        assert tx.purge_contacts(before=given.now + DAY, limit=9) == [person.id]
        tx.purge_the_rest(before=given.now + DAY)
    assert MOBILE not in held(given.store)
    assert WORK not in held(given.store)
    with given.store.reading() as tx:
        assert tx.latest_attempt(tx.contact(person.id)).call_id == "call-1"
        facts = tx.number_facts([MOBILE, WORK], since=given.now, now=given.now)
    assert facts[WORK].cooling_until == given.now + 9 * DAY
    assert facts[MOBILE].cooling_until is None
