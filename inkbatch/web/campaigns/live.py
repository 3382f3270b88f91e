"""One campaign live: its page, and the stream of what changes on it."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from inkbatch.dialer.why import Why
from inkbatch.domain.errors import InkbatchError
from inkbatch.web import words
from inkbatch.web.access.guard import person_of
from inkbatch.web.campaigns.entries import find_entry
from inkbatch.web.campaigns.picture import Picture, Pictures
from inkbatch.web.campaigns.timeline import bars, gauge, stacked, timeline
from inkbatch.web.office import Office
from inkbatch.web.templating import page, render

LOOK_EVERY_SECONDS = 1.0
STREAMS_MAX = 120
SENTENCES = {
    "done": "Everybody is reached, or given up with a reason.",
    "canceled": "It was canceled for good: nobody more is called.",
}
PACED = ("calls at once", "calls per minute")
PARTS = ("head", "people", "budget", "timeline", "calls", "outcomes")
"""The parts of the page that are sent anew when they change; each is a template and an event."""


def live_routes(office: Office, pictures: Pictures) -> APIRouter:
    """Return the page of a stored campaign and its stream of server-sent events."""
    router = APIRouter(prefix="/campaigns/{slug}")
    streams = asyncio.Semaphore(STREAMS_MAX)

    @router.get("")
    async def live(request: Request, slug: str) -> Response:
        entry = await run_in_threadpool(find_entry, office, slug)
        if entry.record is None and person_of(request).may_change:
            return RedirectResponse(f"/campaigns/{quote(slug)}/setup", HTTPStatus.SEE_OTHER)
        picture = await pictures.latest(slug)
        return page(request, "campaigns/live.html", tab="live", **live_values(picture))

    @router.get("/events")
    async def events(request: Request, slug: str) -> StreamingResponse:
        if streams.locked():
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "too many people watch already")
        await pictures.latest(slug)  # a campaign that is not there is told before the stream
        return StreamingResponse(
            _changes(request, slug, pictures, streams, office.closing),
            media_type="text/event-stream",
            headers={"X-Accel-Buffering": "no"},
        )

    return router


async def _changes(
    request: Request,
    slug: str,
    pictures: Pictures,
    streams: asyncio.Semaphore,
    closing: asyncio.Event,
) -> AsyncIterator[str]:
    """Yield each part of the page whenever it is not what was sent last."""
    sent, role = dict[str, str](), person_of(request).role
    async with streams:
        while not closing.is_set() and not await request.is_disconnected():
            try:
                parts = await pictures.parts(slug, role, partial(_write_parts, request))
            except (InkbatchError, HTTPException):
                parts = {}  # the database is busy, or the file half written: looked at again
            for part, html in parts.items():
                if sent.get(part) != html:
                    sent[part] = html
                    yield _event(part, html)
            yield ": here\n\n"
            try:
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await closing.wait()
            except TimeoutError:
                continue


def _write_parts(request: Request, picture: Picture) -> dict[str, str]:
    values = live_values(picture)
    return {part: render(request, f"campaigns/live/{part}.html", **values) for part in PARTS}


def _event(name: str, html: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"event: {name}\n{lines}\n"


def live_values(picture: Picture) -> dict[str, Any]:
    """Return what the live page and its parts are filled with."""
    releases = picture.releases
    return {
        "picture": picture,
        "entry": picture.entry,
        "calls_gauge": gauge(
            "Calls",
            used=picture.usage.calls,
            limit=picture.limits.calls,
            back=[(each.at, float(each.calls)) for each in releases],
        ),
        "minutes_gauge": gauge(
            "Minutes",
            used=picture.usage.minutes,
            limit=picture.limits.minutes,
            back=[(each.at, each.minutes) for each in releases],
        ),
        "timeline": timeline(picture.dialed, releases, now=picture.at),
        "people": stacked(picture.counts.contacts),
        "outcomes": bars(picture.counts.attempts),
        "sentence": sentence(picture),
    }


def sentence(picture: Picture) -> str:
    """Return why nothing is dialing now, or what is, for somebody who never saw a terminal."""
    said = SENTENCES.get(picture.state)
    if picture.why is None:
        return "Its settings cannot be read, so nobody is called."
    return said or _of_limits(picture, picture.why)


def _of_limits(picture: Picture, told: Why) -> str:
    in_progress = words.counted(len(picture.in_progress), "call")
    if told.binding in PACED and picture.is_run:
        return f"Dialing: {in_progress} going on now, as many as its pace allows."
    binding = next((limit for limit in told.limits if limit.name == told.binding), None)
    if binding is not None:
        calls = f"; {in_progress} still going on" if picture.in_progress else ""
        return f"{binding.why[:1].upper()}{binding.why[1:]}{calls}."
    if not picture.is_run:
        return "Nothing holds it back: press Start to begin calling."
    return f"Dialing: {in_progress} going on now."
