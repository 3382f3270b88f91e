"""`/api/v1` as an application: its routes, its description, and how it tells of trouble."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from inkbatch.domain.errors import InkbatchError, UserMistake
from inkbatch.web.api.bodies import SmallBodies
from inkbatch.web.api.budget import budget_routes
from inkbatch.web.api.campaigns import campaign_routes
from inkbatch.web.api.lists import list_routes
from inkbatch.web.api.models import Problem
from inkbatch.web.api.outlooks import outlook_routes
from inkbatch.web.api.people import attempt_routes, people_routes, review_routes
from inkbatch.web.api.settings import settings_routes
from inkbatch.web.api.suppressions import suppression_routes
from inkbatch.web.campaigns.ahead import Forecasts
from inkbatch.web.campaigns.picture import Pictures
from inkbatch.web.campaigns.report import ReportPages
from inkbatch.web.fresh import Fresh
from inkbatch.web.lists.checking import Checks
from inkbatch.web.office import Office
from inkbatch.web.problems import MEDIA_TYPE, problem

VERSION = "1"
FAULTS_TOLD_MAX = 10
DESCRIPTION = (
    "The verbs of inkbatch's page and command line, for scripts. Every request carries a token of "
    "`inkbatch token create` as `Authorization: Bearer ...`; one of a viewer reads, one of an "
    "operator may do everything. Phone numbers are masked unless a path says otherwise. Times are "
    "ISO 8601 in UTC. Trouble is told as problem+json (RFC 9457)."
)
PROBLEMS: dict[int | str, dict[str, Any]] = {
    int(status): {
        "model": Problem,
        "description": status.phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
}


class Api(FastAPI):
    """An application whose description says that a token is needed."""

    def openapi(self) -> dict[str, Any]:
        """Return the description, made once."""
        if self.openapi_schema is None:
            described = super().openapi()
            schemes = described.setdefault("components", {}).setdefault("securitySchemes", {})
            schemes["token"] = {"type": "http", "scheme": "bearer"}
            described["security"] = [{"token": []}]
            _tell_problems_alone(described)
        return self.openapi_schema or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the page and the API work out once for both."""

    pictures: Pictures
    forecasts: Forecasts
    checks: Checks
    comparison: Fresh[dict[str, Any]]
    reports: ReportPages


def api_app(office: Office, shared: Shared) -> Api:
    """Return the API without its guard; the page's guard asks for the token."""
    app = Api(
        title="inkbatch",
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,  # its page would come from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        responses=PROBLEMS,
        root_path_in_servers=True,
    )
    app.state.office = office
    for router in (
        campaign_routes(office, shared.pictures, shared.comparison),
        settings_routes(office),
        outlook_routes(office, forecasts=shared.forecasts, reports=shared.reports),
        attempt_routes(office),
        people_routes(office),
        review_routes(office),
        list_routes(office, shared.checks),
        suppression_routes(office),
        budget_routes(office),
    ):
        app.include_router(router)
    app.add_exception_handler(HTTPException, _said)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(UserMistake, _mistake)
    app.add_exception_handler(InkbatchError, _trouble)
    app.add_middleware(SmallBodies)
    return app


def _tell_problems_alone(described: dict[str, Any]) -> None:
    """Leave out the JSON form of a problem, which FastAPI adds beside problem+json."""
    for path in described["paths"].values():
        for operation in path.values():
            for answer in operation["responses"].values():
                content = answer.get("content", {})
                if MEDIA_TYPE in content:
                    content.pop("application/json", None)


async def _said(_: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
    detail = str(getattr(error, "detail", "")) or status.phrase
    return problem(status, detail, headers=getattr(error, "headers", None))


async def _not_understood(_: Request, error: Exception) -> Response:
    """Say where and what, without the values: they may be a phone number."""
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    told = "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults[:FAULTS_TOLD_MAX]
    )
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, told or "The request cannot be understood.")


async def _mistake(_: Request, error: Exception) -> Response:
    return problem(HTTPStatus.CONFLICT, str(error))


async def _trouble(_: Request, error: Exception) -> Response:
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
