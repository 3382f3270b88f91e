"""An agent as a server process of its own."""

import logging
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from inkbatch.agent.app import AgentApp

FRAME_BYTES_MAX = 65_536
HEADERS_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"Connection: close\r\nContent-Length: 0\r\n\r\n"
)


def serve_agent(app: AgentApp, *, host: str = "127.0.0.1", port: int = 8780) -> None:
    """Serve until Ctrl-C; then hang up the calls that there are, and end.

    Nothing but warnings is logged: uvicorn's usual lines hold each URL, and the query of an
    agent's URL names people.
    """
    logging.getLogger("uvicorn.error").addFilter(_is_no_false_alarm)
    _Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            ws=_PromptProtocol,
            ws_max_size=FRAME_BYTES_MAX,
            ws_per_message_deflate=False,
        ),
        app,
    ).run()


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


def _is_no_false_alarm(record: logging.LogRecord) -> bool:
    """Drop what uvicorn 0.54 logs after it has answered a handshake with a plain refusal."""
    return "without completing handshake" not in record.getMessage()
