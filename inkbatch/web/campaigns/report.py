"""What came of a campaign: the report in the page and as a file, and exports."""

from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from inkbatch.ports import CampaignRecord
from inkbatch.web.access import Person, Role
from inkbatch.web.access.guard import only_operators, person_of
from inkbatch.web.campaigns.entries import Entry, find_entry
from inkbatch.web.fresh import Fresh
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


@dataclass(slots=True)
class ReportPages:
    """The report of each campaign and its figures, worked out once for all of a role who look."""

    office: Office
    _pages: dict[tuple[str, Role], Fresh[bytes]] = field(default_factory=dict)
    _figures: dict[str, Fresh[dict[str, Any]]] = field(default_factory=dict)

    async def page(self, slug: str, *, person: Person) -> bytes:
        """Return the report of a moment ago as one self-contained page; answers 404.

        What was said is in it for those who may change things, as on a person's own page.
        """
        await run_in_threadpool(_stored, self.office, slug)  # only what there is is kept
        make = partial(_page, self.office, slug, with_talks=person.may_change)
        return await self._pages.setdefault((slug, person.role), Fresh(make=make)).latest()

    async def figures(self, slug: str) -> dict[str, Any]:
        """Return the figures of a moment ago as plain values; answers 404."""
        await run_in_threadpool(_stored, self.office, slug)
        make = partial(_figures, self.office, slug)
        return await self._figures.setdefault(slug, Fresh(make=make)).latest()


def report_routes(office: Office, reports: ReportPages) -> APIRouter:
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
    async def report_file(
        request: Request, slug: str, *, download: Annotated[bool, Query()] = False
    ) -> Response:
        person = person_of(request)
        content = await reports.page(slug, person=person)
        headers = {"Content-Security-Policy": REPORT_POLICY, "X-Frame-Options": "SAMEORIGIN"}
        if download:
            headers |= await run_in_threadpool(_downloaded, office, person, slug)
        return Response(content, media_type="text/html; charset=utf-8", headers=headers)

    @router.get("/export/{name}", dependencies=[Depends(only_operators)])
    def export(request: Request, slug: str, name: str) -> Response:
        """Return a file; it holds whole numbers, so that viewers get none."""
        entry = find_entry(office, slug)
        content, form = export_file(office, person_of(request), entry, name=name)
        return Response(content, media_type=FORMS[form], headers=attached(f"{entry.slug}-{name}"))

    return router


def _stored(office: Office, slug: str) -> CampaignRecord:
    return find_entry(office, slug).stored


def _page(office: Office, slug: str, *, with_talks: bool) -> bytes:
    with office.scratch() as folder:
        path = office.reports.write_page(
            _stored(office, slug), to=Path(folder) / "report.html", with_talks=with_talks
        )
        return path.read_bytes()


def _figures(office: Office, slug: str) -> dict[str, Any]:
    return office.reports.figures(_stored(office, slug))


def _downloaded(office: Office, person: Person, slug: str) -> dict[str, str]:
    entry = find_entry(office, slug)
    office.note(person, "downloaded the report", entry.name)
    return attached(f"{entry.slug}-report.html")


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
