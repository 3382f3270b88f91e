"""What is to be expected of a campaign, beside what is known of it."""

from dataclasses import dataclass, field
from functools import partial

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.domain.errors import UserMistake
from inkbatch.ports import CampaignRecord
from inkbatch.web.campaigns.entries import find_entry
from inkbatch.web.fresh import Fresh
from inkbatch.web.office import Office
from inkbatch.web.templating import page


@dataclass(slots=True)
class Forecasts:
    """The latest forecast of each campaign, worked out once for all who ask."""

    office: Office
    _known: dict[str, Fresh[CampaignForecast]] = field(default_factory=dict)

    async def latest(self, slug: str) -> CampaignForecast:
        """Return a forecast of a moment ago; answers 404, raises UserMistake for a broken file."""
        await run_in_threadpool(_stored, self.office, slug)  # only what there is is kept
        make = partial(_ahead, self.office, slug)
        return await self._known.setdefault(slug, Fresh(make=make)).latest()


def ahead_routes(forecasts: Forecasts) -> APIRouter:
    """Return the part of a page that tells the forecast; it is asked for once the page stands."""
    router = APIRouter(prefix="/campaigns/{slug}")

    @router.get("/forecast")
    async def forecast(request: Request, slug: str) -> HTMLResponse:
        try:
            ahead, problem = await forecasts.latest(slug), None
        except UserMistake as error:
            ahead, problem = None, str(error)
        return page(
            request, "campaigns/forecast.html", ahead=ahead, problem=problem, is_typed=False
        )

    return router


def _ahead(office: Office, slug: str) -> CampaignForecast:
    return office.forecast(_stored(office, slug))


def _stored(office: Office, slug: str) -> CampaignRecord:
    return find_entry(office, slug).stored
