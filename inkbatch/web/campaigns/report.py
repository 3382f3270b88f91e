"""What came of a campaign: the report in the page and as a file, and exports."""

from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response

from inkbatch.web.access import Person
from inkbatch.web.access.guard import only_operators, person_of
from inkbatch.web.campaigns.entries import Entry, find_entry
from inkbatch.web.office import Office
from inkbatch.web.templating import page

FORMS = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
}
WHATS = {
    "contacts": "People and where they stand",
    "attempts": "Every attempt",
    "rows": "Every row of the list",
    "transcripts": "What was said",
}
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""The report is a page of its own: it brings its style along, and runs no script."""


def report_routes(office: Office) -> APIRouter:
    """Return the report's page, the report itself, and the exports."""
    router = APIRouter(prefix="/campaigns/{slug}")

    @router.get("/report")
    def report(request: Request, slug: str) -> HTMLResponse:
        entry = find_entry(office, slug)
        return page(
            request,
            "campaigns/report.html",
            entry=entry,
            record=entry.stored,
            tab="report",
            whats=WHATS,
            forms=FORMS,
        )

    @router.get("/report.html")
    def report_file(
        request: Request, slug: str, *, download: Annotated[bool, Query()] = False
    ) -> Response:
        entry = find_entry(office, slug)
        content = report_page(office, entry)
        headers = {"Content-Security-Policy": REPORT_POLICY, "X-Frame-Options": "SAMEORIGIN"}
        if download:
            office.note(person_of(request), "downloaded the report", entry.name)
            headers |= attached(f"{entry.slug}-report.html")
        return Response(content, media_type="text/html; charset=utf-8", headers=headers)

    @router.get("/export/{name}", dependencies=[Depends(only_operators)])
    def export(request: Request, slug: str, name: str) -> Response:
        """Return a file; it holds whole numbers, so that viewers get none."""
        entry = find_entry(office, slug)
        content, form = export_file(office, person_of(request), entry, name=name)
        return Response(content, media_type=FORMS[form], headers=attached(f"{entry.slug}-{name}"))

    return router


def report_page(office: Office, entry: Entry) -> bytes:
    """Return the report as one self-contained page; answers 404 for a draft."""
    with office.scratch() as folder:
        path = office.reports.write_page(entry.stored, to=Path(folder) / "report.html")
        return path.read_bytes()


def export_file(office: Office, person: Person, entry: Entry, *, name: str) -> tuple[bytes, str]:
    """Return a file and its ending, and write into the log who has it; answers 404."""
    what, form = Path(name).stem, Path(name).suffix
    if what not in WHATS or form not in FORMS or name != f"{what}{form}":
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such file.")
    with office.scratch() as folder:
        path = office.reports.write_export(
            entry.stored, what=what, to=Path(folder) / f"{what}{form}"
        )
        content = path.read_bytes()
    office.note(person, f"exported {what} as {form}", entry.name)
    return content, form


def attached(name: str) -> dict[str, str]:
    """Return the header that has a browser save an answer under a name."""
    safe = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in name)
    return {"Content-Disposition": f'attachment; filename="{safe}"'}
