"""Campaigns: all of them, one with where it stands, made, started, paused, resumed, canceled."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from inkbatch.web.access.guard import person_of
from inkbatch.web.api.budget import budget_now
from inkbatch.web.api.models import CampaignNow, Campaigns, CampaignSummary, Done, NewCampaign
from inkbatch.web.campaigns.entries import Entry, find_entry
from inkbatch.web.campaigns.live import sentence
from inkbatch.web.campaigns.overview import Card, overview_cards
from inkbatch.web.campaigns.picture import Picture, Pictures
from inkbatch.web.campaigns.verbs import start, steer, take_in
from inkbatch.web.fresh import Fresh
from inkbatch.web.lists.uploads import find_upload
from inkbatch.web.lists.using import make_campaign
from inkbatch.web.office import Office


class Verb(StrEnum):
    """What is said of a campaign."""

    PREPARE = "prepare"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


MEANT = {
    Verb.PREPARE: "Take the list in; it dials nobody.",
    Verb.START: "Begin a run, which dials as the campaign's rules allow.",
    Verb.PAUSE: "Dial nobody more until it is resumed; calls in progress go on.",
    Verb.RESUME: "Let a paused campaign dial again.",
    Verb.CANCEL: "End it for good: whoever waits is withdrawn, and everything is kept.",
}


def campaign_routes(
    office: Office, pictures: Pictures, comparison: Fresh[dict[str, Any]]
) -> APIRouter:
    """Return what there is of campaigns as a whole."""
    router = APIRouter(tags=["campaigns"])
    cards = Fresh(make=partial(overview_cards, office))

    @router.get("/campaigns")
    async def list_campaigns() -> Campaigns:
        """List every campaign with its state and how many people are left."""
        return Campaigns(campaigns=[_summary(card) for card in await cards.latest()])

    @router.get("/comparison")
    async def compare() -> dict[str, Any]:
        """Set the campaigns that changed last beside each other, as `inkbatch compare` does."""
        return await comparison.latest()

    @router.post("/campaigns", status_code=HTTPStatus.CREATED)
    def make(request: Request, response: Response, told: NewCampaign) -> Done:
        """Make a campaign of an upload; its settings are to be made before it can start."""
        upload = find_upload(office.uploads, told.upload)
        slug = make_campaign(office, person_of(request), upload, name=told.name)
        response.headers["Location"] = f"/api/v1/campaigns/{quote(slug)}"
        return Done(slug=slug, state="draft")

    @router.get("/campaigns/{slug}")
    async def campaign(slug: str) -> CampaignNow:
        """Tell where a campaign stands: state, progress, budget, and when it looks again."""
        entry = await run_in_threadpool(find_entry, office, slug)
        if entry.record is None:
            return _draft(entry)
        return _now(await pictures.latest(slug))

    for verb in Verb:
        router.add_api_route(
            f"/campaigns/{{slug}}/{verb}",
            _saying(office, pictures, verb),
            methods=["POST"],
            name=verb,
            description=MEANT[verb],
        )
    return router


def _saying(office: Office, pictures: Pictures, verb: Verb) -> Callable[..., Awaitable[Done]]:
    async def say(request: Request, slug: str) -> Done:
        entry = await run_in_threadpool(find_entry, office, slug)
        await run_in_threadpool(_say, office, request, entry, verb)
        return Done(slug=slug, state=(await pictures.latest(slug, anew=True)).state)

    return say


def _say(office: Office, request: Request, entry: Entry, verb: Verb) -> None:
    person = person_of(request)
    if verb is Verb.PREPARE:
        take_in(office, person, entry)
    elif verb is Verb.START:
        start(office, person, entry)
    else:
        steer(office, person, entry, verb)


def _summary(card: Card) -> CampaignSummary:
    return CampaignSummary(
        slug=card.entry.slug,
        name=card.entry.name,
        state=card.state,
        people=card.total if card.counts else None,
        left=card.left if card.counts else None,
        problem=card.entry.problem,
    )


def _draft(entry: Entry) -> CampaignNow:
    said = entry.problem or "Its list is not taken in yet."
    return CampaignNow(
        slug=entry.slug,
        name=entry.name,
        state="broken" if entry.problem else "draft",
        state_reason=None,
        sentence=said,
        problem=entry.problem,
    )


def _now(picture: Picture) -> CampaignNow:
    told = picture.why
    return CampaignNow(
        slug=picture.entry.slug,
        name=picture.entry.name,
        state=picture.state,
        state_reason=picture.record.state_reason,
        sentence=sentence(picture),
        at=picture.at,
        counts=picture.counts,
        people=picture.people,
        left=picture.left,
        budget=budget_now(picture.limits, picture.usage, picture.releases),
        binding=told.binding if told else None,
        next_wake=told.next_at if told else None,
        is_running=picture.is_run,
        failed=picture.failed,
        problem=picture.entry.problem,
    )
