"""The page as an application: its routes, behind the guard that lets people in."""

from collections.abc import Collection
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

from inkbatch.domain.errors import InkbatchError
from inkbatch.web.access import Guard
from inkbatch.web.access.routes import access_routes, invitation_routes
from inkbatch.web.access.scripts import is_for_scripts
from inkbatch.web.access.tokens import Tokens
from inkbatch.web.api.app import Shared, api_app
from inkbatch.web.campaigns.ahead import Forecasts, ahead_routes
from inkbatch.web.campaigns.comparison import comparison_of, comparison_routes
from inkbatch.web.campaigns.contacts import contact_routes
from inkbatch.web.campaigns.live import live_routes
from inkbatch.web.campaigns.overview import overview_routes
from inkbatch.web.campaigns.picture import Pictures
from inkbatch.web.campaigns.report import ReportPages, report_routes
from inkbatch.web.campaigns.steering import steering_routes
from inkbatch.web.campaigns.tables import table_routes
from inkbatch.web.health import health_routes
from inkbatch.web.lists.checking import Checks
from inkbatch.web.lists.routes import checking_routes, upload_routes
from inkbatch.web.metrics.routes import metrics_routes
from inkbatch.web.office import Office
from inkbatch.web.problems import problem
from inkbatch.web.setup.ahead import form_forecast_routes
from inkbatch.web.setup.numbers import number_routes
from inkbatch.web.setup.routes import setup_routes
from inkbatch.web.suppression.routes import suppression_routes
from inkbatch.web.templating import page

STATIC = Path(__file__).parent / "static"


def page_app(office: Office, *, hosts: Collection[str]) -> Guard:
    """Return the ASGI app of the page, served under the names in `hosts`."""
    return Guard(
        app=page_routes(office),
        sessions=office.sessions,
        tokens=Tokens(store=office.store),
        clock=office.clock,
        hosts=hosts,
    )


def page_routes(office: Office) -> FastAPI:
    """Return the page without its guard, for those who look at its routes."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.office = office
    pictures, forecasts = Pictures(office=office), Forecasts(office=office)
    checks = Checks(store=office.store)
    app.mount("/static", StaticFiles(directory=STATIC))
    comparison, reports = comparison_of(office), ReportPages(office=office)
    shared = Shared(
        pictures=pictures,
        forecasts=forecasts,
        checks=checks,
        comparison=comparison,
        reports=reports,
    )
    app.mount("/api/v1", api_app(office, shared))
    app.include_router(health_routes(office.require_ready))
    app.include_router(metrics_routes(office))
    app.include_router(access_routes(office))
    app.include_router(invitation_routes(office))
    app.include_router(overview_routes(office))
    app.include_router(comparison_routes(comparison))
    app.include_router(upload_routes(office))
    app.include_router(checking_routes(office, checks))
    app.include_router(setup_routes(office))
    app.include_router(number_routes(office))
    app.include_router(form_forecast_routes(office))
    app.include_router(suppression_routes(office))
    app.include_router(table_routes(office))
    app.include_router(ahead_routes(forecasts))
    app.include_router(contact_routes(office))
    app.include_router(report_routes(office, reports))
    app.include_router(live_routes(office, pictures))
    app.include_router(steering_routes(office, pictures))
    app.add_exception_handler(HTTPException, _said)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(InkbatchError, _trouble)
    return app


async def _said(request: Request, error: Exception) -> Response:
    """Show what an endpoint says against a request, as a page."""
    status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
    sentence = str(getattr(error, "detail", "")) or status.phrase
    if sentence == status.phrase and status is HTTPStatus.NOT_FOUND:
        sentence = "There is nothing here."
    return _answer(request, status, sentence)


async def _not_understood(request: Request, _: Exception) -> Response:
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "The address cannot be understood.")


async def _trouble(request: Request, error: Exception) -> Response:
    return _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _answer(request: Request, status: HTTPStatus, sentence: str) -> Response:
    """Return a page, or JSON where the page's script asks, or a problem where others do."""
    answer: Response
    if is_for_scripts(request.url.path):
        answer = problem(status, sentence)
    elif request.headers.get("accept") == "application/json":
        answer = JSONResponse({"detail": sentence}, status)
    else:
        answer = page(request, "problem.html", http_status=status, sentence=sentence, code=status)
    if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        answer.headers["Connection"] = "close"
    return answer
