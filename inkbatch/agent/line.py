"""The WebSocket of one call: whole text frames in and out, never an error of the network."""

import asyncio
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from inkbatch.agent.limits import Limits

NORMAL, TOO_LONG = 1000, 1009


class Line:
    """Sends and receives; once the socket is gone, says so."""

    def __init__(self, websocket: WebSocket, limits: Limits) -> None:
        self._websocket = websocket
        self._limits = limits
        self._is_open = True

    async def send(self, frame: str) -> bool:
        """Send one frame; False when the socket is gone or takes nothing for too long."""
        if not self._is_open:
            return False
        try:
            async with asyncio.timeout(self._limits.send_seconds_max):
                await self._websocket.send_text(frame)
        except (WebSocketDisconnect, OSError, RuntimeError):  # a TimeoutError is an OSError
            self._is_open = False
        return self._is_open

    async def receive(self) -> str | None:
        """Return the next frame, None when the socket is gone or a frame is too long.

        A binary frame, which Inkbox never sends, is an empty text.
        """
        try:
            message = await self._websocket.receive()
        except (WebSocketDisconnect, OSError, RuntimeError):
            message = {"type": "websocket.disconnect"}
        if message["type"] == "websocket.disconnect":
            self._is_open = False
            return None
        frame = message.get("text") or ""
        if len(frame) > self._limits.frame_characters_max:
            await self.close(TOO_LONG)
            return None
        return frame

    async def close(self, code: int = NORMAL) -> None:
        """Close the socket if it is still open."""
        self._is_open = False
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with suppress(WebSocketDisconnect, OSError, RuntimeError):
                async with asyncio.timeout(self._limits.send_seconds_max):
                    await self._websocket.close(code)
