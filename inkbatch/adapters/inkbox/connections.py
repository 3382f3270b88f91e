"""Connections to one server: several small pools, and answers read in full.

httpx's pool slows down badly beyond about ten requests in flight, so there are several small
ones that share one SSL context, and each request goes to the least busy. Requests go straight to
the transport: a client above it could follow redirects, read proxies from the environment, keep
cookies and log, none of which is wanted here.
"""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Self

import httpx

from inkbatch.adapters.inkbox.network import AsyncioTransport, FreshTransport

POOL_SIZE = 5
"""Connections per pool, well below the ten from which on a pool slows down."""

ANSWER_BYTES_MAX = 8 * 1024 * 1024
"""Ten times what a page of 200 calls with long URLs needs."""


class AnswerTooLong(httpx.ReadError):
    """An answer that passes the limit is given up, like one that breaks off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer, whole and decoded."""

    status: int
    headers: httpx.Headers
    body: bytes


class Connections:
    """Sends each request once, over the least busy of its transports."""

    def __init__(self, transports: Sequence[httpx.AsyncBaseTransport]) -> None:
        self._transports = tuple(transports)
        self._in_flight = [0] * len(self._transports)

    @classmethod
    def fresh(cls, ssl_context: ssl.SSLContext, *, at_once: int) -> Self:
        """Return connections that carry one request each, this many of them at once."""
        return cls([FreshTransport(ssl_context=ssl_context, at_once=at_once)])

    @classmethod
    def pooled(cls, ssl_context: ssl.SSLContext, *, at_once: int, reuse_seconds: float) -> Self:
        """Return pools for this many requests at once.

        A connection is reused within `reuse_seconds` of its last answer.
        """
        limits = httpx.Limits(max_connections=POOL_SIZE, keepalive_expiry=reuse_seconds)
        return cls(
            [
                AsyncioTransport(ssl_context=ssl_context, limits=limits)
                for _ in range(ceil(at_once / POOL_SIZE))
            ]
        )

    async def send(self, request: httpx.Request) -> Answer:
        """Send it once and read the whole answer; raises what httpx raises."""
        pool = min(range(len(self._transports)), key=self._in_flight.__getitem__)
        self._in_flight[pool] += 1
        try:
            return await _answer(await self._transports[pool].handle_async_request(request))
        finally:
            self._in_flight[pool] -= 1

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in self._transports:
            await transport.aclose()


async def _answer(response: httpx.Response) -> Answer:
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > ANSWER_BYTES_MAX:
                raise AnswerTooLong(f"more than {ANSWER_BYTES_MAX} bytes")
    finally:
        await response.aclose()
    return Answer(status=response.status_code, headers=response.headers, body=bytes(body))
