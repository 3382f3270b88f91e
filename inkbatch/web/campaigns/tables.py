"""Attempts and people of a campaign as tables: searched, filtered, and by the page."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from inkbatch.ports.viewing import AttemptFilter, AttemptKey, SeenAttempt, SeenContact
from inkbatch.web import words
from inkbatch.web.campaigns.entries import find_entry
from inkbatch.web.office import Office
from inkbatch.web.templating import chosen, page

Row = TypeVar("Row")
PAGE_ROWS = 50
SEARCH_LENGTH_MAX = 40
OUTCOME_CHOICES = {
    **{str(key): label for key, label in words.OUTCOMES.items()},
    "placed": "In progress",
    "unconfirmed": "Being looked up",
}
STATE_CHOICES = {str(key): label for key, label in words.CONTACT_STATES.items() if key != "due"}

Search = Annotated[str, Query(max_length=SEARCH_LENGTH_MAX)]


def table_routes(office: Office) -> APIRouter:
    """Return both tables; with `HX-Request` only the rows behind those that are shown."""
    router = APIRouter(prefix="/campaigns/{slug}")

    @router.get("/attempts")
    def attempts(
        request: Request, slug: str, q: Search = "", outcome: Search = "", after: str = ""
    ) -> HTMLResponse:
        entry = find_entry(office, slug)
        only = AttemptFilter(disposition=chosen(outcome, OUTCOME_CHOICES), number=q)
        with office.store.reading() as tx:
            found = tx.attempts_page(
                entry.stored.id, only=only, after=_key(after), limit=PAGE_ROWS + 1
            )
        shown = found[:PAGE_ROWS]
        query = {"q": q, "outcome": only.disposition}
        return page(
            request,
            _template(request, "attempts"),
            entry=entry,
            tab="attempts",
            rows=shown,
            more=_more(f"/campaigns/{slug}/attempts", found, key_of=_after, query=query),
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
        after: Annotated[int, Query(ge=0)] = 0,
    ) -> HTMLResponse:
        entry = find_entry(office, slug)
        state = chosen(state, STATE_CHOICES)
        with office.store.reading() as tx:
            found = tx.contacts_page(
                entry.stored.id, state=state, number=q, after=after, limit=PAGE_ROWS + 1
            )
        shown = found[:PAGE_ROWS]
        query = {"q": q, "state": state}
        return page(
            request,
            _template(request, "people"),
            entry=entry,
            tab="people",
            rows=shown,
            more=_more(f"/campaigns/{slug}/people", found, key_of=_id, query=query),
            q=q,
            state=state,
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


def _more(
    path: str, found: Sequence[Row], *, key_of: Callable[[Row], str], query: Mapping[str, str]
) -> str | None:
    """Return where the rows behind a page are; None where one row more was not found."""
    if len(found) <= PAGE_ROWS:
        return None
    return f"{path}?{urlencode({**query, 'after': key_of(found[PAGE_ROWS - 1])})}"


def _id(last: SeenContact) -> str:
    return str(last.id)


def _after(last: SeenAttempt) -> str:
    at = last.dialed_at
    return f"{at.isoformat()}_{last.id}" if at else ""


def _key(after: str) -> AttemptKey | None:
    if not after:
        return None
    at, _, id_ = after.partition("_")
    try:
        dialed_at = datetime.fromisoformat(at)
    except ValueError:
        dialed_at = None
    if dialed_at is None or dialed_at.tzinfo is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such place in the table.")
    return AttemptKey(dialed_at=dialed_at, id=id_)
