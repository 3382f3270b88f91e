"""Faults on real sockets of a real server process, and what the client makes of each."""

import asyncio
import json
import socket
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from inkbatch.adapters.clock import VirtualClock
from inkbatch.adapters.inkbox import InkboxTelephony
from inkbatch.domain.errors import CallNotFound, RateLimited, ReplyLost, TelephonyUnavailable
from inkbatch.ports import PlaceCall
from inkbatch.sandbox import phone_number_id
from tests.acceptance.terminal import Terminal, sandbox_in, wait_until

OWN_NUMBER = "+14155550100"
OWN_ID = str(phone_number_id(OWN_NUMBER))
CALLEE = "+442079460123"
SOON = timedelta(seconds=1)
"""The deadline of a place-call that is never answered; the request has arrived long before."""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One sandbox process for the module, without limits."""
    folder = tmp_path_factory.mktemp("sandbox")
    with sandbox_in(folder, "--calls-limit", 0, "--minutes-limit", 0) as sandbox:
        yield sandbox


@pytest.fixture
def wire(running):
    """The sandbox, with all faults lifted and its calls so far left out of account."""
    wire = Wire(running.port)
    wire.order()
    yield wire
    wire.order()


class Wire:
    """What these tests ask of the server, and a bare socket to it."""

    def __init__(self, port):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._watching = httpx.Client(base_url=f"{self.url}/sandbox")
        self._calls_before = len(self._calls())

    def order(self, *faults):
        """Put these faults in force instead of all others."""
        told = self._watching.put("/faults", json={"faults": list(faults)})
        assert told.status_code == 200, told.text

    def struck(self):
        """Return how often each fault struck."""
        told = self._watching.get("/faults").json()
        return [fault["struck"] for fault in told["faults"]]

    def placed(self):
        """Return how many calls this test really placed."""
        return len(self._calls()) - self._calls_before

    def _calls(self):
        return self._watching.get("/ledger").json()["calls"]

    @contextmanager
    def asking(self):
        """Send a whole place-call on a socket of its own, and hand out the socket."""
        body = json.dumps({"from_number": OWN_NUMBER, "to_number": CALLEE}).encode()
        head = (
            "POST /api/v1/phone/place-call HTTP/1.1\r\nHost: sandbox\r\nX-API-Key: sandbox\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as asking:
            asking.sendall(head.encode() + body)
            yield asking


@pytest.mark.parametrize(("when", "placed"), [("before", 0), ("after", 1)])
def test_a_reset_is_a_real_one(wire, when, placed):
    """The system of the client reports a reset by the peer, not an orderly end."""
    wire.order({"fault": "reset", "when": when})
    with wire.asking() as asking, pytest.raises(ConnectionResetError):
        asking.recv(1)
    assert (wire.placed(), wire.struck()) == (placed, [1])


@pytest.mark.parametrize(("when", "placed"), [("before", 0), ("after", 1)])
def test_a_hang_says_nothing_and_keeps_the_connection(wire, when, placed):
    """Not a byte and no end, for as long as the client cares to wait; others are served."""
    wire.order({"fault": "hang", "when": when, "times": 1})
    with wire.asking() as asking, wire.asking() as another:
        answered = another.recv(8)
        asking.settimeout(0.3)
        with pytest.raises(TimeoutError):
            asking.recv(1)
    assert answered == b"HTTP/1.1"
    assert (wire.placed(), wire.struck()) == (1 + placed, [1])


def test_half_a_response_ends_in_order_in_the_middle_of_the_body(wire):
    """Headers whole, half of the promised body, then the end of the stream."""
    wire.order({"fault": "half_response"})
    with wire.asking() as asking, asking.makefile("rb") as stream:
        head, _, body = stream.read().partition(b"\r\n\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    assert head.startswith(b"HTTP/1.1 200")
    assert len(body) == int(headers[b"content-length"]) // 2
    assert wire.placed() == 1


async def place(wire, **options):
    """Place one call by the client, as the dialer does."""
    async with telephony(wire, **options) as client:
        request = PlaceCall(
            from_number=OWN_NUMBER,
            to_number=CALLEE,
            client_websocket_url="wss://agent.example.com/talk",
            webhook_url=None,
        )
        return await client.place_call(request)


class telephony:  # noqa: N801 (read as a function)
    """The client under a virtual clock, so that its waits between tries take no time."""

    def __init__(self, wire, **options):
        self._client = InkboxTelephony(
            f"{wire.url}/api/v1/phone",
            "sandbox",
            clock=VirtualClock(datetime.now(UTC)),
            **options,
        )

    async def __aenter__(self):
        return self._client

    async def __aexit__(self, *_):
        await self._client.aclose()


LOSES = [
    ({"fault": "reset", "when": "before"}, 0),
    ({"fault": "reset", "when": "after"}, 1),
    ({"fault": "half_response"}, 1),
    ({"fault": "garbage"}, 1),
    *(
        ({"fault": "server_error", "status": status, "when": when}, placed)
        for status in (500, 502, 503, 504)
        for when, placed in (("before", 0), ("after", 1))
    ),
]


@pytest.mark.parametrize(("fault", "placed"), LOSES, ids=str)
async def test_a_place_call_whose_answer_is_lost_is_told_as_lost(wire, fault, placed):
    """Placed or not, the client cannot know, does not try again, and says so."""
    wire.order(fault)
    with pytest.raises(ReplyLost):
        await place(wire)
    assert (wire.placed(), wire.struck()) == (placed, [1])


@pytest.mark.parametrize(("when", "placed"), [("before", 0), ("after", 1)])
async def test_a_place_call_that_hangs_is_lost_at_its_deadline(wire, when, placed):
    wire.order({"fault": "hang", "when": when})
    with pytest.raises(ReplyLost):
        await place(wire, place_deadline=SOON)
    assert (wire.placed(), wire.struck()) == (placed, [1])


async def test_a_429_out_of_the_blue_holds_and_places_nothing(wire):
    wire.order({"fault": "rate_limited", "retry_after_seconds": 90})
    with pytest.raises(RateLimited) as caught:
        await place(wire)
    assert caught.value.hold_until - datetime.now(UTC) < timedelta(seconds=91)
    assert (wire.placed(), wire.struck()) == (0, [1])


async def test_a_slow_answer_in_time_is_an_answer(wire):
    wire.order({"fault": "latency", "seconds": 0.05})
    await place(wire)
    assert (wire.placed(), wire.struck()) == (1, [1])


async def test_a_call_may_ring_after_its_client_has_given_up(wire):
    """What was delayed on its way is carried out all the same: lost is not «not placed»."""
    wire.order({"fault": "latency", "seconds": 2})
    with pytest.raises(ReplyLost):
        await place(wire, place_deadline=SOON)
    await asyncio.to_thread(wait_until, lambda: wire.placed() == 1)


async def test_a_skewed_date_is_noticed(wire):
    """An hour ahead, give or take the machine's own delays."""
    wire.order({"fault": "clock_skew", "seconds": 3600})
    async with telephony(wire) as client:
        await client.own_numbers()
        assert abs(client.skew - timedelta(hours=1)) < timedelta(minutes=5)


