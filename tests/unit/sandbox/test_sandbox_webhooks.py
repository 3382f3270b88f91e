"""Webhooks under a virtual clock, to a receiver in the same process."""

import asyncio
import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from inkbatch.sandbox import (
    ORGANISATION_A,
    Behaviour,
    Outcome,
    Population,
    Sandbox,
    SandboxOptions,
    Script,
    WebhookOptions,
    read_orders,
)

HOOK = "http://127.0.0.1:8080/hook"
OTHER = "http://localhost:8080/other"
CALLEE = "+442079460123"
TALKERS = Population(
    dial=timedelta(seconds=1),
    script=Script(
        callees={
            CALLEE: (
                Behaviour(
                    outcome=Outcome.ANSWER, ring=timedelta(seconds=4), talk=timedelta(seconds=60)
                ),
            ),
            "+442079460124": (Behaviour(outcome=Outcome.NO_ANSWER, ring=timedelta(seconds=40)),),
        }
    ),
)
WHOLE_LIFE = ["call.initiated", "call.ringing", "call.answered", "call.ended"]


class Receiver(httpx.AsyncBaseTransport):
    """Stands where webhooks go; answers by the status that stands next in `answers`, else 200."""

    def __init__(self):
        self.requests = []
        self.answers = []

    async def handle_async_request(self, request):
        """Take one webhook."""
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)

    def events(self, path="/hook"):
        """Return the bodies that one path received, as JSON."""
        return [json.loads(each.content) for each in self.requests if each.url.path == path]

    def types(self, path="/hook"):
        """Return the types of these events."""
        return [event["event_type"] for event in self.events(path)]


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
async def platform(clock, receiver):
    """A sandbox whose webhooks go to the receiver, and a client of it; with faults and options."""

    def open_(*faults, **options):
        sandbox = Sandbox(
            SandboxOptions(
                population=TALKERS, faults=read_orders({"faults": list(faults)}, source="faults")
            ),
            clock=clock,
            webhooks=WebhookOptions(transport=receiver, **options),
        )
        return Platform(sandbox, clock)

    return open_


class Platform:
    """The sandbox with what these tests ask of it."""

    def __init__(self, sandbox, clock):
        self.sandbox = sandbox
        self.clock = clock

    async def place(self, to_number=CALLEE, *, webhook_url=HOOK):
        """Place a call."""
        body = {"from_number": "+14155550100", "to_number": to_number, "webhook_url": webhook_url}
        answer = await self.ask("POST", "/api/v1/phone/place-call", json=body)
        assert answer.status_code == 200
        return answer.json()["id"]

    async def ask(self, method, path, **body):
        """Ask the sandbox whatever there is to ask."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.sandbox.app),
            base_url="http://sandbox.test",
            headers={"X-API-Key": "sandbox"},
        )
        async with client:
            return await client.request(method, path, **body)

    async def pass_seconds(self, seconds):
        """Let time pass second by second, as far as anybody is told of it."""
        for _ in range(seconds):
            self.clock.advance(seconds=1)
            await self.sandbox.catch_up()

    async def told(self):
        """Return what is told of webhooks."""
        return (await self.ask("GET", "/sandbox/webhooks")).json()

    async def fates(self):
        """Return the fates of each call's webhooks, as the ledger has them."""
        ledger = (await self.ask("GET", "/sandbox/ledger")).json()
        return [call["webhooks"] for call in ledger["calls"]]


async def test_each_status_of_a_call_is_one_event_in_its_order(platform, receiver):
    sandbox = platform()
    call_id = await sandbox.place()
    await sandbox.pass_seconds(70)
    assert receiver.types() == WHOLE_LIFE
    assert {event["data"]["call"]["id"] for event in receiver.events()} == {call_id}
    assert await sandbox.told() == {
        "pending": 0,
        "events": {"delivered": 4},
        "by_url": {HOOK: {"delivered": 4}},
    }


