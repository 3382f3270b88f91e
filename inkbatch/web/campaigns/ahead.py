"""What is to be expected of a campaign, beside what is known of it."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.domain.errors import UserMistake
from inkbatch.web.campaigns.entries import find_entry
from inkbatch.web.fresh import Fresh
from inkbatch.web.office import Office
from inkbatch.web.templating import page


def ahead_routes(office: Office) -> APIRouter:
    """Return the part of a page that tells the forecast; it is asked for once the page stands."""
    router, known = APIRouter(prefix="/campaigns/{slug}"), dict[str, Fresh[CampaignForecast]]()

    @router.get("/forecast")
    async def forecast(request: Request, slug: str) -> HTMLResponse:
        await run_in_threadpool(find_entry, office, slug)  # only what there is is kept
        told = known.setdefault(slug, Fresh(make=partial(_ahead, office, slug)))
        try:
            ahead, problem = await told.latest(), None
        except UserMistake as error:
            ahead, problem = None, str(error)
        return page(request, "campaigns/forecast.html", ahead=ahead, problem=problem)

    return router


def _ahead(office: Office, slug: str) -> CampaignForecast:
    return office.forecast(find_entry(office, slug).stored)
