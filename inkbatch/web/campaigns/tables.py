"""Attempts and people of a campaign as tables: searched, filtered, and by the page."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from inkbatch.ports.viewing import AttemptFilter, ContactFilter
from inkbatch.web.access.guard import sees_masks_alone
from inkbatch.web.campaigns.entries import find_entry
from inkbatch.web.campaigns.listing import (
    OUTCOME_CHOICES,
    STATE_CHOICES,
    Search,
    list_attempts,
    list_people,
)
from inkbatch.web.office import Office
from inkbatch.web.templating import chosen, page

PAGE_ROWS = 50


def table_routes(office: Office) -> APIRouter:
    """Return both tables; with `HX-Request` only the rows behind those that are shown."""
    router = APIRouter(prefix="/campaigns/{slug}")

    @router.get("/attempts")
    def attempts(
        request: Request, slug: str, q: Search = "", outcome: Search = "", after: str = ""
    ) -> HTMLResponse:
        entry = find_entry(office, slug)
        only = AttemptFilter(
            disposition=chosen(outcome, OUTCOME_CHOICES),
            number=q,
            shown_digits_only=sees_masks_alone(request),
        )
        found = list_attempts(office, entry, only=only, after=after, limit=PAGE_ROWS)
        query = {"q": q, "outcome": only.disposition}
        return page(
            request,
            _template(request, "attempts"),
            entry=entry,
            tab="attempts",
            rows=found.rows,
            more=_more(f"/campaigns/{slug}/attempts", found.after, query),
            q=q,
            outcome=only.disposition,
            choices=OUTCOME_CHOICES,
        )

    @router.get("/people")
    def people(
        request: Request,
        slug: str,
        q: Search = "",
        state: Search = "",
        after: str = "0",
    ) -> HTMLResponse:
        entry = find_entry(office, slug)
        only = ContactFilter(
            state=chosen(state, STATE_CHOICES),
            number=q,
            shown_digits_only=sees_masks_alone(request),
        )
        found = list_people(office, entry, only=only, after=after, limit=PAGE_ROWS)
        query = {"q": q, "state": only.state}
        return page(
            request,
            _template(request, "people"),
            entry=entry,
            tab="people",
            rows=found.rows,
            more=_more(f"/campaigns/{slug}/people", found.after, query),
            q=q,
            state=only.state,
            choices=STATE_CHOICES,
        )

    return router


def _template(request: Request, name: str) -> str:
    """Return the whole page, or for the page's own script what it puts into it."""
    match request.headers.get("hx-target", ""):
        case "rows":
            return f"campaigns/{name}_table.html"
        case "more":
            return f"campaigns/{name}_rows.html"
    return f"campaigns/{name}.html"


def _more(path: str, after: str | None, query: Mapping[str, str]) -> str | None:
    """Return where the rows behind a page are; None where there are no more."""
    return None if after is None else f"{path}?{urlencode({**query, 'after': after})}"
