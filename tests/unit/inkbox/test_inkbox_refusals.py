"""Every answer to a place-call and to a read, and the one error that it becomes."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from inkbatch.adapters.clock import VirtualClock
from inkbatch.adapters.inkbox import InkboxTelephony
from inkbatch.domain.call import RateLimit
from inkbatch.domain.errors import (
    CallNotFound,
    DialFailed,
    FromNumberRefused,
    KeyRefused,
    NotSent,
    RateLimited,
    RecipientBlocked,
    ReplyLost,
    RequestRefused,
    TelephonyUnavailable,
)
from inkbatch.ports import PlaceCall

KEY = "sk_canary_123"
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
REQUEST = PlaceCall(
    from_number="+14155550100",
    to_number="+14155550132",
    client_websocket_url="wss://agent.example/talk?inkbatch_attempt=a1",
    webhook_url=None,
)
BLOCKED = {"detail": {"error": "recipient_blocked", "number": "+14155550132"}}
TOO_LONG = {"detail": "x" * 5000}
INVALID = {"detail": [{"loc": ["body", "to_number"], "msg": "bad", "input": "+14155550132"}]}
LIMITS = {"calls_used": 100, "calls_limit": 100, "minutes_used": 7.5, "minutes_limit": 100}


class Server:
    """Answers every request with the next of its answers (the last for ever), and keeps them."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.clock = VirtualClock(NOW)
        self.client = InkboxTelephony(
            "https://inkbox.test/api/v1/phone",
            KEY,
            clock=self.clock,
            transport=httpx.MockTransport(self),
        )

    def __call__(self, request):
        """Take a request as `httpx.MockTransport` hands it over."""
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def answer(status, body=None, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=content, headers=named)


async def test_a_yes_becomes_a_call_with_the_limits():
    """One POST with the key carries exactly what was asked, and its answer arrives whole."""
    server = Server(
        answer(200, {"id": "c1", "status": "initiated", "rate_limit": LIMITS, "new_key": 1})
    )
    placed = await server.client.place_call(REQUEST)
    assert (placed.call.id, placed.call.status) == ("c1", "initiated")
    assert placed.limit == RateLimit(
        calls_used=100, calls_limit=100, minutes_used=7.5, minutes_limit=100
    )
    (sent,) = server.requests
    assert (sent.method, sent.url) == ("POST", "https://inkbox.test/api/v1/phone/place-call")
    assert sent.headers["X-API-Key"] == KEY
    assert json.loads(sent.content) == {
        "from_number": "+14155550100",
        "to_number": "+14155550132",
        "client_websocket_url": "wss://agent.example/talk?inkbatch_attempt=a1",
    }


async def test_of_what_the_server_repeats_no_name_and_no_number_is_told():
    """Names ride in the query of the agent's URL, and a message ends in logs and in Prefect."""
    url = "wss://agent.example/talk?name=Ottilie%20B&inkbatch_attempt=a1"
    told = f"client_websocket_url '{url}' cannot be used for +14155550132. Try again?"
    with pytest.raises(RequestRefused) as caught:
        await Server(answer(422, {"detail": told})).client.place_call(REQUEST)
    message = str(caught.value)
    assert "'wss://agent.example/talk?…' cannot be used for +1•••••••0132. Try again?" in message
    assert "Ottilie" not in message


PLACE_REFUSALS = [
    (answer(400, {"detail": "from_number is not active"}), FromNumberRefused),
    (answer(400, {"detail": "Phone number +14155550100 is paused"}), FromNumberRefused),
    (answer(400, b"<html>Bad Request</html>"), FromNumberRefused),
    (answer(400, {"detail": "to_number cannot be dialed"}), RequestRefused),
    (answer(401, {"detail": f"Invalid API key {KEY}"}), KeyRefused),
    (answer(403, BLOCKED), RecipientBlocked),
    (answer(403, {"detail": "from_number does not belong to you"}), FromNumberRefused),
    (answer(403, TOO_LONG), FromNumberRefused),
    (answer(422, INVALID), RequestRefused),
    (answer(429, {"detail": "Too many"}, Retry_After="30"), RateLimited),
    (answer(429, b"slow down"), RateLimited),
    (answer(502, {"detail": "Telnyx dial failed"}), DialFailed),
    (answer(502, {"detail": {"error": "dial_failed"}}), DialFailed),
    (answer(502, {"detail": "Bad Gateway"}), ReplyLost),
    (answer(502, b"<html><h1>502 Bad Gateway</h1></html>"), ReplyLost),
    (answer(502, {"message": "Telnyx dial failed"}), ReplyLost),
    (answer(500, {"detail": "Internal Server Error"}), ReplyLost),
    (answer(503, {"detail": "dial failed"}), ReplyLost),
    (answer(504, b""), ReplyLost),
    (answer(404, {"detail": "Not Found"}), ReplyLost),
    (answer(408, b""), ReplyLost),
    (answer(307, b"", Location="https://elsewhere.test/place-call"), ReplyLost),
    (answer(201, {"id": "c1"}), ReplyLost),
    (answer(204, b""), ReplyLost),
    (answer(200, b"garbage"), ReplyLost),
    (answer(200, b""), ReplyLost),
    (answer(200, {"status": "initiated"}), ReplyLost),
    (answer(200, {"id": ""}), ReplyLost),
    (answer(200, [{"id": "c1"}]), ReplyLost),
    (httpx.ConnectError("refused"), NotSent),
    (httpx.ConnectTimeout("slow"), NotSent),
    (httpx.PoolTimeout("busy"), NotSent),
    (httpx.ReadTimeout("hang"), ReplyLost),
    (httpx.WriteTimeout("hang"), ReplyLost),
    (httpx.ReadError("reset"), ReplyLost),
    (httpx.WriteError("reset"), ReplyLost),
    (httpx.CloseError("odd"), ReplyLost),
    (httpx.RemoteProtocolError("half"), ReplyLost),
    (httpx.LocalProtocolError("odd"), ReplyLost),
    (httpx.UnsupportedProtocol("odd"), ReplyLost),
    (httpx.ProxyError("odd"), ReplyLost),
    (RuntimeError("unforeseen"), ReplyLost),
    (OSError("unforeseen"), ReplyLost),
]


