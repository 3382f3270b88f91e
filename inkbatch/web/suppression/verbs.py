"""What an operator does with the suppression list, by the page or by a script; all is logged."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.numbers import read_number
from inkbatch.adapters.call_lists.regions import region_of
from inkbatch.adapters.call_lists.suppression_files import read_suppressions, read_until
from inkbatch.adapters.reports.suppression_list import write_suppressions
from inkbatch.domain.errors import CallListError
from inkbatch.domain.phone_number import masked
from inkbatch.domain.suppression import Suppression
from inkbatch.web.access import Person
from inkbatch.web.access.guard import person_of
from inkbatch.web.campaigns.report import FORMS
from inkbatch.web.lists.receiving import receive, safe_name
from inkbatch.web.office import Office

REASON_LENGTH_MAX = 200
BY_HAND = "by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A number that is never to be called, as somebody wrote it; all but the number may be empty.

    `region` is the country of a number without a plus, `until` the day when the entry ends.
    """

    number: str
    region: str = ""
    reason: str = ""
    until: str = ""


def suppress(office: Office, person: Person, asked: Asked) -> Suppression:
    """Put a number on the list and return its entry; raises BadCell."""
    entry = _entry(asked, now=office.now())
    with office.store.transaction() as tx:
        tx.suppress([entry])
        tx.add_audit_entry(office.entry(person, "never call", masked(entry.number)))
    return entry


def take_off(office: Office, person: Person, number: str) -> Suppression | None:
    """Take a number off and return its entry; None where it is not on the list."""
    with office.store.transaction() as tx:
        gone = tx.unsuppress(number)
        if gone is not None:
            tx.add_audit_entry(office.entry(person, "may be called again", masked(number)))
    return gone


def bring_in(office: Office, person: Person, file: Path, *, region: str) -> int:
    """Add the numbers of a file, all or none, and return how many are new; answers 422."""
    try:
        read = read_suppressions(
            file, default_region=region_of(region, default=None), now=office.now()
        )
    except (BadCell, CallListError) as error:
        raise _unreadable(str(error).replace(str(file), file.name)) from None
    if read.unread:
        raise _unreadable(
            f"Nothing was added, since some rows cannot be read: {read.some_unread}. Correct "
            "or delete them, and bring the file again."
        )
    with office.store.transaction() as tx:
        added = tx.suppress(read.suppressions)
        tx.add_audit_entry(office.entry(person, f"imported {added} numbers", file.name))
    return added


async def bring_in_body(
    office: Office, request: Request, *, name: str, region: str
) -> tuple[str, int]:
    """Do as `bring_in` with the request's body; return the file's name, too."""
    with office.scratch() as folder:
        file = Path(folder) / safe_name(name)
        await receive(request, file, name=file.name)
        added = await run_in_threadpool(bring_in, office, person_of(request), file, region=region)
    return file.name, added


def list_as_file(office: Office, person: Person, form: str) -> bytes:
    """Return the list as a file, with whole numbers; answers 404 for another form."""
    if form not in FORMS:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such file.")
    with office.store.reading() as tx:
        entries = tx.suppressions()
    with office.scratch() as folder:
        content = write_suppressions(entries, Path(folder) / f"list{form}").read_bytes()
    office.note(person, f"exported as {form}", "the never-call list")
    return content


def _entry(asked: Asked, *, now: datetime) -> Suppression:
    number = read_number(asked.number, region=region_of(asked.region, default=None)).number
    expires_at = read_until(asked.until)
    if expires_at is not None and expires_at <= now:
        raise BadCell("that day has passed: give a later one, or none to keep it for good")
    return Suppression(
        number=number,
        reason=asked.reason[:REASON_LENGTH_MAX] or "no reason given",
        source=BY_HAND,
        added_at=now,
        expires_at=expires_at,
    )


def _unreadable(sentence: str) -> HTTPException:
    return HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, sentence)
