"""Sending a place-call: one request, one try, and a hard line between «not sent» and «lost».

httpx proves that nothing was sent by three errors only. Whatever else goes wrong may have rung a
phone, so nothing here is ever tried again. httpx has no total deadline; this adds one.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx

from inkbatch.adapters.inkbox.address import Address
from inkbatch.adapters.inkbox.connections import Answer, Connections
from inkbatch.adapters.inkbox.refusals import reply_lost
from inkbatch.adapters.inkbox.trouble import reason_of
from inkbatch.domain.errors import NotSent, TooLate
from inkbatch.domain.phone_number import masked
from inkbatch.ports import Clock, PlaceCall

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""The only errors of httpx that prove that no request left (measured on 0.28)."""

CONNECT_SECONDS_MAX = 5.0
ABOUT_TO_WRITE = "http11.send_request_headers.started"
"""httpcore's trace event right before the first byte of a request."""

Trace = Callable[[str, Mapping[str, Any]], Awaitable[None]]


class Placing:
    """Sends each place-call over these connections at most once."""

    def __init__(
        self, connections: Connections, *, address: Address, clock: Clock, deadline: timedelta
    ) -> None:
        self._connections = connections
        self._address = address
        self._clock = clock
        self._url = address.url("place-call")
        self._deadline_seconds = total = deadline.total_seconds()
        # Waiting for a connection must end well before the deadline, which proves nothing.
        connecting = min(CONNECT_SECONDS_MAX, total / 4)
        # Reading and writing end with the deadline of the whole.
        self._timeouts = httpx.Timeout(None, connect=connecting, pool=connecting).as_dict()

    async def send(self, request: PlaceCall) -> Answer:
        """Return whatever Inkbox answered within the deadline; raises NotSent or ReplyLost."""
        outgoing = self._outgoing(request)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._connections.send(outgoing)
        except NotSent:
            raise
        except NEVER_SENT as error:
            raise self._not_sent(request, reason_of(error)) from error
        except Exception as error:  # everything unforeseen may have rung too
            raise reply_lost(request, host=self._address.host, reason=reason_of(error)) from error

    def _outgoing(self, request: PlaceCall) -> httpx.Request:
        told = {
            "from_number": request.from_number,
            "to_number": request.to_number,
            "client_websocket_url": request.client_websocket_url,
            "webhook_url": request.webhook_url,
        }
        return httpx.Request(
            "POST",
            self._url,
            headers={**self._address.headers(), "Content-Type": "application/json"},
            content=json.dumps({key: value for key, value in told.items() if value is not None}),
            extensions={"timeout": self._timeouts, "trace": self._still_in_time(request)},
        )

    def _still_in_time(self, request: PlaceCall) -> Trace:
        """Return a check, right before writing, that our process was not stopped on the way."""
        latest = min(self._clock.monotonic() + self._deadline_seconds, request.send_before)

        async def check(event: str, _: Mapping[str, Any]) -> None:
            if event == ABOUT_TO_WRITE and self._clock.monotonic() > latest:
                raise TooLate(
                    f"{masked(request.to_number)} was not dialed: its time was over before the "
                    f"request to Inkbox at {self._address.host} was written. The try is kept."
                )

        return check

    def _not_sent(self, request: PlaceCall, reason: str) -> NotSent:
        return NotSent(
            f"Inkbox at {self._address.host} cannot be reached: {reason}. Nothing was dialed to "
            f"{masked(request.to_number)}. Check INKBATCH_BASE_URL and the network; the try is "
            "kept."
        )
