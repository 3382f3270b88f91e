"""How httpx reaches the network here: by asyncio's own streams.

httpcore goes through anyio, so that trio could be used too. That layer takes a quarter of the
time of a place-call on a connection of its own, and nothing here runs on trio. This is the
interface that httpcore documents for the purpose; what its streams raise is what httpx expects.
"""

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from ipaddress import ip_address
from typing import Any, cast

import httpcore
import httpx

NEXT_ADDRESS_SECONDS = 0.25
"""So long a first address has for itself before the next one is tried beside it (RFC 8305)."""


class AsyncioTransport(httpx.AsyncHTTPTransport):
    """A pool of connections over asyncio's streams; straight to the server, no proxy."""

    def __init__(self, *, ssl_context: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=ssl_context, trust_env=False, limits=limits)
        # httpx names no way to say which network its pool is to use.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_Network(),
        )


class FreshTransport(httpx.AsyncHTTPTransport):
    """A connection of its own for every request, for up to `at_once` of them together."""

    def __init__(self, *, ssl_context: ssl.SSLContext, at_once: int) -> None:
        super().__init__(verify=ssl_context, trust_env=False)
        self._pool = _FreshConnections(ssl_context, at_once=at_once)  # type: ignore[assignment]  # httpx types its own pool; it asks no more of one than this does


class _FreshConnections(httpcore.AsyncConnectionInterface):
    """What a pool that keeps no connection does, without its bookkeeping: a fifth of the time."""

    def __init__(self, ssl_context: ssl.SSLContext, *, at_once: int) -> None:
        self._ssl_context = ssl_context
        self._network = _Network()
        self._places = asyncio.Semaphore(at_once)

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        with _told_as(httpcore.PoolTimeout, httpcore.ConnectError):
            async with asyncio.timeout(request.extensions["timeout"]["pool"]):
                await self._places.acquire()
        connection = httpcore.AsyncHTTPConnection(
            request.url.origin, ssl_context=self._ssl_context, network_backend=self._network
        )
        answer = _OnlyAnswer(connection, self._places)
        try:
            response = await connection.handle_async_request(request)
        except BaseException:
            await answer.aclose()
            raise
        answer.body = cast("AsyncIterable[bytes]", response.stream)
        response.stream = answer
        return response

    async def aclose(self) -> None:
        """Nothing is left open: each connection is closed with its answer."""


class _OnlyAnswer:
    """The body of the one answer that a connection carries; closing it closes the connection."""

    body: AsyncIterable[bytes]

    def __init__(self, connection: httpcore.AsyncHTTPConnection, places: asyncio.Semaphore) -> None:
        self._connection = connection
        self._places = places

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self.body)

    async def aclose(self) -> None:
        self._places.release()
        await self._connection.aclose()


class _Network(httpcore.AsyncNetworkBackend):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore hands it over
        local_address: str | None = None,  # noqa: ARG002 - httpx's pool here never names one
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore.AsyncNetworkStream:
        with _told_as(httpcore.ConnectTimeout, httpcore.ConnectError):
            async with asyncio.timeout(timeout):
                reader, writer = await asyncio.open_connection(
                    host, port, happy_eyeballs_delay=_next_address_seconds(host)
                )
        return _Stream(reader, writer)


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore hands it over
        with _told_as(httpcore.ReadTimeout, httpcore.ReadError):
            async with _within(timeout):
                return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore hands it over
        with _told_as(httpcore.WriteTimeout, httpcore.WriteError):
            self._writer.write(buffer)
            async with _within(timeout):
                await self._writer.drain()

    async def aclose(self) -> None:
        self._writer.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore hands it over
    ) -> httpcore.AsyncNetworkStream:
        try:
            with _told_as(httpcore.ConnectTimeout, httpcore.ConnectError):
                async with asyncio.timeout(timeout):
                    await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except BaseException:
            self._writer.close()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # asked before it is used again: has the server closed it?
            return self._reader.at_eof() or self._has_unread() or self._writer.is_closing()
        return self._writer.get_extra_info(info)

    def _has_unread(self) -> bool:
        """Whether something came unasked, such as a 408: it is no answer to the next request.

        asyncio's stream has no public word for that.
        """
        return bool(self._reader._buffer)  # type: ignore[attr-defined]  # noqa: SLF001


def _within(seconds: float | None) -> AbstractAsyncContextManager[object]:
    """Return a deadline; where the whole request has one, as a place-call does, a part has none."""
    return nullcontext() if seconds is None else asyncio.timeout(seconds)


def _next_address_seconds(host: str) -> float | None:
    """Return None for an address, which has no other beside it: preparing a race costs a fifth."""
    try:
        ip_address(host)
    except ValueError:
        return NEXT_ADDRESS_SECONDS
    return None


@contextmanager
def _told_as(
    too_late: type[httpcore.TimeoutException], broken: type[httpcore.NetworkError]
) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise too_late(str(error)) from error
    except OSError as error:  # an ssl.SSLError is one too
        raise broken(str(error)) from error
