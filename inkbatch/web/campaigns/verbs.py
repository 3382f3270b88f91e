"""What an operator does with a campaign, by the page or by a script; all is written in the log."""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus

from fastapi import HTTPException

from inkbatch.dialer.explain import Told, told_of_contact
from inkbatch.dialer.plan import Plan, plan
from inkbatch.dialer.review import close, release
from inkbatch.dialer.steering import steer as dialer_steer
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.errors import StoreError, UserMistake
from inkbatch.web.access import Person
from inkbatch.web.campaigns.entries import Entry
from inkbatch.web.office import Office

STEERING = {
    "pause": (CampaignState.PAUSED, "paused"),
    "resume": (CampaignState.ACTIVE, "resumed"),
    "cancel": (CampaignState.CANCELED, "canceled"),
}
DECISIONS: Mapping[str, tuple[str, Callable[..., int]]] = {
    "call-again": ("may be called again", release),
    "reached": ("was reached", partial(close, reached=True)),
    "call-no-more": ("is not called any more", partial(close, reached=False)),
}
"""What becomes of somebody in review, by the path that says it."""


def take_in(office: Office, person: Person, entry: Entry) -> None:
    """Take the list in, and dial nobody: what is next is looked at first. Answers 409."""
    try:
        office.enroll(entry.readable, entry.folder)
    except UserMistake as error:
        raise HTTPException(HTTPStatus.CONFLICT, str(error)) from None
    office.note(person, "took the list in", entry.name)


def look_ahead(office: Office, entry: Entry) -> Plan:
    """Return what Start would do; answers 404 before the list is taken in."""
    campaign, record = entry.readable, entry.stored
    with office.store.reading() as tx:
        return plan(tx, campaign, record, reserve=office.reserve, now=office.now())


def start(office: Office, person: Person, entry: Entry) -> None:
    """Begin a run that outlives the page; answers 409 where it cannot be."""
    if office.missing is not None:
        raise HTTPException(HTTPStatus.CONFLICT, office.missing)
    campaign = entry.readable
    if entry.record is None:
        raise HTTPException(HTTPStatus.CONFLICT, "Look at what Start would do first.")
    if entry.record.state is CampaignState.CANCELED:
        raise HTTPException(HTTPStatus.CONFLICT, "This campaign was canceled, which is for good.")
    office.note(person, "started", campaign.name)
    office.runs.start(entry.folder)


def steer(office: Office, person: Person, entry: Entry, verb: str) -> None:
    """Pause, resume or cancel; answers 404 for another word, 409 for what was canceled."""
    if verb not in STEERING:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is nothing here.")
    state, done = STEERING[verb]
    record = entry.stored
    reason = None if state is CampaignState.ACTIVE else f"{done} by {person.name}"
    try:
        with office.store.transaction(organisation=record.organisation) as tx:
            dialer_steer(tx, record.id, state, reason=reason, now=office.now())
            tx.add_audit_entry(office.entry(person, done, entry.name))
    except UserMistake as error:
        raise HTTPException(HTTPStatus.CONFLICT, str(error)) from None
    if state is CampaignState.ACTIVE and office.missing is None:
        office.runs.start(entry.folder)


def find_person(office: Office, entry: Entry, contact_id: int) -> Told:
    """Return one person's story; answers 404 where the campaign has no such person."""
    try:
        with office.store.reading() as tx:
            told = told_of_contact(tx, contact_id)
    except StoreError:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such person.") from None
    if told.record.id != entry.stored.id:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such person in this campaign.")
    return told


def decide(office: Office, person: Person, entry: Entry, *, contact_id: int, decision: str) -> None:
    """Say of somebody in review what nobody but a person can tell; answers 404 and 409."""
    if decision not in DECISIONS:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is nothing here.")
    find_person(office, entry, contact_id)
    done, settle = DECISIONS[decision]
    why = f"after a review by {person.name}: {done}"
    if not settle(office.store, entry.stored, [contact_id], why=why, now=office.now()):
        raise HTTPException(HTTPStatus.CONFLICT, "This person is not in review any more.")
    office.note(person, done, f"{entry.name}, person {contact_id}")
