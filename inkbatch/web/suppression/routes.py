"""The suppression list: searched, added to, imported, taken from, and given out."""

from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.numbers import read_number
from inkbatch.adapters.call_lists.regions import region_of
from inkbatch.adapters.call_lists.suppression_files import read_suppressions, read_until
from inkbatch.adapters.reports.suppression_list import write_suppressions
from inkbatch.domain.errors import CallListError
from inkbatch.domain.phone_number import masked
from inkbatch.domain.suppression import Suppression
from inkbatch.web.access.guard import only_operators, person_of
from inkbatch.web.campaigns.report import FORMS, attached
from inkbatch.web.forms import Form, read_form
from inkbatch.web.lists.receiving import UPLOAD_BYTES_MAX, receive, safe_name
from inkbatch.web.office import Office
from inkbatch.web.templating import page

PATH = "/never-call"
SHOWN_MAX = 200
REASON_LENGTH_MAX = 200
BY_HAND = "by hand"


def suppression_routes(office: Office) -> APIRouter:
    """Return the page of the list and what changes it; all is written into the log."""
    router = APIRouter(prefix=PATH)

    @router.get("")
    def listed(
        request: Request,
        q: Annotated[str, Query(max_length=100)] = "",
        said: Annotated[str, Query(max_length=300)] = "",
    ) -> HTMLResponse:
        is_part = request.headers.get("hx-target") == "rows"
        template = "suppression/rows.html" if is_part else "suppression/page.html"
        return page(request, template, **_listed(office, q), said=said, problem=None, form=Form({}))

    @router.post("")
    async def add(request: Request) -> Response:
        form = await read_form(request)
        return await run_in_threadpool(_add, office, request, form)

    @router.post("/remove")
    async def remove(request: Request) -> RedirectResponse:
        form = await read_form(request)
        return await run_in_threadpool(_remove, office, request, form["number"])

    @router.post("/import")
    async def bring(
        request: Request,
        name: Annotated[str, Query(max_length=1_000)],
        region: Annotated[str, Query(max_length=60)] = "",
    ) -> JSONResponse:
        """Take a file as the body of the request; all of its numbers or none."""
        with office.scratch() as folder:
            file = Path(folder) / safe_name(name)
            await receive(request, file, name=file.name)
            sentence = await run_in_threadpool(_import, office, request, file, region=region)
        return JSONResponse({"next": f"{PATH}?{urlencode({'said': sentence})}"})

    @router.get("/export{form}", dependencies=[Depends(only_operators)])
    def export(request: Request, form: str) -> Response:
        person = person_of(request)
        if form not in FORMS:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such file.")
        if not person.may_change:
            raise HTTPException(
                HTTPStatus.FORBIDDEN, "The list holds whole numbers: for operators."
            )
        with office.store.reading() as tx:
            entries = tx.suppressions()
        with office.scratch() as folder:
            content = write_suppressions(entries, Path(folder) / f"list{form}").read_bytes()
        office.note(person, f"exported as {form}", "the never-call list")
        return Response(content, media_type=FORMS[form], headers=attached(f"never-call{form}"))

    return router


def _add(office: Office, request: Request, form: Form) -> Response:
    try:
        entry = _entry(form, now=office.now())
    except BadCell as bad:
        values = {**_listed(office, ""), "said": "", "problem": str(bad), "form": form}
        return page(
            request,
            "suppression/page.html",
            http_status=HTTPStatus.UNPROCESSABLE_ENTITY,
            **values,
        )
    with office.store.transaction() as tx:
        tx.suppress([entry])
        note = office.entry(person_of(request), "never call", masked(entry.number))
        tx.add_audit_entry(note)
    return _back(f"{masked(entry.number)} is on the list now.")


def _remove(office: Office, request: Request, number: str) -> RedirectResponse:
    with office.store.transaction() as tx:
        gone = tx.unsuppress(number)
        if gone is not None:
            note = office.entry(person_of(request), "may be called again", masked(number))
            tx.add_audit_entry(note)
    if gone is None:
        return _back("That number is not on the list.")
    return _back(f"{masked(number)} was taken off the list: it may be called again.")


def _import(office: Office, request: Request, file: Path, *, region: str) -> str:
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
        note = office.entry(person_of(request), f"imported {added} numbers", file.name)
        tx.add_audit_entry(note)
    return f"{file.name}: {added} numbers are new on the list."


def _listed(office: Office, q: str) -> dict[str, Any]:
    with office.store.reading() as tx:
        found = tx.suppressions(matching=q, limit=SHOWN_MAX + 1)
    return {
        "rows": found[:SHOWN_MAX],
        "has_more": len(found) > SHOWN_MAX,
        "shown_max": SHOWN_MAX,
        "q": q,
        "forms": FORMS,
        "most": UPLOAD_BYTES_MAX,
    }


def _entry(form: Form, *, now: datetime) -> Suppression:
    """Return the entry that was typed; raises BadCell."""
    number = read_number(form["number"], region=region_of(form["region"], default=None)).number
    expires_at = read_until(form["until"])
    if expires_at is not None and expires_at <= now:
        raise BadCell("that day has passed: give a later one, or none to keep it for good")
    return Suppression(
        number=number,
        reason=form["reason"][:REASON_LENGTH_MAX] or "no reason given",
        source=BY_HAND,
        added_at=now,
        expires_at=expires_at,
    )


def _unreadable(sentence: str) -> HTTPException:
    return HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, sentence)


def _back(sentence: str) -> RedirectResponse:
    return RedirectResponse(f"{PATH}?{urlencode({'said': sentence})}", HTTPStatus.SEE_OTHER)
