"""Start, pause, resume and cancel: what an operator says of a campaign."""

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from inkbatch.domain.calling_hours import hours_lines
from inkbatch.domain.periods import period_text
from inkbatch.web import words
from inkbatch.web.access.guard import person_of
from inkbatch.web.campaigns.entries import Entry, find_entry
from inkbatch.web.campaigns.picture import Pictures
from inkbatch.web.campaigns.verbs import STEERING, look_ahead, start, steer, take_in
from inkbatch.web.office import Office
from inkbatch.web.templating import page


def steering_routes(office: Office, pictures: Pictures) -> APIRouter:
    """Return what changes the state of a campaign; everything is written into the log."""
    router = APIRouter(prefix="/campaigns/{slug}")

    @router.post("/prepare")
    def prepare(request: Request, slug: str) -> RedirectResponse:
        """Take the list in, and dial nobody: what is next is looked at first."""
        take_in(office, person_of(request), find_entry(office, slug))
        return _to(f"/campaigns/{slug}/start")

    @router.get("/start")
    def review(request: Request, slug: str) -> HTMLResponse:
        """Show what would be done; only the button on it begins."""
        entry = find_entry(office, slug)
        planned = look_ahead(office, entry)
        return page(
            request,
            "campaigns/start.html",
            entry=entry,
            record=entry.stored,
            plan=planned,
            hours=hours_lines(entry.readable.rules_for_everybody.window),
            rules=rule_sentences(entry),
        )

    @router.post("/start")
    async def begin(request: Request, slug: str) -> RedirectResponse:
        entry = await run_in_threadpool(find_entry, office, slug)
        await run_in_threadpool(start, office, person_of(request), entry)
        await pictures.latest(slug, anew=True)
        return _to(f"/campaigns/{slug}")

    @router.post("/{verb}")
    async def say(request: Request, slug: str, verb: str) -> RedirectResponse:
        if verb not in STEERING:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is nothing here.")
        entry = await run_in_threadpool(find_entry, office, slug)
        await run_in_threadpool(steer, office, person_of(request), entry, verb)
        await pictures.latest(slug, anew=True)
        return _to(f"/campaigns/{slug}")

    return router


def rule_sentences(entry: Entry) -> tuple[str, ...]:
    """Say in sentences how often one person may be called, and when not again."""
    holding, campaign = entry.readable.rules_for_everybody, entry.readable
    tries = f"At most {campaign.retry.attempts_max} tries for each person"
    caps = (
        f"at most {cap.attempts} within {period_text(cap.period)}, counting every campaign"
        for cap in holding.caps
    )
    peace = (
        f"nobody is called for {period_text(each.period)} after {words.outcome(each.disposition)}"
        for each in holding.cool_downs
    )
    return (tries, *(f"{text[:1].upper()}{text[1:]}" for text in (*caps, *peace)))


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)