async def test_the_event_of_an_end_has_the_whole_envelope(platform, receiver):
    """Every key of the platform's sample, with the moments of the statuses."""
    sandbox = platform()
    call_id = await sandbox.place()
    await sandbox.pass_seconds(70)
    event = receiver.events()[-1]
    assert event.pop("id").startswith("evt_")
    assert event["data"]["call"].pop("hangup_reason") in ("local", "remote")
    assert event == {
        "event_type": "call.ended",
        "timestamp": "2026-03-02T18:01:05Z",
        "data": {
            "call": {
                "id": call_id,
                "origin": "dedicated_number",
                "local_phone_number": "+14155550100",
                "remote_phone_number": CALLEE,
                "direction": "outbound",
                "status": "completed",
                "started_at": "2026-03-02T18:00:05Z",
                "ended_at": "2026-03-02T18:01:05Z",
                "created_at": "2026-03-02T18:00:00Z",
                "updated_at": "2026-03-02T18:01:05Z",
                "duration_seconds": 60,
                "mode": "client_websocket",
                "reason": None,
                "hosted_agent_authority_mode": "contact_scoped",
                "voicemail_detection": "enabled",
                "on_voicemail": "hang_up",
                "forwardings": [],
                "connections": [],
            },
            "contacts": [],
            "agent_identities": [],
            "transcript": None,
            "transcript_url": (f"http://127.0.0.1:8765/api/v1/phone/calls/{call_id}/transcripts"),
            "outcome": None,
            "post_call_action_items": [],
        },
    }


async def test_an_event_tells_the_call_as_it_stood_at_its_status(platform, receiver):
    """Also when several statuses are told late and together, the past is not rewritten."""
    sandbox = platform()
    await sandbox.place()
    sandbox.clock.advance(minutes=5)
    await sandbox.sandbox.catch_up()
    calls = [event["data"]["call"] for event in receiver.events()]
    assert [call["status"] for call in calls] == ["initiated", "ringing", "answered", "completed"]
    assert [call["ended_at"] is None for call in calls] == [True, True, True, False]
    assert [call["duration_seconds"] for call in calls] == [None, None, None, 60]


async def test_every_end_is_call_ended(platform, receiver):
    sandbox = platform()
    await sandbox.place("+442079460124")
    await sandbox.pass_seconds(50)
    assert receiver.types() == ["call.initiated", "call.ringing", "call.ended"]
    ended = receiver.events()[-1]["data"]["call"]
    assert (ended["status"], ended["duration_seconds"]) == ("canceled", 0)


async def test_a_webhook_is_signed_with_the_organisations_key(platform, receiver):
    """HMAC over request id, time of sending and the raw body, computed here once more."""
    sandbox = platform()
    await sandbox.place()
    await sandbox.pass_seconds(1)
    assert len(receiver.requests) == 2
    for request in receiver.requests:
        signed = ".".join(
            request.headers[f"X-Inkbox-{name}"] for name in ("Request-ID", "Timestamp")
        )
        key = ORGANISATION_A.signing_key.removeprefix("whsec_").encode()
        digest = hmac.new(key, signed.encode() + b"." + request.content, hashlib.sha256).hexdigest()
        assert request.headers["X-Inkbox-Signature"] == f"sha256={digest}"
        assert request.headers["Content-Type"] == "application/json"
    first, second = (request.headers["X-Inkbox-Request-ID"] for request in receiver.requests)
    assert first != second


async def test_an_event_that_is_not_taken_comes_again_after_growing_waits(platform, receiver):
    """The same body after 0, 1, 6 and 36 seconds, each time newly signed; then it is taken."""
    sandbox = platform({"fault": "drop_webhook", "after": 1})
    receiver.answers = [500, httpx.ConnectError("refused"), 302]
    await sandbox.place()
    tries = []
    for _ in range(70):
        await sandbox.sandbox.catch_up()
        tries.append(len(receiver.requests))
        sandbox.clock.advance(seconds=1)
    assert [tries.index(nth) for nth in (1, 2, 3, 4)] == [0, 1, 6, 36]
    assert len({request.content for request in receiver.requests}) == 1
    stamps = [int(request.headers["X-Inkbox-Timestamp"]) for request in receiver.requests]
    assert [stamp - stamps[0] for stamp in stamps] == [0, 1, 6, 36]
    assert (await sandbox.told())["events"] == {"tried_again": 3, "delivered": 1, "dropped": 3}


