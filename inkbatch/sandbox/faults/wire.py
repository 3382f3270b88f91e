"""Faults of requests, as ASGI middleware outside of everything that carries a request out.

A request meets its faults one by one, in the order in which they were ordered. The first one that
strikes does its harm around the rest of them, and a fault that is never reached is not counted.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkbatch.sandbox.body_limit import BODY_BYTES_MAX
from inkbatch.sandbox.exchange import Exchange
from inkbatch.sandbox.faults import connection
from inkbatch.sandbox.faults.book import Ordered
from inkbatch.sandbox.faults.orders import (
    ClockSkew,
    Garbage,
    HalfResponse,
    Hang,
    Latency,
    RateLimited,
    RequestFault,
    Reset,
    ServerError,
    When,
)

GARBAGE = b'{"id": "\x00\xff<not json'
GATEWAY_PAGE = "<html><body><h1>{status}</h1><p>The server is not well.</p></body></html>"
OK, TOO_MANY = 200, 429

Rest = Callable[[Receive, Send], Awaitable[None]]
"""Carries a request out as it is received, and sends the answer to whom it is given."""


class FaultyWire:
    """ASGI middleware that does to the API's requests what the book orders."""

    def __init__(self, app: ASGIApp, *, exchange: Exchange, prefix: str) -> None:
        """Wrap an app; only paths below the prefix have faults."""
        self._app = app
        self._book = exchange.faults
        self._exchange = exchange
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, through its faults."""
        faults: Sequence[Ordered[RequestFault]] = ()
        if scope["type"] == "http" and scope["path"].startswith(self._prefix):
            path = scope["path"].removeprefix(self._prefix)
            faults = self._book.matching(method=scope["method"], path=path)
        await self._through(faults, scope, receive, send)

    async def _through(
        self, faults: Sequence[Ordered[RequestFault]], scope: Scope, receive: Receive, send: Send
    ) -> None:
        for place, ordered in enumerate(faults):
            if ordered.strikes():
                rest = partial(self._through, faults[place + 1 :], scope)
                await self._harm(ordered.fault, rest, scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _harm(
        self, fault: RequestFault, rest: Rest, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if getattr(fault, "when", When.BEFORE) is When.AFTER:
            await rest(receive, _swallow)
        match fault:
            case Latency(seconds=seconds):
                await _delay(lambda replay: rest(replay, send), seconds, scope, receive)
            case Hang():
                await _outlasts(_until_closed(receive), scope, receive)
            case Reset():
                connection.reset(scope)
                await _until_closed(receive)
            case HalfResponse():
                await _half(rest, scope, receive, send)
            case Garbage():
                await rest(receive, _swallow)
                await self._answer(send, OK, GARBAGE, {"content-type": "application/json"})
            case ServerError(status=status):
                page = GATEWAY_PAGE.format(status=status).encode()
                await self._answer(send, status, page, {"content-type": "text/html"})
            case RateLimited(retry_after_seconds=seconds):
                await self._refuse(send, seconds)
            case ClockSkew(seconds=seconds):
                await rest(receive, partial(_send_skewed, send, timedelta(seconds=seconds)))

    async def _refuse(self, send: Send, retry_after_seconds: int) -> None:
        reset_at = self._exchange.now() + timedelta(seconds=retry_after_seconds)
        headers = {
            "content-type": "application/json",
            "retry-after": str(retry_after_seconds),
            "x-ratelimit-limit": "100",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(round(reset_at.timestamp())),
        }
        detail = "Organization has exceeded 100 calls or 100 minutes in the last 24 hours"
        await self._answer(send, TOO_MANY, json.dumps({"detail": detail}).encode(), headers)

    async def _answer(self, send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
        told = {
            "date": format_datetime(self._exchange.now(), usegmt=True),
            "content-length": str(len(body)),
            **headers,
        }
        raw = [(name.encode(), value.encode()) for name, value in told.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})


async def _swallow(_: Message) -> None:
    """Lose an answer."""


async def _delay(
    rest: Callable[[Receive], Awaitable[None]], seconds: float, scope: Scope, receive: Receive
) -> None:
    replay = await _taken_off(receive)
    if await _outlasts(asyncio.sleep(seconds), scope, receive):
        await rest(replay)


async def _taken_off(receive: Receive) -> Receive:
    """Take a request off the wire, so that it is carried out even if its client is gone by then.

    What is longer than any body may be stays there, for whoever refuses it.
    """
    messages = [await receive()]
    size = len(messages[0].get("body", b""))
    while messages[-1].get("more_body", False) and size <= BODY_BYTES_MAX:
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
    messages.reverse()

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


async def _outlasts(waiting: Awaitable[None], scope: Scope, receive: Receive) -> bool:
    """Wait; False, with the connection closed, where the server ends before: nobody is kept."""
    try:
        await waiting
    except asyncio.CancelledError:
        if not connection.close(scope):
            raise
        await _until_closed(receive)
        return False
    return True


async def _until_closed(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _half(rest: Rest, scope: Scope, receive: Receive, send: Send) -> None:
    """Promise the whole answer by its headers, and break off in the middle of its body."""
    messages: list[Any] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await rest(receive, keep)
    if not messages:
        return
    start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
    await send(start)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    if connection.close(scope):
        await _until_closed(receive)
    else:  # in the client's own process nothing checks the length that the headers promise
        await send({"type": "http.response.body", "body": b""})


async def _send_skewed(send: Send, ahead: timedelta, message: Message) -> None:
    if message["type"] == "http.response.start":
        message["headers"] = [
            (name, _skewed(value, ahead) if name.lower() == b"date" else value)
            for name, value in message["headers"]
        ]
    await send(message)


def _skewed(date: bytes, ahead: timedelta) -> bytes:
    return format_datetime(parsedate_to_datetime(date.decode()) + ahead, usegmt=True).encode()
