"""Erasing one person and purging what is old, in SQLite and in PostgreSQL alike."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event as event_of
from sqlalchemy import select
from sqlmodel import SQLModel

from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.budget import Need
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.errors import StoreError
from inkbatch.domain.list_row import RowStatus
from inkbatch.domain.number_hash import is_hashed
from inkbatch.domain.row_batch import RowBatch
from inkbatch.domain.suppression import Suppression
from inkbatch.ports import CallEvent

HER, HIM = "+14155550102", "+14155550103"
DAY = timedelta(days=1)
PERSONAL = (
    "4155550102",
    "555-0102",
    "415.555.0102",
    "Ottilie",
    "knee",
    "moved to Malta",
    "wants no calls",
)
"""What the tests put into the database of her, in some writing."""


def held(store):
    """Return all that the tables hold, as text."""
    with store.engine.connect() as connection:
        tables = SQLModel.metadata.sorted_tables
        return "\n".join(
            f"{table.name} {tuple(row)}"
            for table in tables
            for row in connection.execute(select(table))
        )


def bytes_of(store):
    """Return every byte of an SQLite database's files; of a server what its tables hold."""
    if store.engine.dialect.name != "sqlite":
        return held(store).encode()
    path = Path(store.engine.url.database)
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def found_in(data):
    return [personal for personal in PERSONAL if personal.encode() in data]


@pytest.fixture(params=["PERSIST", "WAL"])
def careless(request, store):
    """Let SQLite leave deleted bytes where they are, which some builds of it do and some do not.

    With either journal that a store may have, by SQLite's version.
    """

    @event_of.listens_for(store.engine, "connect")
    def _leave_bytes(connection, _record):
        if store.engine.dialect.name == "sqlite":
            connection.execute("PRAGMA secure_delete = OFF")
            connection.execute(f"PRAGMA journal_mode = {request.param}")

    store.engine.dispose()


@pytest.fixture
def her(given):
    """A contact of whom every table tells, with a call that is over, beside one of him."""
    campaign = given.campaign()
    rows = [
        given.row(2, fields={"first_name": "Ottilie"}, status=RowStatus.REPAIRED)._replace(
            column="phone", value="(415) 555-0102", reason="read as US"
        ),
        given.row(3, fields={"first_name": "Bo", "partner": "415.555.0102", "town": "Rye"}),
        given.row(4, number=HER, status=RowStatus.DUPLICATE, fields={"first_name": "Ottilie"}),
        given.row(
            5, number=None, status=RowStatus.REJECTED, fields={"first_name": "Ottilie"}
        )._replace(value="415 555-0102 or so", reason="two numbers"),
        given.row(6, number=None, status=RowStatus.REJECTED, fields={"first_name": "Cy"}),
    ]
    with given.store.transaction() as tx:
        tx.suppress([entry(given, reason="moved to Malta", expires_at=given.now)])
        tx.enroll(campaign.id, given.call_list(*rows), now=given.now)
        contact, _ = sorted(
            tx.due_contacts(campaign.id, zones=[given.row(2).zones], now=given.now, limit=9),
            key=lambda each: each.row_number,
        )
    given.shift(campaign)
    url = "wss://agent.example/ws?name=Ottilie"
    call = replace(given.answered_call("call-1"), remote_number=HER, client_websocket_url=url)
    attempt = given.ended(contact, "attempt-1", call)
    with given.store.transaction() as tx:
        tx.add_result(given.result(attempt), attempt=attempt)
        tx.keep_event(event(given, "event-1"))
        tx.cool_down(HER, until=given.now + DAY / 2, why="left in peace")
        tx.reserve_budget(
            "acme",
            attempt_id=attempt.id,
            campaign_id=campaign.id,
            need=Need(minutes=2.0, minutes_max=5.0),
            now=given.now,
        )
        tx.set_contact(contact.id, ContactState.REACHED, until=given.now, why="answered")
    return replace(contact, state=ContactState.REACHED)


def entry(given, number=HER, **changes):
    plain = Suppression(number=number, reason="opted out", source="dnc.csv", added_at=given.now)
    return replace(plain, **changes)


def event(given, event_id, call_id="call-1"):
    body = f'{{"call": {{"remote_number": "{HER}"}}}}'
    return CallEvent(id=event_id, call_id=call_id, received_at=given.now, body=body)


def erase(given, number=HER):
    with given.store.transaction() as tx:
        return tx.erase(number, now=given.now)


