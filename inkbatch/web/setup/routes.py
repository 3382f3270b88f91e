"""The settings of a campaign: shown, checked by the rules of its file, and saved into that file."""

from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from inkbatch.adapters.campaign_files import Problem, load_rule_set, preset_names
from inkbatch.web import words
from inkbatch.web.access.guard import only_operators, person_of
from inkbatch.web.campaigns.entries import Entry, find_entry, is_run
from inkbatch.web.forms import Form, read_form
from inkbatch.web.office import Office
from inkbatch.web.setup.fields import FIELD_OF_KEY, Values, read_values, write_values
from inkbatch.web.setup.files import read_document
from inkbatch.web.setup.hours import DAYS
from inkbatch.web.setup.preview import FirstRow, first_row, preview
from inkbatch.web.setup.saving import save_settings
from inkbatch.web.setup.schedules import DAYS as SCHEDULE_DAYS
from inkbatch.web.setup.waits import UNITS, WAITS
from inkbatch.web.templating import page

FIRST_ROWS_KEPT = 50
URL_LENGTH_MAX = 2_000


def setup_routes(office: Office) -> APIRouter:
    """Return the form, what checks and saves it, and the preview of the agent's address.

    All is for operators, as by the API: it shows whole numbers and where the agent is.
    """
    router = APIRouter(prefix="/campaigns/{slug}", dependencies=[Depends(only_operators)])
    rows: dict[tuple[str, float], FirstRow | None] = {}

    def row_of(entry: Entry) -> FirstRow | None:
        """Read the list's first row once for each state of the list and the settings."""
        if entry.campaign is None:
            return None
        files = (Path(entry.campaign.call_list), entry.folder / "campaign.toml")
        key = (entry.slug, sum(file.stat().st_mtime for file in files if file.exists()))
        if key not in rows:
            while len(rows) >= FIRST_ROWS_KEPT:
                del rows[next(iter(rows))]
            rows[key] = first_row(entry.campaign)
        return rows[key]

    @router.get("/setup")
    def form(request: Request, slug: str, *, saved: bool = False) -> HTMLResponse:
        entry = find_entry(office, slug)
        values = read_values(read_document(entry.folder))
        runs = saved and entry.record is not None and is_run(office, entry.record)
        return _form(request, entry, values, row=row_of(entry), saved=saved, is_run=runs)

    @router.post("/setup")
    async def save(request: Request, slug: str) -> Response:
        told = await read_form(request)
        return await run_in_threadpool(_save, request, slug, told)

    @router.get("/setup/address")
    def address(
        request: Request,
        slug: str,
        client_websocket_url: Annotated[str, Query(max_length=URL_LENGTH_MAX)] = "",
    ) -> HTMLResponse:
        row = row_of(find_entry(office, slug))
        return page(request, "setup/address.html", **_address(client_websocket_url, row))

    def _save(request: Request, slug: str, told: Form) -> Response:
        entry = find_entry(office, slug)
        document = read_document(entry.folder)
        write_values(document, told)
        problems = save_settings(office, person_of(request), entry, document)
        if problems:
            values = {**read_values(document), **{name: told.as_sent(name) for name in told}}
            answer = _form(request, entry, values, problems=problems, row=row_of(entry))
            answer.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
            return answer
        path = f"/campaigns/{quote(slug)}/setup?saved=true"
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)

    return router


def _form(
    request: Request,
    entry: Entry,
    values: Values,
    *,
    row: FirstRow | None,
    problems: tuple[Problem, ...] = (),
    saved: bool = False,
    is_run: bool = False,
) -> HTMLResponse:
    url = values.get("client_websocket_url", [""])[0]
    return page(
        request,
        "setup/form.html",
        entry=entry,
        tab="setup",
        values=values,
        wrong=_by_field(problems),
        saved=saved,
        is_run=is_run,
        days=DAYS,
        schedule_days=SCHEDULE_DAYS,
        waits=WAITS,
        units=UNITS,
        rule_sets=_rule_sets(values, entry.folder),
        zones=sorted(available_timezones()),
        outcome=words.outcome,
        **_address(url, row),
    )


def _address(url: str, row: FirstRow | None) -> dict[str, Any]:
    return {"url": url, "row": row, "shown": preview(url, row) if url and row else None}


def _by_field(problems: tuple[Problem, ...]) -> dict[str, list[str]]:
    """Return the sentences of each field; those of no field stand under the empty name."""
    wrong = dict[str, list[str]]()
    for problem in problems:
        wrong.setdefault(_field_of(problem.key), []).append(_beside(problem.sentence))
    return wrong


def _beside(sentence: str) -> str:
    """Return a problem as it stands beside its field: what is allowed, without key and value."""
    allowed = sentence.partition(" is not allowed: ")[2] or sentence
    return f"{allowed[:1].upper()}{allowed[1:]}"


def _field_of(key: str) -> str:
    """Return the field of a key, or of the nearest key around it."""
    parts = key.split(".")
    for end in range(len(parts), 0, -1):
        found = FIELD_OF_KEY.get(".".join(parts[:end]))
        if found is not None:
            return found
    return ""


def _rule_sets(values: Values, folder: Path) -> dict[str, str]:
    """Return the rule sets that ship by name, and the campaign's own files."""
    own = [name for name in values.get("rules", []) if name.endswith(".toml")]
    shipped = {name: load_rule_set(name, folder=folder).title for name in preset_names()}
    return {**shipped, **{name: name for name in own}}
