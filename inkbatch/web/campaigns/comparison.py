"""Campaign beside campaign: a page, worked out once for all who look at it."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from inkbatch.web.fresh import Fresh
from inkbatch.web.office import Office
from inkbatch.web.templating import page

CAMPAIGNS_MAX = 200


def comparison_of(office: Office) -> Fresh[dict[str, Any]]:
    """Return what the page and the API show."""
    return Fresh(make=partial(_compared, office))


def comparison_routes(comparison: Fresh[dict[str, Any]]) -> APIRouter:
    """Return the page."""
    router = APIRouter()

    @router.get("/compare")
    async def compare(request: Request) -> HTMLResponse:
        return page(request, "campaigns/compare.html", told=await comparison.latest())

    return router


def _compared(office: Office) -> dict[str, Any]:
    """Return what the store has of the campaigns that were taken in, the latest changed first."""
    with office.store.reading() as tx:
        records = tx.campaigns()
    records.sort(key=lambda each: each.changed_at, reverse=True)
    return office.reports.compare(records[:CAMPAIGNS_MAX])
