"""The application as a server process."""

import asyncio
import logging
from collections.abc import Callable
from socket import socket
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp
from uvicorn.config import LOGGING_CONFIG
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS_MAX = 200
KEEP_ALIVE_SECONDS = 30
HEADER_BYTES_MAX = 32 * 1024
ENDS_WITHIN_SECONDS = 10
HEAD_SECONDS_MAX = 5.0
"""After twice as long a request whose head is not whole has been given up."""


def serve(app: FastAPI, *, host: str, port: int) -> None:
    """Serve until Ctrl-C or SIGTERM; logs warnings alone, since requests hold what is private."""
    uvicorn.Server(_config(app, host=host, port=port)).run()


def serve_page(
    app: ASGIApp, *, host: str, port: int, listening: Callable[[], None], closing: asyncio.Event
) -> None:
    """Serve the page, and call `listening` once it can be asked.

    `closing` is set as soon as it shall end, so that its streams end too.
    """
    config = _config(app, host=host, port=port)
    _PageServer(config, listening=listening, closing=closing).run()


class _PageServer(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, *, listening: Callable[[], None], closing: asyncio.Event
    ) -> None:
        super().__init__(config)
        self._listening, self._closing = listening, closing

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._listening()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._closing.set()
        super().handle_exit(sig, frame)


def _config(app: ASGIApp, *, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=_ImpatientProtocol,
        ws="none",
        h11_max_incomplete_event_size=HEADER_BYTES_MAX,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=ENDS_WITHIN_SECONDS,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        log_config=None if logging.getLogger().handlers else LOGGING_CONFIG,
    )


class _ImpatientProtocol(H11Protocol):
    """Closes a connection whose next request never gets whole; uvicorn would wait for ever.

    Else a few hundred strangers who send half a head each would keep everybody out.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own says so too
        super().connection_made(transport)
        self._look(last=object())

    def _look(self, last: Any) -> None:
        """Close it where the head that is awaited is the one of the last look."""
        if self.transport.is_closing():
            return
        is_at_work = self.cycle is not None and not self.cycle.response_complete
        has_half = self.cycle is None or bool(self.conn.trailing_data[0])
        is_waiting = has_half and not is_at_work
        if is_waiting and self.cycle is last:
            self.transport.close()
            return
        seen = self.cycle if is_waiting else object()
        self.loop.call_later(HEAD_SECONDS_MAX, self._look, seen)
