"""The application: every request is authenticated, and nothing else is answered."""

from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from inkbatch.domain.errors import StoreError
from inkbatch.ports import Clock, Store
from inkbatch.web.agents import agent_routes
from inkbatch.web.webhooks import webhook_routes


def create_app(
    *,
    store: Store,
    clock: Clock,
    signing_keys: Sequence[SecretStr],
    agent_tokens: Sequence[SecretStr],
) -> FastAPI:
    """Return an ASGI app for `POST /webhooks/inkbox` and `/api/v1/attempts/{attempt_id}`.

    Webhooks are signed with one of `signing_keys`, agents carry one of `agent_tokens`; without
    any, the endpoints in question answer 503 with a sentence and take nothing. There are no pages
    and no API description, so that a stranger learns nothing.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.include_router(webhook_routes(store=store, clock=clock, signing_keys=signing_keys))
    app.include_router(agent_routes(store=store, clock=clock, tokens=agent_tokens))
    app.add_exception_handler(StoreError, _no_database)
    return app


async def _no_database(_: Request, error: Exception) -> JSONResponse:
    """Let the sender try again: nothing was stored. What the driver said stays here."""
    del error
    return JSONResponse({"detail": "the database cannot be used now; send it again"}, 503)
