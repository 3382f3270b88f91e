"""Start, pause, resume and cancel: what an operator says of a campaign."""

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from inkbatch.dialer.plan import plan
from inkbatch.domain.calling_hours import hours_lines
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.errors import UserMistake
from inkbatch.domain.periods import period_text
from inkbatch.web import words
from inkbatch.web.access.guard import person_of
from inkbatch.web.campaigns.entries import Entry, find_entry
from inkbatch.web.campaigns.picture import Pictures
from inkbatch.web.office import Office
from inkbatch.web.templating import page

VERBS = {
    "pause": (CampaignState.PAUSED, "paused"),
    "resume": (CampaignState.ACTIVE, "resumed"),
    "cancel": (CampaignState.CANCELED, "canceled"),
}


def steering_routes(office: Office, pictures: Pictures) -> APIRouter:
    """Return what changes the state of a campaign; everything is written into the log."""
    router = APIRouter(prefix="/campaigns/{slug}")

    @router.post("/prepare")
    def prepare(request: Request, slug: str) -> RedirectResponse:
        """Take the list in, and dial nobody: what is next is looked at first."""
        entry = find_entry(office, slug)
        try:
            office.enroll(entry.readable, entry.folder)
        except UserMistake as error:
            raise HTTPException(HTTPStatus.CONFLICT, str(error)) from None
        office.note(person_of(request), "took the list in", entry.name)
        return _to(f"/campaigns/{slug}/start")

    @router.get("/start")
    def review(request: Request, slug: str) -> HTMLResponse:
        """Show what would be done; only the button on it begins."""
        entry = find_entry(office, slug)
        campaign, record = entry.readable, entry.stored
        with office.store.reading() as tx:
            planned = plan(tx, campaign, record, reserve=office.reserve, now=office.now())
        return page(
            request,
            "campaigns/start.html",
            entry=entry,
            record=record,
            plan=planned,
            hours=hours_lines(campaign.rules_for_everybody.window),
            rules=rule_sentences(entry),
        )

    @router.post("/start")
    async def start(request: Request, slug: str) -> RedirectResponse:
        entry = await run_in_threadpool(find_entry, office, slug)
        await run_in_threadpool(_start, office, request, entry)
        await pictures.latest(slug, anew=True)
        return _to(f"/campaigns/{slug}")

    @router.post("/{verb}")
    async def say(request: Request, slug: str, verb: str) -> RedirectResponse:
        if verb not in VERBS:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is nothing here.")
        entry = await run_in_threadpool(find_entry, office, slug)
        await run_in_threadpool(_say, office, request, entry, verb)
        await pictures.latest(slug, anew=True)
        return _to(f"/campaigns/{slug}")

    return router


def _start(office: Office, request: Request, entry: Entry) -> None:
    if office.missing is not None:
        raise HTTPException(HTTPStatus.CONFLICT, office.missing)
    campaign = entry.readable
    if entry.record is None:
        raise HTTPException(HTTPStatus.CONFLICT, "Look at what Start would do first.")
    office.note(person_of(request), "started", campaign.name)
    office.runs.start(entry.folder)


def _say(office: Office, request: Request, entry: Entry, verb: str) -> None:
    state, done = VERBS[verb]
    person, record = person_of(request), entry.stored
    if record.state is CampaignState.CANCELED:
        raise HTTPException(
            HTTPStatus.CONFLICT,
            "This campaign was canceled, which is for good. Whoever is still to be called needs a "
            "new one.",
        )
    reason = None if state is CampaignState.ACTIVE else f"{done} on the page by {person.name}"
    with office.store.transaction() as tx:
        tx.set_campaign_state(record.id, state, reason=reason, now=office.now())
        tx.add_audit_entry(office.entry(person, done, entry.name))
    if state is CampaignState.ACTIVE and office.missing is None:
        office.runs.start(entry.folder)


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
