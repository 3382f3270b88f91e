"""The Inkbox client against a real socket that misbehaves in every way there is."""

import asyncio
import json
import socket
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.adapters.clock import RealClock
from inkbatch.adapters.inkbox import InkboxTelephony
from inkbatch.domain.errors import NotSent, ReplyLost, TelephonyUnavailable
from inkbatch.ports import PlaceCall

REQUEST = PlaceCall(
    from_number="+14155550100",
    to_number="+14155550132",
    client_websocket_url="wss://agent.example/talk?inkbatch_attempt=a1",
    webhook_url=None,
)
PLACED = json.dumps({"id": "c1", "status": "initiated"}).encode()
SHORT = timedelta(seconds=0.5)


def http(status, body, *extra):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *extra, "", ""]
    return "\r\n".join(lines).encode() + body


class NoWaitClock(RealClock):
    """The real time, but nobody waits between two tries."""

    async def sleep_until(self, _):
        """Return at once."""
        await asyncio.sleep(0)


class StoppedClock(NoWaitClock):
    """A process that was stopped for an hour between two looks at the time."""

    def __init__(self):
        self.looks = 0

    def monotonic(self):
        """Return an hour more at each look."""
        self.looks += 1
        return 3600.0 * self.looks


class Server:
    """A raw TCP server on loopback: one behaviour, and how much of it was asked for."""

    def __init__(self, behave):
        self.behave = behave
        self.connections = 0
        self.requests = 0
        self.arrived = asyncio.Event()
        self.open = set()

    async def __call__(self, reader, writer):
        """Serve one connection until it ends."""
        self.connections += 1
        self.open.add(asyncio.current_task())
        try:
            while await read_request(reader):
                self.requests += 1
                self.arrived.set()
                await self.behave(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.open.discard(asyncio.current_task())
            writer.close()


async def read_request(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if b"content-length" in line]
    await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)
    return True


@asynccontextmanager
async def serving(behave):
    server = Server(behave)
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    try:
        yield server, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/api/v1/phone"
    finally:
        listening.close()
        for task in list(server.open):
            task.cancel()


@asynccontextmanager
async def calling(base_url, **options):
    client = InkboxTelephony(base_url, "sandbox", **{"clock": NoWaitClock(), **options})
    try:
        yield client
    finally:
        await client.aclose()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def reset(writer):
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    writer.transport.abort()


async def resets(writer):
    reset(writer)
    raise ConnectionError


async def closes(writer):
    writer.close()
    raise ConnectionError


async def hangs(_):
    await asyncio.sleep(60)


async def answers_half(writer):
    writer.write(http("200 OK", PLACED)[:-5])
    await writer.drain()
    await closes(writer)


async def answers_half_a_head(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-")
    await writer.drain()
    await closes(writer)


async def drips(writer):
    for byte in http("200 OK", PLACED):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)


async def answers_garbage(writer):
    writer.write(http("200 OK", b"<html>welcome</html>"))


async def answers_no_http(writer):
    writer.write(b"220 mail.example ESMTP\r\n\r\n")


