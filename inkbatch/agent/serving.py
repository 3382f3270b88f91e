"""An agent as a server: a process of its own, or a guest in a process that does more."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn
from uvicorn.config import LOGGING_CONFIG
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from inkbatch.agent.app import AgentApp

FRAME_BYTES_MAX = 65_536
HEADERS_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"Connection: close\r\nContent-Length: 0\r\n\r\n"
)
LOOPBACK = "127.0.0.1"


def serve_agent(app: AgentApp, *, host: str = LOOPBACK, port: int = 8780) -> None:
    """Serve until Ctrl-C; then hang up the calls that there are, and end.

    Nothing but warnings is logged: uvicorn's usual lines hold each URL, and the query of an
    agent's URL names people.
    """
    _Server(_config(app, host=host, port=port), app).run()


@contextlib.asynccontextmanager
async def agent_on_loopback(app: AgentApp) -> AsyncIterator[int]:
    """Serve the agent on a free port of this machine while the block lasts; yields the port.

    For tests and demonstrations, beside whatever calls it; Ctrl-C stays the program's own. At the
    end the calls that there are get hung up.
    """
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()  # who connects before the server has started waits for it
        server = _GuestServer(_config(app), app)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


def _config(app: AgentApp, **address: Any) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").addFilter(_is_no_false_alarm)
    return uvicorn.Config(
        app,
        **address,
        log_config=None if logging.getLogger().handlers else LOGGING_CONFIG,
        log_level="warning",
        access_log=False,
        ws=_PromptProtocol,
        ws_max_size=FRAME_BYTES_MAX,
        ws_per_message_deflate=False,
    )


class _Server(uvicorn.Server):
    """Hangs up before it closes the sockets: a closed socket leaves the callee in silence."""

    def __init__(self, config: uvicorn.Config, agent: AgentApp) -> None:
        super().__init__(config)
        self._agent = agent

    async def shutdown(self, sockets: Any = None) -> None:
        await self._agent.hang_up_all()
        await super().shutdown(sockets)


class _PromptProtocol(WebSocketsSansIOProtocol):
    """Refuses a handshake that it cannot read; uvicorn 0.54 leaves it open and silent."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(HEADERS_TOO_LARGE)
            self.transport.close()


class _GuestServer(_Server):
    """Leaves signals alone: uvicorn takes Ctrl-C, and gives it back when all is over."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _is_no_false_alarm(record: logging.LogRecord) -> bool:
    """Drop what uvicorn 0.54 logs after it has answered a handshake with a plain refusal."""
    return "without completing handshake" not in record.getMessage()