def counted(given, campaign_id):
    with given.store.reading() as tx:
        return tx.counts(campaign_id, now=given.now), tx.usage("acme", now=given.now)


@pytest.mark.usefixtures("her")
@pytest.mark.usefixtures("careless")
def test_what_is_erased_is_in_no_table_and_in_no_byte_of_the_file(given):
    """Not in a row, not in unused pages, not in the journal beside the file."""
    before = bytes_of(given.store)
    assert set(found_in(before)) >= {"4155550102", "Ottilie", "knee", "moved to Malta"}
    found = erase(given)
    assert (found.contacts, found.rows, found.attempts) == (1, 3, 1)
    assert (found.results, found.events, found.mentions) == (1, 1, 1)
    assert found.call_ids == ("call-1",)
    assert found.was_suppressed
    assert not found.waits_for_call
    assert given.store.scrub()
    assert found_in(held(given.store).encode()) == []
    assert found_in(bytes_of(given.store)) == []
    assert "Rye" in held(given.store), "the others' cells are still there"
    assert "Cy" in held(given.store)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("her")
def test_a_file_in_use_is_scrubbed_once_it_is_left_alone(given):
    """A run that reads is not held up for long: it is told, and done the next time."""
    erase(given)
    with given.store.reading() as tx:
        assert tx.contacts_of_number(HER) == []
        assert not given.store.scrub(busy=timedelta())
        assert tx.has_traces()
    assert given.store.scrub(busy=timedelta())
    assert found_in(bytes_of(given.store)) == []


def test_what_is_counted_stays_when_somebody_is_erased(given, her):
    """Rows, contacts, attempts and the budget add up as before; her state is a figure."""
    before = counted(given, her.campaign_id)
    assert before[1].calls == 1
    erase(given)
    assert counted(given, her.campaign_id) == before
    with given.store.reading() as tx:
        contact = tx.contact(her.id)
        assert contact.state is ContactState.REACHED
        assert is_hashed(contact.number)
        assert [each.word for each in tx.results_of(her.id)] == ["booked"]
        assert tx.latest_attempt(contact).call_id == "call-1"
        assert tx.known_calls(["call-1"]) == {"call-1"}, "her call is no foreign one now"


@pytest.mark.parametrize("is_same_campaign", [True, False])
def test_a_list_that_has_an_erased_number_again_gets_a_suppressed_row(given, her, is_same_campaign):
    """Uploaded anew, to this campaign or another one, nothing of the person is kept."""
    erase(given)
    campaign_id = her.campaign_id if is_same_campaign else given.campaign("other").id
    again = given.row(2, fields={"first_name": "Ottilie"})
    lists = [
        given.batched(given_batch(given, again), sha256="b" * 64),
        given.call_list(again._replace(row_number=9, status=RowStatus.DUPLICATE), sha256="c" * 64),
    ]
    with given.store.transaction() as tx:
        first, second = [tx.enroll(campaign_id, each, now=given.now) for each in lists]
        due = tx.due_contacts(campaign_id, zones=[again.zones], now=given.now, limit=9)
    assert (first.contacts_added, first.suppressed, second.contacts_added) == (0, 1, 0)
    assert HER not in [contact.number for contact in due]
    assert found_in(held(given.store).encode()) == []
    assert "on the suppression list: erased" in held(given.store)


def given_batch(given, *rows):
    return RowBatch(plain=given.plain(*rows))


def test_an_erased_number_is_not_dialed(given, her):
    """Asked at the decision and once more before the request, whoever would call it."""
    erase(given)
    numbers = [HER, HIM]
    with given.store.reading() as tx:
        stored = tx.contact(her.id).number
        facts = tx.number_facts([*numbers, stored], since=given.now, now=given.now)
        assert set(tx.suppressed([*numbers, stored], now=given.now)) == {HER, stored}
    assert facts[HER].suppressed_because == "erased"
    assert facts[stored].suppressed_because == "erased"
    assert facts[HIM].suppressed_because is None


@pytest.mark.usefixtures("her")
def test_an_erased_number_gets_no_entry_of_the_suppression_list(given):
    """A file that is read every night would bring it back; its hash holds for good anyway."""
    erase(given)
    with given.store.transaction() as tx:
        assert tx.suppress([entry(given), entry(given, HIM)]) == 1
        assert [each.number for each in tx.suppressions()] == [HIM]
        assert tx.suppression(HER).reason == "erased"
    assert HER not in held(given.store)


