"""The forecast beside the settings: of what is in the form now, before it is saved."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import tomlkit
from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from inkbatch.adapters.campaign_files import campaign_of
from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.domain.errors import UserMistake
from inkbatch.web.access.guard import COOKIE, only_operators
from inkbatch.web.campaigns.entries import find_entry
from inkbatch.web.forms import Form, read_form
from inkbatch.web.office import Office
from inkbatch.web.setup.fields import write_values
from inkbatch.web.setup.files import read_document
from inkbatch.web.templating import page

VIEWERS_MAX = 1_000
Value = TypeVar("Value")


@dataclass(slots=True)
class Newest:
    """Works out one thing at a time, and for each viewer only the newest that was asked for.

    What cannot be stopped goes on to its end; what waits for it and was overtaken is never begun.
    """

    _asked: dict[str, object] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, viewer: str, make: Callable[[], Value]) -> Value | None:
        """Return what `make` does, run in a thread; None where something newer was asked for."""
        asked = object()
        while len(self._asked) >= VIEWERS_MAX:
            del self._asked[next(iter(self._asked))]
        self._asked[viewer] = asked
        async with self._turn:
            if self._asked.get(viewer) is not asked:
                return None
            made = await run_in_threadpool(make)
        return made if self._asked.get(viewer) is asked else None


def form_forecast_routes(office: Office) -> APIRouter:
    """Return the part of the settings' page that tells what the form as it is would lead to."""
    router, newest = APIRouter(prefix="/campaigns/{slug}"), Newest()

    @router.post("/setup/forecast", dependencies=[Depends(only_operators)])
    async def forecast(request: Request, slug: str) -> Response:
        form = await read_form(request)
        # Two campaigns in two windows of one person do not overtake each other.
        viewer = f"{request.cookies.get(COOKIE, '')} {slug}"
        told = await newest.of(viewer, lambda: _forecast(office, slug, form))
        if told is None:
            return Response(status_code=204)  # a newer form is being looked at
        ahead, problem = told
        return page(request, "campaigns/forecast.html", ahead=ahead, problem=problem, is_typed=True)

    return router


def _forecast(office: Office, slug: str, form: Form) -> tuple[CampaignForecast | None, str | None]:
    """Return the forecast, or why there is none; nothing is saved."""
    entry = find_entry(office, slug)
    document = read_document(entry.folder)
    write_values(document, form)
    try:
        campaign = campaign_of(tomlkit.dumps(document), folder=entry.folder)
        if entry.record is None:
            return office.forecast_draft(campaign), None
        return office.forecast(entry.record, campaign), None
    except UserMistake as error:
        return None, str(error).replace(f"{entry.folder}/", "")