FAILS = [
    {"fault": "reset", "when": "before"},
    {"fault": "reset", "when": "after"},
    {"fault": "half_response"},
    {"fault": "server_error", "status": 500, "when": "before"},
    {"fault": "server_error", "status": 503, "when": "after"},
    {"fault": "rate_limited", "retry_after_seconds": 2},
]


@pytest.mark.parametrize("fault", FAILS, ids=str)
async def test_a_read_that_fails_is_tried_again(wire, fault):
    """Three failures in a row, and the fourth try brings the answer."""
    wire.order({**fault, "times": 3})
    async with telephony(wire, read_attempts=4) as client:
        assert [number.number for number in await client.own_numbers()][:1] == [OWN_NUMBER]
    assert wire.struck() == [3]


@pytest.mark.parametrize("fault", FAILS, ids=str)
async def test_a_read_that_fails_for_good_is_told_after_its_tries(wire, fault):
    wire.order(fault)
    async with telephony(wire, read_attempts=2) as client:
        with pytest.raises((TelephonyUnavailable, RateLimited)):
            await client.own_numbers()
    assert wire.struck() == [2]


async def test_garbage_is_no_empty_list(wire):
    """A list that cannot be read is trouble, never «no calls»."""
    wire.order({"fault": "garbage"})
    async with telephony(wire) as client:
        with pytest.raises(TelephonyUnavailable):
            await client.list_calls(OWN_ID, limit=200, offset=0)


async def test_a_call_that_lags_is_got_and_not_listed(wire):
    placed = await place(wire)
    wire.order({"fault": "list_lag", "seconds": 3600, "times": 10_000})
    async with telephony(wire) as client:
        listed = await client.list_calls(OWN_ID, limit=200, offset=0)
        got = await client.get_call(OWN_ID, placed.call.id)
    assert placed.call.id not in [call.id for call in listed]
    assert got.id == placed.call.id


async def test_a_deleted_call_is_not_found(wire):
    placed = await place(wire)
    wire.order({"fault": "deleted_call"})
    async with telephony(wire) as client:
        with pytest.raises(CallNotFound):
            await client.get_call(OWN_ID, placed.call.id)
    assert wire.placed() == 1


@pytest.mark.parametrize(
    "harm", ['fault = "hang"\nwhen = "before"', 'fault = "latency"\nseconds = 600']
)
def test_a_sandbox_with_waiting_requests_ends_when_it_is_told_to(tmp_path, harm):
    """Ctrl-C is not held up by a client whose answer never comes, or late; nor complained about."""
    faults = tmp_path / "faults.toml"
    faults.write_text(f"[[faults]]\n{harm}\n", "utf-8")
    with sandbox_in(tmp_path, "--faults", faults) as sandbox:
        wire = Wire(sandbox.port)
        with wire.asking() as asking:
            wait_until(lambda: wire.struck() == [1])
            sandbox.process.terminate()
            said = Terminal.end_of(sandbox.process, seconds_max=30)
            assert asking.recv(1) == b""
    assert "Traceback" not in said.err
