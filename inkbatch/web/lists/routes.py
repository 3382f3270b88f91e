"""The pages of an upload: bring it, see what is wrong with it, and make a campaign of it."""

from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse

from inkbatch.adapters.call_lists import open_call_list, write_findings
from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.regions import region_of
from inkbatch.domain.call_list import Columns
from inkbatch.domain.errors import UserMistake
from inkbatch.domain.list_row import RowStatus
from inkbatch.web import words
from inkbatch.web.access.guard import only_operators, person_of
from inkbatch.web.campaigns.entries import find_entry
from inkbatch.web.forms import Form, read_form
from inkbatch.web.lists.checking import Checks, SeenColumn
from inkbatch.web.lists.receiving import UPLOAD_BYTES_MAX, receive, require_allowed, safe_name
from inkbatch.web.lists.uploads import Upload, find_upload, new_upload
from inkbatch.web.lists.using import make_campaign, use_for_campaign
from inkbatch.web.office import Office
from inkbatch.web.templating import page

ROWS_A_PAGE = 50
STATUSES = {str(status): label for status, label in words.ROW_STATUSES.items()}
CORRECTED = (".xlsx", ".csv")


def upload_routes(office: Office) -> APIRouter:
    """Return the way in for a list; nothing on it dials anybody."""
    router = APIRouter()

    @router.get("/campaigns/new")
    def new(request: Request, campaign: str = "") -> HTMLResponse:
        entry = find_entry(office, campaign) if campaign else None
        return page(request, "lists/new.html", entry=entry, most=UPLOAD_BYTES_MAX)

    @router.post("/uploads")
    async def take(
        request: Request,
        name: Annotated[str, Query(max_length=1_000)],
        campaign: Annotated[str, Query(max_length=100)] = "",
    ) -> JSONResponse:
        """Take a file as the body of the request, and lead to what was found in it."""
        upload = await take_upload(office, request, name=name, campaign=campaign)
        return JSONResponse({"next": f"/uploads/{upload.id}"})

    return router


def checking_routes(office: Office, checks: Checks) -> APIRouter:
    """Return what was found in an upload, and what is made of it."""
    router = APIRouter(dependencies=[Depends(only_operators)])

    @router.get("/uploads/{id_}")
    def found(
        request: Request,
        id_: str,
        status: str = "",
        start: Annotated[int, Query(ge=0)] = 0,
    ) -> HTMLResponse:
        upload = find_upload(office.uploads, id_)
        template = "lists/found.html" if _wants_part(request) else "lists/upload.html"
        return page(request, template, **_found(checks, upload, status, start))

    @router.post("/uploads/{id_}/columns")
    async def change(request: Request, id_: str) -> RedirectResponse:
        """Read the list anew, with its columns used as a person says."""
        form = await read_form(request)
        await run_in_threadpool(_read_anew, checks, find_upload(office.uploads, id_), form)
        return RedirectResponse(f"/uploads/{id_}", HTTPStatus.SEE_OTHER)

    @router.get("/uploads/{id_}/corrected{form}")
    def corrected(id_: str, form: str) -> FileResponse:
        """Return the person's own file, each row with what became of it and why."""
        upload = find_upload(office.uploads, id_)
        if form not in CORRECTED:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such file.")
        to = write_corrected(office, upload, form)
        return FileResponse(to, filename=f"checked {upload.file.stem}{form}")

    @router.post("/uploads/{id_}/campaign")
    async def use(request: Request, id_: str) -> Any:
        form = await read_form(request)
        upload = find_upload(office.uploads, id_)
        return await run_in_threadpool(_use, office, checks, request, upload=upload, form=form)

    return router


async def take_upload(office: Office, request: Request, *, name: str, campaign: str) -> Upload:
    """Keep the body of a request as an upload; nothing is left of one that is refused."""
    shown = safe_name(name)
    require_allowed(shown)
    if campaign:
        await run_in_threadpool(find_entry, office, campaign)
    upload = await run_in_threadpool(new_upload, office.uploads, name=shown, campaign=campaign)
    try:
        await receive(request, upload.file, name=shown)
    except BaseException:
        upload.forget()
        raise
    await run_in_threadpool(upload.save)
    await run_in_threadpool(office.note, person_of(request), "uploaded a list", shown)
    return upload


def write_corrected(office: Office, upload: Upload, form: str) -> Path:
    """Write the person's own file, each row with what became of it and why."""
    to = upload.folder / f"checked{form}"
    with office.store.reading() as tx:
        suppressed = {each.number: each.reason for each in tx.suppressions()}
    opened = open_call_list(
        upload.file, columns=upload.columns, default_region=upload.region, suppressed=suppressed
    )
    write_findings(opened, to)
    return to


def _use(office: Office, checks: Checks, request: Request, *, upload: Upload, form: Form) -> Any:
    person = person_of(request)
    if upload.campaign:
        return _to(use_for_campaign(office, person, upload))
    try:
        return _to(make_campaign(office, person, upload, name=form["name"]))
    except UserMistake as error:
        return _again(checks, request, upload, name=form["name"], problem=str(error))


def _again(
    checks: Checks, request: Request, upload: Upload, *, name: str, problem: str
) -> HTMLResponse:
    values = {**_found(checks, upload, "", 0), "name": name, "name_problem": problem}
    return page(request, "lists/upload.html", http_status=HTTPStatus.UNPROCESSABLE_ENTITY, **values)


def _to(slug: str) -> RedirectResponse:
    return RedirectResponse(f"/campaigns/{quote(slug)}/setup", HTTPStatus.SEE_OTHER)


def _wants_part(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _found(checks: Checks, upload: Upload, status: str, start: int) -> dict[str, Any]:
    check = checks.of(upload)
    checked = check.checked
    status = status if status in STATUSES else _first_status(checked.by_status if checked else {})
    rows = checked.kept.get(RowStatus(status), []) if checked else []
    return {
        "upload": upload,
        "check": check,
        "checked": checked,
        "status": status,
        "statuses": STATUSES,
        "rows": rows[start : start + ROWS_A_PAGE],
        "start": start,
        "next_start": start + ROWS_A_PAGE if start + ROWS_A_PAGE < len(rows) else None,
        "kept": len(rows),
        "name": upload.file.stem,
        "name_problem": None,
    }


def _first_status(by_status: dict[RowStatus, int]) -> str:
    """Show first what a person has to mend."""
    order = (RowStatus.REJECTED, RowStatus.DUPLICATE, RowStatus.SUPPRESSED, RowStatus.REPAIRED)
    return next((str(each) for each in order if by_status.get(each)), str(RowStatus.ACCEPTED))


def _read_anew(checks: Checks, upload: Upload, form: Form) -> None:
    checked = checks.of(upload).checked
    try:
        region = region_of(form["region"], default=None)
    except BadCell:
        raise HTTPException(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{form['region']} is no country known here; write its name or its two letters.",
        ) from None
    columns = _columns(checked.columns, form) if checked else upload.columns
    checks.of(upload.read_as(columns, region=region))


def _columns(columns: tuple[SeenColumn, ...], form: Form) -> Columns:
    """Return what the form says of each column; whoever is not named there is not used."""
    used = dict[str, list[str]]()
    for place, column in enumerate(columns):
        role = form[f"use_{place}"] if column.is_named_once else ""
        if role in words.ROLES:
            used.setdefault(role, []).append(column.header)
    phones = used.pop("phone", [])
    others = {role: used.get(role, [""])[0] for role in words.ROLES if role != "phone"}
    phone = tuple(phones) if len(phones) > 1 else next(iter(phones), None)
    return Columns(phone=phone, **others)
