"""The sandbox as one object: a web app that speaks as Inkbox does, and what was dialed in it."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from inkbatch.sandbox.call import LedgerCall
from inkbatch.sandbox.clock import Clock, RealClock
from inkbatch.sandbox.exchange import Exchange
from inkbatch.sandbox.front_desk import FrontDesk
from inkbatch.sandbox.options import SandboxOptions
from inkbatch.sandbox.routes import API_PREFIX, router
from inkbatch.sandbox.wire import ledger_json


class Sandbox:
    """A pretend Inkbox with state of its own.

    `app` is an ASGI app, to be served or to be called in-process; its API lives under
    `/api/v1/phone`. Use it from one event loop: it has no locks because nothing in it waits.
    """

    def __init__(
        self, options: SandboxOptions | None = None, *, clock: Clock | None = None
    ) -> None:
        """Start with nothing dialed; the default clock is the machine's."""
        self._answers: Counter[int] = Counter()
        self._exchange = Exchange(options or SandboxOptions(), clock=clock or RealClock())
        self.app = self._build_app()

    def ledger(self) -> tuple[LedgerCall, ...]:
        """Return every call that Inkbox has a record of, oldest first, as it stands now."""
        return self._exchange.ledger()

    def answers_by_status(self) -> Mapping[int, int]:
        """Return how many requests to the API were answered with each HTTP status."""
        return MappingProxyType(self._answers)

    def _build_app(self) -> FastAPI:
        app = FastAPI(title="inkbatch sandbox", docs_url=None, redoc_url=None)
        app.state.exchange = self._exchange
        app.include_router(router)
        app.add_api_route("/sandbox/ledger", self._get_ledger)
        app.add_middleware(
            FrontDesk, exchange=self._exchange, answers=self._answers, prefix=API_PREFIX
        )
        return app

    async def _get_ledger(self) -> JSONResponse:
        """Tell people and tests what really was dialed, and how requests were answered."""
        return JSONResponse(
            {
                "calls": [ledger_json(call) for call in self.ledger()],
                "answers_by_status": dict(sorted(self._answers.items())),
            }
        )