@pytest.mark.parametrize(("told", "expected"), PLACE_REFUSALS)
async def test_each_answer_to_a_place_call_is_one_error_after_one_request(told, expected):
    """Only proof of «not sent» and definite refusals are anything else than lost."""
    server = Server(told)
    with pytest.raises(expected) as caught:
        await server.client.place_call(REQUEST)
    assert type(caught.value) is expected
    assert len(server.requests) == 1
    message = str(caught.value)
    assert message.count("\n") == 0
    assert len(message) < 600
    for secret in (KEY, "4155550100", "4155550132"):
        assert secret not in message


async def test_a_429_carries_the_hold_and_the_limits():
    """The dialer stores the hold for every shift, and learns what the server counted."""
    server = Server(
        answer(
            429,
            {"detail": "used up", "rate_limit": LIMITS},
            Retry_After="30",
            X_RateLimit_Reset=str(int(NOW.timestamp()) + 90),
        )
    )
    with pytest.raises(RateLimited, match="10:01:30 UTC") as caught:
        await server.client.place_call(REQUEST)
    assert caught.value.hold_until == NOW + timedelta(seconds=90)
    assert caught.value.limit is not None
    assert caught.value.limit.calls_used == 100


async def test_an_error_of_httpx_stays_as_the_cause():
    """Whoever debugs sees what really went wrong."""
    broken = httpx.ReadError("reset")
    with pytest.raises(ReplyLost) as caught:
        await Server(broken).client.place_call(REQUEST)
    assert caught.value.__cause__ is broken


async def test_knows_how_far_the_clocks_are_apart():
    """The dialer refuses to dial beyond a minute of skew, so every answer's Date counts."""
    server = Server(answer(200, [], Date="Fri, 20 Nov 2026 10:01:30 GMT"), answer(200, []))
    assert server.client.skew is None
    await server.client.own_numbers()
    assert server.client.skew == timedelta(seconds=90)
    await server.client.own_numbers()
    assert server.client.skew == timedelta(seconds=90)


async def test_reads_a_page_of_calls_and_one_call_and_the_numbers():
    """Each read goes to the page's own path and knows the number that it asked for."""
    number = {"id": "n1", "number": "+14155550100", "status": "active"}
    server = Server(answer(200, [{"id": "c1"}]), answer(200, {"id": "c2"}), answer(200, [number]))
    (listed,) = await server.client.list_calls("n1", limit=200, offset=180)
    one = await server.client.get_call("n1", "c2")
    (own,) = await server.client.own_numbers()
    assert [(call.id, call.phone_number_id) for call in (listed, one)] == [
        ("c1", "n1"),
        ("c2", "n1"),
    ]
    assert own.is_active
    assert [request.url.raw_path for request in server.requests] == [
        b"/api/v1/phone/numbers/n1/calls?limit=200&offset=180",
        b"/api/v1/phone/numbers/n1/calls/c2",
        b"/api/v1/phone/numbers",
    ]


@pytest.mark.parametrize(
    ("told", "expected", "requests"),
    [
        (answer(401, {"detail": f"Invalid API key {KEY}"}), KeyRefused, 1),
        (answer(403, {"detail": "of another organisation"}), FromNumberRefused, 1),
        (answer(404, {"detail": "Call not found"}), CallNotFound, 1),
        (answer(422, INVALID), RequestRefused, 1),
        (answer(429, b"", Retry_After="3600"), RateLimited, 1),
        (answer(429, b"", Retry_After="2"), RateLimited, 4),
        (answer(302, b"", Location="https://elsewhere.test/"), TelephonyUnavailable, 1),
        (answer(200, b"<html>"), TelephonyUnavailable, 1),
        (answer(200, [{"status": "ringing"}]), TelephonyUnavailable, 1),
        (answer(500, b""), TelephonyUnavailable, 4),
        (answer(503, {"detail": "maintenance"}), TelephonyUnavailable, 4),
        (httpx.ConnectError("refused"), TelephonyUnavailable, 4),
        (httpx.ReadTimeout("hang"), TelephonyUnavailable, 4),
        (httpx.RemoteProtocolError("half"), TelephonyUnavailable, 4),
    ],
)
async def test_each_failing_read_is_one_error_after_its_tries(told, expected, requests):
    """Reads are repeated while it may help, never when the answer is a definite no."""
    server = Server(told)
    with pytest.raises(expected) as caught:
        await server.client.list_calls("n1", limit=50, offset=0)
    assert len(server.requests) == requests
    assert KEY not in str(caught.value)


async def test_a_read_goes_on_after_trouble_that_passes():
    """A restart of the server or a short hold is nothing that a person hears of."""
    server = Server(
        httpx.ConnectError("refused"), answer(503, b""), answer(429, b"", Retry_After="7"),
        answer(200, []),
    )  # fmt: skip
    assert await server.client.own_numbers() == []
    waited = server.clock.now() - NOW
    assert timedelta(seconds=7) <= waited < timedelta(seconds=24)
