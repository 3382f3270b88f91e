"""The Inkbox client over TLS: real certificates, a real handshake, one place-call."""

import asyncio
import ssl
from contextlib import asynccontextmanager

import httpx
import pytest
import trustme

from inkbatch.adapters.inkbox.connections import Connections

LONG_BODY = b"x" * 3 * 1024 * 1024


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def trusting(*authorities):
    context = ssl.create_default_context()
    for each in authorities:
        each.configure_trust(context)
    return context


@asynccontextmanager
async def serving(context, *, body=b"hello"):
    """A server that answers each request with `body`, and counts requests and connections."""
    seen = {"connections": 0, "requests": 0}

    async def serve(reader, writer):
        seen["connections"] += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                seen["requests"] += 1
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield listening.sockets[0].getsockname()[1], seen
    finally:
        listening.close()


def speaking_for(authority, *names):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


@asynccontextmanager
async def connecting(context, *, reuse_seconds=None):
    if reuse_seconds is None:
        connections = Connections.fresh(context, at_once=1)
    else:
        connections = Connections.pooled(context, at_once=1, reuse_seconds=reuse_seconds)
    try:
        yield connections
    finally:
        await connections.aclose()


def get(port, *, host="localhost"):
    timeouts = httpx.Timeout(5).as_dict()
    url = f"https://{host}:{port}/numbers"
    return httpx.Request("GET", url, extensions={"timeout": timeouts})


async def test_long_answers_come_whole_over_tls(authority):
    """An answer longer than every buffer on the way arrives whole, from a host by its name."""
    async with (
        serving(speaking_for(authority, "localhost"), body=LONG_BODY) as (port, _),
        connecting(trusting(authority)) as connections,
    ):
        assert (await connections.send(get(port))).body == LONG_BODY


@pytest.mark.parametrize("trusted", [True, False])
async def test_nothing_is_sent_to_a_server_that_cannot_prove_its_name(authority, trusted):
    """A certificate of another host or of an unknown authority ends it before the request."""
    known = trusting(authority) if trusted else trusting()
    name = "other.example" if trusted else "localhost"
    async with (
        serving(speaking_for(authority, name)) as (port, seen),
        connecting(known) as connections,
    ):
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            await connections.send(get(port))
    assert seen["requests"] == 0


async def test_a_handshake_without_end_proves_that_nothing_was_sent():
    """Who accepts and then says nothing got no request: the time-out is one of connecting."""
    listening = await asyncio.start_server(lambda *_: asyncio.sleep(60), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    request = get(port)
    request.extensions["timeout"] = httpx.Timeout(None, connect=0.2).as_dict()
    async with listening, connecting(trusting()) as connections:
        with pytest.raises(httpx.ConnectTimeout):
            await connections.send(request)


async def test_a_place_call_never_goes_out_on_an_old_connection(authority):
    """Each request has a connection of its own, which is closed with its answer."""
    async with (
        serving(speaking_for(authority, "localhost")) as (port, seen),
        connecting(trusting(authority)) as connections,
    ):
        for _ in range(2):
            await connections.send(get(port))
        assert seen == {"connections": 2, "requests": 2}


async def test_a_request_that_is_given_up_makes_room_for_the_next(authority):
    """Where one at a time may be under way, a canceled one does not block the others for ever."""
    silent = await asyncio.start_server(lambda *_: asyncio.sleep(60), "127.0.0.1", 0)
    with_nobody = get(silent.sockets[0].getsockname()[1])
    async with (
        serving(speaking_for(authority, "localhost")) as (port, _),
        connecting(trusting(authority)) as connections,
    ):
        given_up = asyncio.create_task(connections.send(with_nobody))
        await asyncio.sleep(0)  # it begins
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        assert (await connections.send(get(port))).body == b"hello"
    silent.close()


async def test_who_waits_too_long_for_a_place_sent_nothing(authority):
    """Waiting behind others ends as httpx's PoolTimeout, which proves that nothing left."""
    silent = await asyncio.start_server(lambda *_: asyncio.sleep(60), "127.0.0.1", 0)
    with_nobody = get(silent.sockets[0].getsockname()[1])
    late = get(1)
    late.extensions["timeout"] = httpx.Timeout(None, pool=0.05).as_dict()
    async with connecting(trusting(authority)) as connections:
        under_way = asyncio.create_task(connections.send(with_nobody))
        await asyncio.sleep(0)  # it begins
        with pytest.raises(httpx.PoolTimeout):
            await connections.send(late)
        under_way.cancel()
        await asyncio.gather(under_way, return_exceptions=True)
    silent.close()


async def test_within_the_time_of_reuse_one_connection_serves_two_requests(authority):
    """A read costs no second handshake."""
    async with (
        serving(speaking_for(authority, "127.0.0.1")) as (port, seen),
        connecting(trusting(authority), reuse_seconds=5) as connections,
    ):
        for _ in range(2):
            await connections.send(get(port, host="127.0.0.1"))
        assert seen == {"connections": 1, "requests": 2}


async def test_what_a_server_sends_unasked_is_no_answer_to_the_next_request(authority):
    """A proxy that says 408 to an idle connection: the next request goes out on a new one."""
    first_is_read, unasked_is_sent = asyncio.Event(), asyncio.Event()

    async def serve(reader, writer):
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            if not unasked_is_sent.is_set():
                await first_is_read.wait()
                writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                unasked_is_sent.set()

    listening = await asyncio.start_server(
        serve, "127.0.0.1", 0, ssl=speaking_for(authority, "localhost")
    )
    port = listening.sockets[0].getsockname()[1]
    async with connecting(trusting(authority), reuse_seconds=60) as connections:
        await connections.send(get(port))
        first_is_read.set()
        await unasked_is_sent.wait()
        for _ in range(20):  # turns of the event loop, in which it arrives
            await asyncio.sleep(0)
        answer = await connections.send(get(port))
    listening.close()
    assert (answer.status, answer.body) == (200, b"hello")