async def test_an_event_that_is_never_taken_is_given_up(platform, receiver):
    """Six tries in all, and the last trouble is told."""
    sandbox = platform({"fault": "drop_webhook", "after": 1})
    receiver.answers = [503] * 6
    await sandbox.place()
    for _ in range(800):
        sandbox.clock.advance(seconds=1)
        await sandbox.sandbox.catch_up()
    assert receiver.types() == ["call.initiated"] * 6
    told = await sandbox.told()
    assert told["events"] == {"tried_again": 5, "given_up": 1, "dropped": 3}
    assert told["by_url"][HOOK]["last_trouble"] == "answered with 503"
    assert await sandbox.fates() == [{"tried_again": 5, "given_up": 1, "dropped": 3}]


async def test_a_url_beyond_this_machine_is_never_contacted(platform, receiver):
    """It is counted as undeliverable, and the ledger tells it."""
    sandbox = platform()
    await sandbox.place(webhook_url="https://agent.example.com/hook")
    await sandbox.pass_seconds(70)
    assert receiver.requests == []
    assert await sandbox.fates() == [{"undeliverable": 4}]
    why = (await sandbox.told())["by_url"]["https://agent.example.com/hook"]["last_trouble"]
    assert "agent.example.com is not this machine" in why


@pytest.mark.parametrize(
    ("url", "is_contacted"),
    [
        ("http://127.0.0.1/hook", True),
        ("http://127.8.9.10/hook", True),
        ("http://localhost/hook", True),
        ("http://[::1]:81/hook", True),
        ("http://192.0.2.7/hook", False),
        ("http://localhost.example.com/hook", False),
        ("http://127.0.0.1@example.com/hook", False),
        ("http://example.com#@127.0.0.1/hook", False),
        ("http://allowed.test/hook", True),
        ("http://not.allowed.test/hook", False),
    ],
)
async def test_only_loopback_and_allowed_hosts_are_contacted(platform, receiver, url, is_contacted):
    """The host is read as the one who opens the connection reads it."""
    sandbox = platform(allowed_hosts=frozenset({"allowed.test"}))
    await sandbox.place(webhook_url=url)
    await sandbox.pass_seconds(1)
    assert [request.url.host for request in receiver.requests][:1] == (
        [urlsplit(url).hostname] if is_contacted else []
    )


async def test_duplicates_have_the_same_event_id(platform, receiver):
    """Twice to the receiver, one event."""
    sandbox = platform({"fault": "duplicate_webhook", "after": 1, "times": 1})
    await sandbox.place()
    await sandbox.pass_seconds(70)
    assert receiver.types() == [*WHOLE_LIFE[:2], *WHOLE_LIFE[1:]]
    ids = [event["id"] for event in receiver.events()]
    assert len(ids) == 5
    assert len(set(ids)) == 4


async def test_a_late_event_is_overtaken(platform, receiver):
    """The answer is told before the ringing."""
    sandbox = platform({"fault": "late_webhook", "seconds": 20, "after": 1, "times": 1})
    await sandbox.place()
    await sandbox.pass_seconds(70)
    assert receiver.types() == ["call.initiated", "call.answered", "call.ringing", "call.ended"]


async def test_a_dropped_event_never_comes(platform, receiver):
    sandbox = platform({"fault": "drop_webhook", "after": 3})
    await sandbox.place()
    await sandbox.pass_seconds(70)
    assert receiver.types() == WHOLE_LIFE[:3]
    assert await sandbox.fates() == [{"delivered": 3, "dropped": 1}]


async def test_the_transcript_rides_on_the_end(platform, receiver):
    """The turns that whoever transcribes knows, and where they are."""
    turns = [{"party": "remote", "text": "Hello?", "ts_ms": 0}]
    sandbox = platform(transcript_of=lambda _: turns, base_url="http://127.0.0.1:81")
    call_id = await sandbox.place()
    await sandbox.pass_seconds(70)
    url = f"http://127.0.0.1:81/api/v1/phone/calls/{call_id}/transcripts"
    told = [event["data"]["transcript"] for event in receiver.events()]
    assert told == [None, None, None, {"entries": turns, "abridged": False, "url": url}]
    assert receiver.events()[-1]["data"]["transcript_url"] == url


