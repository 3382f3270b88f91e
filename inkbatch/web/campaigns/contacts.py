"""One person's whole story: where it came from, every attempt, what was said, what is next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from inkbatch.dialer.explain import Outlook, Told, outlook, told_of_contact
from inkbatch.dialer.review import close, release
from inkbatch.domain.attempt import Attempt
from inkbatch.domain.errors import StoreError
from inkbatch.domain.result import Result
from inkbatch.web.access.guard import person_of
from inkbatch.web.campaigns.entries import Entry, find_entry
from inkbatch.web.office import Office
from inkbatch.web.templating import page

DECISIONS: Mapping[str, tuple[str, Callable[..., int]]] = {
    "call-again": ("may be called again", release),
    "reached": ("was reached", partial(close, reached=True)),
    "call-no-more": ("is not called any more", partial(close, reached=False)),
}
"""What becomes of somebody in review, by the path that says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One attempt with what the agent said of it."""

    attempt: Attempt
    results: tuple[Result, ...]


def contact_routes(office: Office) -> APIRouter:
    """Return the page of one person of one campaign, and what is decided of a person in review."""
    router = APIRouter(prefix="/campaigns/{slug}/people")

    @router.get("/{contact_id}")
    def contact(request: Request, slug: str, contact_id: int) -> HTMLResponse:
        entry = find_entry(office, slug)
        told = _told(office, entry, contact_id)
        return page(
            request,
            "campaigns/contact.html",
            entry=entry,
            tab="people",
            told=told,
            contact=told.contact,
            chapters=_chapters(told),
            outlook=_outlook(office, entry, told),
        )

    @router.post("/{contact_id}/{decision}")
    def decide(request: Request, slug: str, contact_id: int, decision: str) -> RedirectResponse:
        """Say of somebody in review what nobody but a person can tell."""
        if decision not in DECISIONS:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is nothing here.")
        entry = find_entry(office, slug)
        _told(office, entry, contact_id)
        person, (done, settle) = person_of(request), DECISIONS[decision]
        why = f"after a review on the page, by {person.name}: {done}"
        if not settle(office.store, entry.stored, [contact_id], why=why, now=office.now()):
            raise HTTPException(HTTPStatus.CONFLICT, "This person is not in review any more.")
        office.note(person, done, f"{entry.name}, person {contact_id}")
        path = f"/campaigns/{slug}/people/{contact_id}"
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)

    return router


def _told(office: Office, entry: Entry, contact_id: int) -> Told:
    try:
        with office.store.reading() as tx:
            told = told_of_contact(tx, contact_id)
    except StoreError:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such person.") from None
    if told.record.id != entry.stored.id:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such person in this campaign.")
    return told


def _outlook(office: Office, entry: Entry, told: Told) -> Outlook | None:
    if entry.campaign is None:
        return None
    return outlook(office.store, entry.campaign, told, clock=office.clock, reserve=office.reserve)


def _chapters(told: Told) -> list[Chapter]:
    """Return the attempts, the latest first."""
    return [
        Chapter(
            attempt=attempt,
            results=tuple(each for each in told.results if each.attempt_id == attempt.id),
        )
        for attempt in reversed(told.attempts)
    ]
