"""The client against answers as the API's page and its public clients have them, byte by byte."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inkbatch.adapters.clock import VirtualClock
from inkbatch.adapters.inkbox import InkboxTelephony
from inkbatch.domain.call import RateLimit
from inkbatch.domain.errors import (
    CallNotFound,
    DialFailed,
    FromNumberRefused,
    KeyRefused,
    RateLimited,
    RecipientBlocked,
    RequestRefused,
)
from inkbatch.ports import PlaceCall

ANSWERS = Path(__file__).with_name("documented_answers")
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
REQUEST = PlaceCall(
    from_number="+14155550100",
    to_number="+14155550132",
    client_websocket_url="wss://agent.example/talk?inkbatch_attempt=a1",
    webhook_url="https://hooks.example/inkbox",
)


class Told:
    """What the client asked for: the request line, its headers, its body."""

    line = ""
    headers = ""
    body = b""


@asynccontextmanager
async def inkbox_that_answers(name):
    """Give a client of a socket that answers every request with one recorded answer."""
    told = Told()
    head, body = (ANSWERS / f"{name}.http").read_text("utf-8").split("\n\n", 1)
    whole = head.replace("\n", "\r\n") + f"\r\nContent-Length: {len(body)}\r\n\r\n" + body

    async def answer(reader, writer):
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        told.line, told.headers = asked.split("\r\n", 1)
        length = [line for line in asked.lower().split("\r\n") if line.startswith("content-length")]
        told.body = await reader.readexactly(int(length[0].split(":")[1]) if length else 0)
        writer.write(whole.encode())
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    client = InkboxTelephony(
        f"http://127.0.0.1:{port}/api/v1/phone", "sk_test", clock=VirtualClock(NOW)
    )
    async with listening:
        yield client, told
        await client.aclose()


async def test_a_place_call_asks_as_documented_and_reads_the_whole_answer():
    """POST /place-call with the key and the four fields; the call and its usage come back."""
    async with inkbox_that_answers("place_call_200") as (client, told):
        placed = await client.place_call(REQUEST)
    assert told.line == "POST /api/v1/phone/place-call HTTP/1.1"
    assert "x-api-key: sk_test" in told.headers.lower()
    assert "content-type: application/json" in told.headers.lower()
    assert json.loads(told.body) == {
        "from_number": "+14155550100",
        "to_number": "+14155550132",
        "client_websocket_url": "wss://agent.example/talk?inkbatch_attempt=a1",
        "webhook_url": "https://hooks.example/inkbox",
    }
    call = placed.call
    assert call.id == "0d1f2b3c-4a5b-4c6d-8e7f-90a1b2c3d4e5"
    assert (call.local_number, call.remote_number) == ("+14155550100", "+14155550132")
    assert (call.direction, call.status, call.hangup_reason) == ("outbound", "initiated", None)
    assert call.client_websocket_url == REQUEST.client_websocket_url
    assert (call.created_at, call.started_at, call.ended_at) == (NOW, None, None)
    assert placed.limit == RateLimit(
        calls_used=7, calls_limit=100, minutes_used=12.5, minutes_limit=100
    )


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("place_call_400", FromNumberRefused),
        ("place_call_401", KeyRefused),
        ("place_call_403", FromNumberRefused),
        ("place_call_403_recipient_blocked", RecipientBlocked),
        ("place_call_422", RequestRefused),
        ("place_call_429", RateLimited),
        ("place_call_502", DialFailed),
    ],
)
async def test_every_documented_refusal_of_a_place_call_is_its_own_error(name, error):
    """The dialer does something else for each."""
    async with inkbox_that_answers(name) as (client, _):
        with pytest.raises(error) as caught:
            await client.place_call(REQUEST)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    "name", ["place_call_429", "place_call_429_reset_as_delta", "place_call_429_http_date"]
)
async def test_a_429_holds_until_the_later_of_its_headers_in_either_form(name):
    """Retry-After in seconds or as a date, X-RateLimit-Reset as an epoch or a delta."""
    async with inkbox_that_answers(name) as (client, _):
        with pytest.raises(RateLimited) as caught:
            await client.place_call(REQUEST)
    assert caught.value.hold_until == NOW + timedelta(seconds=90)


async def test_a_page_of_calls_is_read_with_every_status_and_reason():
    """GET /numbers/{id}/calls: a bare array, newest first, of calls in every state."""
    async with inkbox_that_answers("list_calls_200") as (client, told):
        calls = await client.list_calls("n1", limit=200, offset=400)
    assert told.line == "GET /api/v1/phone/numbers/n1/calls?limit=200&offset=400 HTTP/1.1"
    assert [(call.status, call.hangup_reason, call.has_ended) for call in calls] == [
        ("initiated", None, False),
        ("ringing", None, False),
        ("answered", None, False),
        ("completed", "local", True),
        ("completed", "remote", True),
        ("completed", "max_duration", True),
        ("completed", "voicemail", True),
        ("failed", "rejected", True),
        ("canceled", None, True),
        ("completed", "remote", True),
    ]
    assert [call.direction for call in calls] == ["outbound"] * 9 + ["inbound"]
    assert [call.created_at for call in calls] == sorted(
        (call.created_at for call in calls), reverse=True
    )


async def test_one_call_is_read_with_its_times():
    """GET /numbers/{id}/calls/{id}: what it talked, whatever further keys there are."""
    async with inkbox_that_answers("get_call_200") as (client, told):
        call = await client.get_call("n1", "c1")
    assert told.line == "GET /api/v1/phone/numbers/n1/calls/c1 HTTP/1.1"
    assert (call.status, call.talk_minutes, call.phone_number_id) == ("completed", 1.5, "n1")


@pytest.mark.parametrize(
    ("name", "error"), [("get_call_403", FromNumberRefused), ("get_call_404", CallNotFound)]
)
async def test_a_call_of_others_or_of_nobody_is_an_error(name, error):
    """403 and 404 are told apart."""
    async with inkbox_that_answers(name) as (client, _):
        with pytest.raises(error):
            await client.get_call("n1", "c1")


async def test_numbers_are_read_with_their_id_status_and_url():
    """GET /numbers: how a from_number becomes the id that the call list needs."""
    async with inkbox_that_answers("numbers_200") as (client, told):
        numbers = await client.own_numbers()
    assert told.line == "GET /api/v1/phone/numbers HTTP/1.1"
    assert [(n.number, n.is_active, n.client_websocket_url) for n in numbers] == [
        ("+14155550100", True, "wss://agent.example/stored"),
        ("+14155550101", False, None),
    ]
    assert numbers[0].id == "58cba82e-4a07-581c-ae09-4d2bcb56107a"