@pytest.mark.usefixtures("her")
def test_who_wants_to_be_called_again_is_taken_off_like_any_other(given):
    """One verb undoes whatever keeps a number from being called."""
    erase(given)
    with given.store.transaction() as tx:
        assert tx.unsuppress(HER).reason == "erased"
        assert tx.unsuppress(HER) is None
        assert tx.suppressed([HER], now=given.now) == {}


def test_a_number_that_nobody_has_is_erased_for_later(given):
    """Whoever asks before a list has the number is not dialed by a list that has it then."""
    assert erase(given).contacts == 0
    with given.store.reading() as tx:
        assert tx.suppressed([HER], now=given.now) == {HER: "erased"}
    assert HER not in held(given.store)


def test_somebody_who_waits_is_suppressed_and_a_plan_is_taken_back(given):
    """Nobody is left due who has only a hash for a number."""
    (contact,) = given.contacts(given.campaign(), 2)
    given.shift(given.campaign())
    with given.store.transaction() as tx:
        assert tx.add_attempts([given.planned(contact)])
    erase(given)
    with given.store.reading() as tx:
        erased, plan = tx.contact(contact.id), tx.attempt("attempt-1")
    assert (erased.state, erased.why) == (ContactState.SUPPRESSED, "erased")
    assert (plan.state, plan.ended_at) == (AttemptState.WITHDRAWN, given.now)


def test_an_erasure_while_in_call_waits_for_its_end(given):
    """The call is not orphaned (F22); from the first moment nobody dials the number again."""
    (contact,) = given.contacts(given.campaign(), 2)
    given.shift(given.campaign())
    reserved = given.reserved(contact)
    assert erase(given).waits_for_call
    with given.store.transaction() as tx:
        assert tx.contact(contact.id) == contact
        assert tx.suppressed([HER], now=given.now) == {HER: "erased"}
        assert tx.waiting_erasures() == []
        with pytest.raises(StoreError, match="in progress"):
            tx.unsuppress(HER)
    with given.store.transaction() as tx:
        refused = reserved.refuse(Disposition.INVALID, at=given.now, reason="no such number")
        assert tx.advance(refused, from_state=AttemptState.RESERVED)
        assert tx.waiting_erasures() == [HER]
        tx.erase(HER, now=given.now)
        assert tx.waiting_erasures() == []
    assert HER not in held(given.store)


@pytest.mark.usefixtures("her")
def test_a_webhook_that_comes_late_brings_nothing_back(given):
    """It is known if it comes again, and holds nothing; another call's is kept as it came."""
    erase(given)
    with given.store.transaction() as tx:
        assert tx.keep_event(event(given, "event-2"))
        assert not tx.keep_event(event(given, "event-2"))
    assert HER not in held(given.store)
    with given.store.transaction() as tx:
        tx.keep_event(event(given, "event-3", "call-9"))
    assert HER in held(given.store)


@pytest.mark.parametrize("forget", ["erase", "purge"])
def test_what_is_told_late_of_a_call_brings_nothing_back(given, her, forget):
    """A process that asked earlier writes what it was told then; the call stays as it is."""
    told = given.answered_call("call-1", minutes=3.0)
    told = replace(
        told, remote_number=HER, client_websocket_url=f"wss://a.example/{her.id}?Ottilie"
    )
    if forget == "erase":
        erase(given)
    else:
        purge(given, before=given.now + DAY)
    before = held(given.store)
    with given.store.transaction() as tx:
        tx.save_bound_call(told, attempt_id="attempt-1")
        assert tx.save_call(told, attempt_id="attempt-1")
        assert tx.save_call(told, attempt_id=None)
    assert held(given.store) == before


def purge(given, *, before):
    with given.store.transaction() as tx:
        found = tx.purgeable(before=before)
        purged = tx.purge_contacts(before=before, limit=1)
        purged += tx.purge_contacts(before=before, limit=100, after=max(purged, default=0))
        tx.purge_the_rest(before=before)
    assert len(purged) == found.contacts
    assert given.store.scrub()
    return found


@pytest.mark.usefixtures("careless")
def test_a_purge_forgets_who_people_were_and_keeps_what_is_counted(given, her):
    """Names, cells, transcripts, webhooks and URLs go; states, words and times stay."""
    with given.store.transaction() as tx:
        tx.set_contact(her.id + 1, ContactState.EXHAUSTED, until=given.now, why="no tries left")
    before = counted(given, her.campaign_id)
    found = purge(given, before=given.now + DAY)
    assert (found.contacts, found.results, found.rows, found.events) == (2, 1, 2, 1)
    assert found.suppressions == 1
    assert found_in(bytes_of(given.store)) == []
    assert "Rye" not in held(given.store)
    assert counted(given, her.campaign_id) == before
    with given.store.reading() as tx:
        assert (tx.contact(her.id).state, tx.contact(her.id).why) == (
            ContactState.REACHED,
            "answered",
        )
        assert tx.purgeable(before=given.now + DAY).contacts == 0


