"""One person's whole story: where it came from, every attempt, what was said, what is next."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from inkbatch.dialer.explain import Outlook, Told, outlook
from inkbatch.domain.attempt import Attempt
from inkbatch.domain.result import Result
from inkbatch.web.access.guard import person_of
from inkbatch.web.campaigns.entries import Entry, find_entry
from inkbatch.web.campaigns.listing import ContactId
from inkbatch.web.campaigns.verbs import decide, find_person
from inkbatch.web.office import Office
from inkbatch.web.templating import page


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One attempt with what the agent said of it."""

    attempt: Attempt
    results: tuple[Result, ...]


def contact_routes(office: Office) -> APIRouter:
    """Return the page of one person of one campaign, and what is decided of a person in review."""
    router = APIRouter(prefix="/campaigns/{slug}/people")

    @router.get("/{contact_id}")
    def contact(request: Request, slug: str, contact_id: ContactId) -> HTMLResponse:
        entry = find_entry(office, slug)
        told = find_person(office, entry, contact_id)
        return page(
            request,
            "campaigns/contact.html",
            entry=entry,
            tab="people",
            told=told,
            contact=told.contact,
            chapters=chapters_of(told),
            outlook=outlook_of(office, entry, told),
        )

    @router.post("/{contact_id}/{decision}")
    def settle(
        request: Request, slug: str, contact_id: ContactId, decision: str
    ) -> RedirectResponse:
        """Say of somebody in review what nobody but a person can tell."""
        entry = find_entry(office, slug)
        decide(office, person_of(request), entry, contact_id=contact_id, decision=decision)
        path = f"/campaigns/{slug}/people/{contact_id}"
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)

    return router


def outlook_of(office: Office, entry: Entry, told: Told) -> Outlook | None:
    """Return what holds somebody back; None where the campaign's file cannot be read."""
    if entry.campaign is None:
        return None
    return outlook(office.store, entry.campaign, told, clock=office.clock, reserve=office.reserve)


def chapters_of(told: Told) -> list[Chapter]:
    """Return the attempts, the latest first."""
    return [
        Chapter(
            attempt=attempt,
            results=tuple(each for each in told.results if each.attempt_id == attempt.id),
        )
        for attempt in reversed(told.attempts)
    ]