async def test_a_long_transcript_is_abridged_in_its_middle(platform, receiver):
    """A marker says how many turns and milliseconds are left out."""
    turns = [{"party": "local", "text": f"{n}", "ts_ms": n * 1_000} for n in range(1_000)]
    sandbox = platform(transcript_of=lambda _: turns)
    await sandbox.place()
    await sandbox.pass_seconds(70)
    told = receiver.events()[-1]["data"]["transcript"]
    gap = {"marker": "abridged", "omitted_turns": 800, "omitted_ms": 800_000}
    assert told["entries"] == [*turns[:100], gap, *turns[900:]]
    assert told["abridged"] is True


async def test_a_receiver_that_asks_back_is_answered(platform, receiver, clock):
    """Fetching the call while its webhook is being taken neither waits nor sends twice."""
    sandbox = platform()
    seen = []

    async def ask_back(request):
        number = (await sandbox.ask("GET", "/api/v1/phone/numbers")).json()[0]
        call_id = json.loads(request.content)["data"]["call"]["id"]
        path = f"/api/v1/phone/numbers/{number['id']}/calls/{call_id}"
        seen.append((await sandbox.ask("GET", path)).json()["status"])
        return await Receiver.handle_async_request(receiver, request)

    receiver.handle_async_request = ask_back
    await sandbox.place()
    clock.advance(minutes=5)
    await sandbox.sandbox.catch_up()
    assert receiver.types() == WHOLE_LIFE
    assert seen[-1] == "completed"


async def test_a_url_that_fails_delays_no_other_one(platform, receiver):
    """While one receiver is down, the events of another come at once."""
    sandbox = platform()

    async def other_only(request):
        answer = await Receiver.handle_async_request(receiver, request)
        return answer if request.url.path == "/other" else httpx.Response(500)

    receiver.handle_async_request = other_only
    await sandbox.place()
    await sandbox.place("+442079460124", webhook_url=OTHER)
    await sandbox.pass_seconds(50)
    assert receiver.types("/other") == ["call.initiated", "call.ringing", "call.ended"]
    assert (await sandbox.told())["by_url"][OTHER] == {"delivered": 3}


async def test_a_receiver_that_never_answers_is_given_up_for_now(platform, receiver):
    """Time-outs are whole: the event comes again later, and the next one is not held up."""
    sandbox = platform(post_seconds=0.05)

    async def hang(request):
        if b"call.initiated" in request.content:
            await asyncio.Event().wait()
        return await Receiver.handle_async_request(receiver, request)

    receiver.handle_async_request = hang
    await sandbox.place()
    await sandbox.pass_seconds(5)
    assert receiver.types() == ["call.ringing", "call.answered"]
    told = await sandbox.told()
    assert told["pending"] == 1
    assert told["by_url"][HOOK]["last_trouble"] == "no answer: TimeoutError"


async def test_events_that_wait_are_bounded(platform, receiver):
    """What does not fit any more is counted, and never sent."""
    sandbox = platform(pending_max=2)
    receiver.answers = [500] * 100
    for digit in range(3):
        await sandbox.place(f"+44207946010{digit}")
    told = await sandbox.told()
    assert told["pending"] == 2
    assert told["events"]["overflowed"] == 1


async def test_an_event_outlives_whoever_asked_while_it_was_sent(platform, receiver):
    """A client that gives up in the middle costs nobody a webhook."""
    sandbox = platform()
    taken, answered = asyncio.Event(), asyncio.Event()

    async def slow(request):
        taken.set()
        await answered.wait()
        return await Receiver.handle_async_request(receiver, request)

    receiver.handle_async_request = slow
    await sandbox.place()
    asking = asyncio.create_task(sandbox.sandbox.catch_up())
    await taken.wait()
    asking.cancel()
    await asyncio.wait([asking])
    answered.set()
    await sandbox.pass_seconds(70)
    assert receiver.types() == WHOLE_LIFE


async def test_a_call_without_webhook_url_sends_nothing(platform, receiver):
    sandbox = platform()
    await sandbox.place(webhook_url=None)
    await sandbox.pass_seconds(70)
    assert receiver.requests == []
    assert await sandbox.fates() == [{}]