@pytest.mark.parametrize(
    "change",
    [
        {"state": ContactState.WAITING},
        {"state": ContactState.REVIEW},
        {"state": ContactState.REACHED, "until": 2 * DAY},
    ],
    ids=["waits", "in review", "ended since"],
)
def test_a_purge_leaves_alone_who_is_not_over(given, her, change):
    """Somebody who may still be called, or whom a person has to decide on, or who is recent."""
    until = given.now + change.get("until", timedelta())
    with given.store.transaction() as tx:
        tx.set_contact(her.id, change["state"], until=until, why="so")
    assert purge(given, before=given.now + DAY).contacts == 0
    assert purge(given, before=given.now).contacts == 0
    assert "Ottilie" in held(given.store)


def test_everybody_of_a_campaign_that_was_canceled_is_over(given, her):
    """Nobody of it is called any more, whatever they waited for."""
    with given.store.transaction() as tx:
        tx.set_campaign_state(
            her.campaign_id, CampaignState.CANCELED, reason="Malta", now=given.now
        )
    assert purge(given, before=given.now + DAY).contacts == 2


def test_who_was_purged_is_not_called_once_more_by_the_same_campaign(given, her):
    """Its list with a row more is another file; whom it reached it knows by the hash."""
    purge(given, before=given.now + DAY)
    anew = given.call_list(given.row(2), given.row(7), sha256="b" * 64)
    with given.store.transaction() as tx:
        enrolled = tx.enroll(her.campaign_id, anew, now=given.now)
        elsewhere = tx.numbers_in_other_campaigns([HER], campaign_id=0, organisation="acme")
    assert (enrolled.contacts_added, enrolled.duplicates) == (1, 1)
    assert elsewhere == {HER: "reminders"}


@pytest.mark.usefixtures("her")
def test_calls_to_a_purged_number_still_count_for_caps(given):
    """Another campaign that calls the number is bound by what was called before."""
    purge(given, before=given.now + DAY)
    with given.store.reading() as tx:
        facts = tx.number_facts([HER], since=given.now - DAY, now=given.now)
    assert facts[HER].dialed_at == (given.now,)
    assert facts[HER].suppressed_because is None, "only who asked for it is never called again"


@pytest.mark.usefixtures("her")
def test_a_cool_down_that_outlasts_a_purge_holds_without_the_number(given):
    """Whatever number is asked for; and of two that it has the one that ends later."""
    ends = given.now + 9 * DAY
    with given.store.transaction() as tx:
        tx.cool_down(HER, until=ends, why="left in peace")
    purge(given, before=given.now + DAY)
    assert HER not in held(given.store)
    assert cooling(given, HER) == ends
    for until in (ends - DAY, ends + DAY):
        with given.store.transaction() as tx:
            tx.cool_down(HER, until=until, why="left in peace")
        assert cooling(given, HER) == max(ends, until)
        purge(given, before=given.now + DAY)
        assert HER not in held(given.store)
        assert cooling(given, HER) == max(ends, until)
    erase(given)
    assert cooling(given, HER) is None, "the hash alone keeps it from being called now"


def test_a_cool_down_of_somebody_who_is_still_to_be_called_keeps_the_number(given):
    """It is theirs like everything else of them."""
    given.contacts(given.campaign(), 2)
    with given.store.transaction() as tx:
        tx.cool_down(HER, until=given.now + 9 * DAY, why="left in peace")
    purge(given, before=given.now + DAY)
    assert cooling(given, HER) == given.now + 9 * DAY


def cooling(given, number):
    with given.store.reading() as tx:
        facts = tx.number_facts([number], since=given.now, now=given.now)
    return facts[number].cooling_until


@pytest.mark.usefixtures("her")
def test_somebody_who_was_purged_can_be_erased(given):
    """The hash leads to what is left, and from then on the number is not called."""
    purge(given, before=given.now + DAY)
    assert erase(given).contacts == 1
    with given.store.reading() as tx:
        assert tx.suppressed([HER], now=given.now) == {HER: "erased"}