async def answers_without_end(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
        await writer.drain()


async def redirects(writer):
    writer.write(http("307 Temporary Redirect", b"", "Location: /api/v1/phone/place-call"))


async def refuses_with_html(writer):
    writer.write(http("502 Bad Gateway", b"<html>502</html>"))


async def says_yes(writer):
    writer.write(http("200 OK", PLACED))


async def lists_nothing(writer):
    writer.write(http("200 OK", b"[]"))


@pytest.mark.parametrize(
    "behave",
    [
        resets,
        closes,
        hangs,
        answers_half,
        answers_half_a_head,
        drips,
        answers_garbage,
        answers_no_http,
        redirects,
        refuses_with_html,
    ],
)
async def test_an_unclear_answer_is_lost_and_never_asked_for_twice(behave):
    """A phone may be ringing, so exactly one request arrives and the reply counts as lost."""
    async with serving(behave) as (server, base_url):
        async with calling(base_url, place_deadline=SHORT) as client:
            with pytest.raises(ReplyLost, match="may be ringing"):
                await client.place_call(REQUEST)
        assert (server.requests, server.connections) == (1, 1)


async def test_the_total_deadline_holds_against_a_slow_drip():
    """Timeouts of httpx start anew with each byte; a place-call has one deadline for all."""
    async with serving(drips) as (_, base_url), calling(base_url, place_deadline=SHORT) as client:
        started = time.monotonic()
        with pytest.raises(ReplyLost, match="no whole answer in time"):
            await client.place_call(REQUEST)
        assert time.monotonic() - started < 2


async def test_an_answer_without_end_is_given_up():
    """An answer may fill neither our time nor our memory."""
    async with serving(answers_without_end) as (server, base_url):
        async with calling(base_url) as client:
            with pytest.raises(ReplyLost, match="too long"):
                await client.place_call(REQUEST)
        assert server.requests == 1


async def test_a_refused_connection_proves_that_nothing_was_sent():
    """Nothing listens, so nothing rang, and the sentence says what to check."""
    async with calling(f"http://127.0.0.1:{free_port()}/api") as client:
        with pytest.raises(NotSent, match=r"connection refused\. Nothing was dialed") as caught:
            await client.place_call(REQUEST)
    assert "INKBATCH_BASE_URL" in str(caught.value)
    assert "4155550132" not in str(caught.value)


async def test_a_connection_reset_before_reading_is_never_called_a_yes():
    """Whether the reset came before or after writing, the error says at most what is proven."""

    async def reset_at_once(_, writer):
        reset(writer)

    listening = await asyncio.start_server(reset_at_once, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with calling(f"http://127.0.0.1:{port}/api") as client:
        with pytest.raises((NotSent, ReplyLost)):
            await client.place_call(REQUEST)
    listening.close()


async def test_a_process_that_was_stopped_on_the_way_writes_nothing():
    """A request whose time is over is dropped right before its first byte."""
    async with serving(says_yes) as (server, base_url):
        async with calling(base_url, clock=StoppedClock()) as client:
            with pytest.raises(NotSent, match="its time was over"):
                await client.place_call(REQUEST)
        assert server.requests == 0


async def test_nothing_is_sent_from_the_time_on_that_the_request_names():
    """An intent that grew old while a connection was made is decided anew."""
    async with serving(says_yes) as (server, base_url):
        async with calling(base_url) as client:
            late = replace(REQUEST, send_before=RealClock().monotonic())
            with pytest.raises(NotSent, match="its time was over"):
                await client.place_call(late)
        assert server.requests == 0


async def test_a_cancelled_place_call_stays_cancelled_and_is_not_sent_again():
    """Ctrl-C reaches the dialer as what it is; the dialer counts the reply as lost."""
    async with serving(hangs) as (server, base_url):
        async with calling(base_url) as client:
            placing = asyncio.create_task(client.place_call(REQUEST))
            await server.arrived.wait()
            placing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await placing
        assert server.requests == 1


async def test_every_place_call_has_a_fresh_connection():
    """An idle connection may be reset just as a request goes out; a fresh one is not."""
    async with serving(says_yes) as (server, base_url):
        async with calling(base_url) as client:
            for _ in range(3):
                assert (await client.place_call(REQUEST)).call.id == "c1"
        assert (server.requests, server.connections) == (3, 3)


async def test_places_as_many_calls_at_once_as_it_was_told():
    """All of them are under way together: the last is not waiting for the first."""
    together = 25
    waiting = asyncio.Barrier(together)

    async def answers_when_all_are_here(writer):
        await waiting.wait()
        await says_yes(writer)

    async with serving(answers_when_all_are_here) as (server, base_url):
        async with calling(base_url, places_at_once=together) as client:
            await asyncio.gather(*(client.place_call(REQUEST) for _ in range(together)))
        assert server.requests == together


async def test_a_call_that_finds_no_free_connection_was_not_sent():
    """More at once than there are connections wait a while, and then nothing was sent."""
    async with serving(hangs) as (server, base_url):
        async with calling(base_url, places_at_once=5, place_deadline=SHORT) as client:
            results = await asyncio.gather(
                *(client.place_call(REQUEST) for _ in range(8)), return_exceptions=True
            )
        kinds = [type(result) for result in results]
        assert (kinds.count(ReplyLost), kinds.count(NotSent)) == (5, 3)
        assert server.requests == 5


async def test_reads_share_a_connection_and_survive_its_loss():
    """A read may be repeated, so a dropped connection costs a try and nothing else."""
    asked = 0

    async def answers_every_second(writer):
        nonlocal asked
        asked += 1
        await (closes(writer) if asked % 2 else lists_nothing(writer))

    async with serving(answers_every_second) as (server, base_url), calling(base_url) as client:
        assert await client.list_calls("n1", limit=200, offset=0) == []
        assert await client.own_numbers() == []
        assert (server.requests, server.connections) == (4, 3)


async def test_a_server_that_is_down_is_told_in_one_sentence_after_the_tries():
    """A person learns what is wrong, that nothing was dialed, and where to look."""
    async with calling(f"http://127.0.0.1:{free_port()}/api", read_attempts=3) as client:
        with pytest.raises(TelephonyUnavailable) as caught:
            await client.own_numbers()
    message = str(caught.value)
    for part in ("connection refused", "Nothing was dialed", "INKBATCH_BASE_URL", "127.0.0.1"):
        assert part in message


async def test_the_skew_of_the_clocks_comes_from_the_date_header():
    """A server an hour ahead is noticed with its first answer."""
    ahead = datetime.now(UTC) + timedelta(hours=1)

    async def tells_the_time(writer):
        writer.write(http("200 OK", b"[]", f"Date: {ahead:%a, %d %b %Y %H:%M:%S} GMT"))

    async with serving(tells_the_time) as (_, base_url), calling(base_url) as client:
        await client.own_numbers()
        assert client.skew is not None
        assert abs(client.skew - timedelta(hours=1)) < timedelta(seconds=5)


async def test_the_environment_cannot_send_requests_elsewhere(monkeypatch):
    """A proxy in the environment would see the key and the numbers, so none is used."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{free_port()}")
    async with serving(says_yes) as (server, base_url), calling(base_url) as client:
        await client.place_call(REQUEST)
        assert server.requests == 1
