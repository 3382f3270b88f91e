"""Whether the page lives, and whether it can work: for whoever restarts or routes to it.

Both are open to all and say nothing but yes or no.
"""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from inkbatch.domain.errors import StoreError
from inkbatch.web.fresh import Fresh


def health_routes(require_ready: Callable[[], None]) -> APIRouter:
    """Return both; `require_ready` raises StoreError where the database cannot be used.

    However many strangers ask, it is called once a second at most.
    """
    router, ready = APIRouter(), Fresh(make=lambda: _is_ready(require_ready))

    @router.get("/healthz")
    async def healthz() -> PlainTextResponse:
        """Say that this process answers."""
        return PlainTextResponse("ok")

    @router.get("/readyz")
    async def readyz() -> PlainTextResponse:
        """Say whether the database is there, at the revision that this program needs."""
        if await ready.latest():
            return PlainTextResponse("ok")
        return PlainTextResponse("not ready", HTTPStatus.SERVICE_UNAVAILABLE)

    return router


def _is_ready(require_ready: Callable[[], None]) -> bool:
    try:
        require_ready()
    except StoreError:
        return False
    return True
