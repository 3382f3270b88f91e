"""Campaign beside campaign: a page, worked out once for all who look at it."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from inkbatch.web.fresh import Fresh
from inkbatch.web.office import Office
from inkbatch.web.templating import page

CAMPAIGNS_MAX = 200


def comparison_routes(office: Office) -> APIRouter:
    """Return the page."""
    router, seen = APIRouter(), Fresh(make=partial(compared, office))

    @router.get("/compare")
    async def compare(request: Request) -> HTMLResponse:
        return page(request, "campaigns/compare.html", told=await seen.latest())

    return router


def compared(office: Office) -> dict[str, Any]:
    """Return what the store has of the campaigns that were taken in, the latest changed first."""
    with office.store.reading() as tx:
        records = tx.campaigns()
    records.sort(key=lambda each: each.changed_at, reverse=True)
    return office.reports.compare(records[:CAMPAIGNS_MAX])
