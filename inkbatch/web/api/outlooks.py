"""What is next of a campaign, why it stands, and what came of it."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from inkbatch.dialer.plan import Plan
from inkbatch.dialer.why import Why, why
from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.domain.phone_number import masked
from inkbatch.web.access.guard import only_operators, person_of, sees_masks_alone
from inkbatch.web.api.files import FILE, HTML
from inkbatch.web.campaigns.ahead import Forecasts
from inkbatch.web.campaigns.entries import find_entry
from inkbatch.web.campaigns.report import FORMS, ReportPages, export_file
from inkbatch.web.campaigns.verbs import look_ahead
from inkbatch.web.office import Office

FileName = Annotated[str, Path(max_length=60, examples=["contacts.csv"])]


def outlook_routes(office: Office, *, forecasts: Forecasts, reports: ReportPages) -> APIRouter:
    """Return what looks ahead and back."""
    router = APIRouter(prefix="/campaigns/{slug}", tags=["outlook"])

    @router.get("/plan")
    def plan(request: Request, slug: str) -> Plan:
        """Tell what a start would do, with the list as it was taken in.

        With a viewer's token the numbers to call from are masked.
        """
        planned = look_ahead(office, find_entry(office, slug))
        if sees_masks_alone(request):
            return replace(planned, from_numbers=tuple(map(masked, planned.from_numbers)))
        return planned

    @router.get("/why")
    def why_(slug: str) -> Why:
        """Tell why nothing is dialing now, or what is, and every limit in its order."""
        entry = find_entry(office, slug)
        return why(
            office.store,
            entry.readable,
            entry.stored,
            clock=office.clock,
            reserve=office.reserve,
        )

    @router.get("/forecast")
    async def forecast(slug: str) -> CampaignForecast:
        """Tell when it will be done and whom it will reach; replays take some seconds."""
        return await forecasts.latest(slug)

    @router.get("/report")
    async def report(slug: str) -> dict[str, Any]:
        """Return the figures of the report, as `inkbatch report --json` prints them."""
        return await reports.figures(slug)

    @router.get("/report.html", response_class=Response, responses=HTML)
    async def report_html(request: Request, slug: str) -> Response:
        """Return the report as one self-contained page; what was said is in it for operators."""
        content = await reports.page(slug, person=person_of(request))
        return Response(content, media_type="text/html; charset=utf-8")

    @router.get(
        "/export/{name}",
        response_class=Response,
        responses=FILE,
        dependencies=[Depends(only_operators)],
    )
    def export(request: Request, slug: str, name: FileName) -> Response:
        """Return contacts, attempts, rows or transcripts as .csv, .xlsx or .parquet.

        Such a file holds whole numbers, so it is for operators.
        """
        entry = find_entry(office, slug)
        content, form = export_file(office, person_of(request), entry, name=name)
        return Response(content, media_type=FORMS[form])

    return router
