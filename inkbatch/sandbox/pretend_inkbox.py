"""The sandbox as one object: a web app that speaks as Inkbox does, and what was dialed in it."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from uuid import UUID

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse

from inkbatch.sandbox import refusals
from inkbatch.sandbox.api_page import api_page
from inkbatch.sandbox.body_limit import BodyLimit
from inkbatch.sandbox.call import LedgerCall
from inkbatch.sandbox.clock import Clock, RealClock, RunningClock
from inkbatch.sandbox.exchange import Exchange
from inkbatch.sandbox.faults.control import router as faults_router
from inkbatch.sandbox.faults.wire import FaultyWire
from inkbatch.sandbox.front_desk import FrontDesk
from inkbatch.sandbox.ledger_file import LedgerFile
from inkbatch.sandbox.media.options import MediaMode
from inkbatch.sandbox.media.record import StreamRecord, StreamState
from inkbatch.sandbox.media.streams import MediaStreams
from inkbatch.sandbox.media.transcript import Entry
from inkbatch.sandbox.options import SandboxOptions
from inkbatch.sandbox.routes import API_PREFIX, router
from inkbatch.sandbox.switchboard import ListenerFactory, Switchboard
from inkbatch.sandbox.transcript_routes import router as transcripts_router
from inkbatch.sandbox.webhooks.sender import WebhookOptions, WebhookSender
from inkbatch.sandbox.wire import ledger_json


class Sandbox:
    """A pretend Inkbox with state of its own.

    `app` is an ASGI app, to be served or to be called in-process; its API lives under
    `/api/v1/phone`. Use it from one event loop: it has no locks because nothing in it waits.

    Listeners, each built from the exchange, are told what happens to calls. Where the server of
    `app` runs its lifespan and the clock goes by itself, they are told when it happens; else
    before the next request is answered, or by `catch_up`.
    """

    def __init__(
        self,
        options: SandboxOptions | None = None,
        *,
        clock: Clock | None = None,
        listeners: Sequence[ListenerFactory] = (),
        webhooks: WebhookOptions | None = None,
    ) -> None:
        """Start with nothing dialed; the default clock is the machine's."""
        self._answers: Counter[int] = Counter()
        self._clock = clock or RealClock()
        options = options or SandboxOptions()
        self._exchange = Exchange(options, clock=self._clock)
        if options.ledger is not None:
            ledger = LedgerFile(options.ledger)
            self._exchange.restore(ledger.calls())
            self._exchange.watch(
                ledger.write
            )  # first of all: whoever hears of a call finds it kept
        self._media = MediaStreams(self._exchange, options=options, clock=self._clock)
        self._webhooks = WebhookSender(
            self._exchange, options=webhooks, transcript_of=self.transcript
        )
        talking = [self._media] if options.media.mode is MediaMode.REAL else []
        # Webhooks come last: what other listeners make of a call may stand in its event.
        self._switchboard = Switchboard(
            self._exchange,
            [*talking, *(listener(self._exchange) for listener in listeners), self._webhooks],
        )
        self._is_running = False
        self.app = self._build_app()

    @property
    def exchange(self) -> Exchange:
        """The exchange behind `app`, for clients in this process that need no HTTP."""
        return self._exchange

    def ledger(self) -> tuple[LedgerCall, ...]:
        """Return every call that Inkbox has a record of, oldest first, as it stands now."""
        return self._exchange.ledger()

    def answers_by_status(self) -> Mapping[int, int]:
        """Return how many requests to the API were answered with each HTTP status."""
        return MappingProxyType(self._answers)

    def stream(self, call_id: UUID) -> StreamRecord | None:
        """Return how a call's media stream went and its transcript, None if it has no stream."""
        return self._media.record(call_id)

    def transcript(self, call_id: UUID) -> tuple[dict[str, Any], ...] | None:
        """Return the turns of a call as webhooks carry them, None if no agent was reached."""
        stream = self.stream(call_id)
        if stream is None or stream.state is StreamState.UNREACHABLE:
            return None
        return tuple(entry.json() for entry in stream.entries)

    async def catch_up(self) -> None:
        """Tell the listeners whatever is due by now, unless a running clock does it anyway."""
        if not self._is_running:
            await self._switchboard.catch_up()
            await self._webhooks.catch_up()

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        if not isinstance(self._clock, RunningClock):
            yield
            return
        self._is_running = True
        running = [
            asyncio.create_task(part.run(self._clock))
            for part in (self._switchboard, self._webhooks)
        ]
        try:
            yield
        finally:
            self._is_running = False
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            await self._media.close()

    def _build_app(self) -> FastAPI:
        app = FastAPI(
            title="inkbatch sandbox",
            summary="A pretend Inkbox on your own machine: the calls API, its limits, its callees.",
            docs_url=None,  # their pages come from a content delivery network
            redoc_url=None,
            lifespan=self._lifespan,
            exception_handlers={RequestValidationError: refusals.not_valid},
        )
        app.state.exchange = self._exchange
        app.state.fault_book = self._exchange.faults
        app.state.said_in = self._said_in
        app.include_router(router)
        app.include_router(transcripts_router)
        app.include_router(faults_router)
        app.add_api_route("/sandbox/ledger", self._get_ledger)
        app.add_api_route("/sandbox/webhooks", self._get_webhooks)
        app.add_api_route(
            "/sandbox/calls/{call_id}/transcript",
            self._get_transcript,
            responses={HTTPStatus.NOT_FOUND: {"description": "The call has no media stream"}},
        )
        app.add_api_route("/docs", self._get_docs, include_in_schema=False)
        app.add_middleware(BodyLimit)
        app.add_middleware(
            FrontDesk,
            exchange=self._exchange,
            catch_up=self.catch_up,
            answers=self._answers,
            prefix=API_PREFIX,
        )
        app.add_middleware(FaultyWire, exchange=self._exchange, prefix=API_PREFIX)
        return app

    def _said_in(self, call_id: UUID) -> tuple[Entry, ...]:
        stream = self.stream(call_id)
        return () if stream is None else stream.entries

    async def _get_transcript(self, call_id: UUID) -> JSONResponse:
        """Tell what was said in a call, and how its media stream went."""
        stream = self.stream(call_id)
        if stream is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "The call has no media stream")
        return JSONResponse({"call_id": str(call_id), **stream.json()})

    async def _get_ledger(self) -> JSONResponse:
        """Tell people and tests what really was dialed, and how requests were answered.

        Faults hide nothing here: a call whose answer was lost stands in it, and a deleted one too.
        """
        return JSONResponse(
            {
                "calls": [
                    {**ledger_json(call), "webhooks": self._webhooks.of_call(call.call_id)}
                    for call in self.ledger()
                ],
                "answers_by_status": dict(sorted(self._answers.items())),
            }
        )

    async def _get_webhooks(self) -> JSONResponse:
        """Tell how many events wait, and what became of the others: in all and by URL."""
        return JSONResponse(self._webhooks.told())

    async def _get_docs(self, request: Request) -> HTMLResponse:
        """Show the API to people."""
        return HTMLResponse(api_page(self.app.openapi(), base_url=str(request.base_url)))
