"""Attempts and people of a campaign by the page, each from where the one before ended."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Generic, TypeVar

from fastapi import HTTPException, Path, Query

from inkbatch.ports.viewing import (
    AttemptFilter,
    AttemptKey,
    ContactFilter,
    SeenAttempt,
    SeenContact,
)
from inkbatch.web import words
from inkbatch.web.campaigns.entries import Entry
from inkbatch.web.office import Office

Row = TypeVar("Row")
SEARCH_LENGTH_MAX = 40
ID_MAX = 2**31 - 1
ATTEMPT_ID = re.compile(r"[0-9A-Za-z-]{1,36}")
OUTCOME_CHOICES = {
    **{str(key): label for key, label in words.OUTCOMES.items()},
    "placed": "In progress",
    "unconfirmed": "Being looked up",
}
STATE_CHOICES = {str(key): label for key, label in words.CONTACT_STATES.items() if key != "due"}

Search = Annotated[str, Query(max_length=SEARCH_LENGTH_MAX)]
ContactId = Annotated[int, Path(ge=1, le=ID_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[Row]):
    """Some rows, and behind which place those after them are; None where there are no more."""

    rows: Sequence[Row]
    after: str | None


def list_attempts(
    office: Office, entry: Entry, *, only: AttemptFilter, after: str, limit: int
) -> Listed[SeenAttempt]:
    """Return attempts, the latest dialed first; answers 404 for a place that is none."""
    key = _key(after)
    with office.store.reading() as tx:
        found = tx.attempts_page(entry.stored.id, only=only, after=key, limit=limit + 1)
    return _listed(found, limit, place=_after)


def list_people(
    office: Office, entry: Entry, *, only: ContactFilter, after: str, limit: int
) -> Listed[SeenContact]:
    """Return contacts by id; answers 404 for a place that is none."""
    if not (after.isascii() and after.isdecimal() and int(after[:20]) <= ID_MAX):
        raise _no_place()
    with office.store.reading() as tx:
        found = tx.contacts_page(entry.stored.id, only=only, after=int(after), limit=limit + 1)
    return _listed(found, limit, place=lambda last: str(last.id))


def _listed(found: Sequence[Row], limit: int, *, place: Callable[[Row], str]) -> Listed[Row]:
    """Cut off the one row too many that tells whether there are more."""
    has_more = len(found) > limit
    return Listed(rows=found[:limit], after=place(found[limit - 1]) if has_more else None)


def _after(last: SeenAttempt) -> str:
    at = last.dialed_at
    return f"{at.isoformat()}_{last.id}" if at else ""


def _key(after: str) -> AttemptKey | None:
    if not after:
        return None
    at, _, id_ = after.partition("_")
    try:
        dialed_at = datetime.fromisoformat(at)
        told = dialed_at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no_place() from None
    if dialed_at.tzinfo is None or not ATTEMPT_ID.fullmatch(id_):
        raise _no_place()
    return AttemptKey(dialed_at=told, id=id_)


def _no_place() -> HTTPException:
    return HTTPException(HTTPStatus.NOT_FOUND, "There is no such place in the table.")
