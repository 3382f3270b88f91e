"""`/metrics`, in Prometheus' text format; who asks carries a token, as for the JSON API."""

from functools import partial

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from inkbatch.web.fresh import Fresh
from inkbatch.web.metrics.families import Families
from inkbatch.web.metrics.stands import budget_stands, campaign_stands
from inkbatch.web.office import Office

GOOD_FOR_SECONDS = 5.0


def metrics_routes(office: Office) -> APIRouter:
    """Return the endpoint; however many ask, the database is read every few seconds at most."""
    router = APIRouter()
    told = Fresh(make=partial(exposition, office), good_for_seconds=GOOD_FOR_SECONDS)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(await told.latest(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return router


def exposition(office: Office) -> bytes:
    """Return all metrics as they stand now."""
    registry = CollectorRegistry()
    registry.register(Families(campaigns=campaign_stands(office), budgets=budget_stands(office)))
    return generate_latest(registry)
