"""The official client of Inkbox, as it stands on PyPI, against `inkbatch sandbox`.

It was written by other people from the real server: what it reads without complaint is Inkbox's
form. Nothing of inkbatch is imported here.
"""

import json
import queue
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import NoneType, UnionType
from typing import Literal, Union, get_args, get_origin, get_type_hints, is_typeddict
from uuid import UUID, uuid4

import httpx
import pytest
from inkbox import Inkbox, verify_webhook
from inkbox.exceptions import InkboxAPIError, RecipientBlockedError
from inkbox.phone.types import (
    CallMode,
    CallOrigin,
    OnVoicemail,
    PhoneCallWithRateLimit,
    PhoneTranscript,
    RateLimitInfo,
)
from inkbox.webhooks import CallEndedWebhookPayload
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from tests.served_sandbox import served_sandbox

OWN, SECOND, INACTIVE = "+14155550100", "+14155550101", "+14155550102"
FOREIGN, LIMITED = "+12125550100", "+13125550100"
TALKER, ENDLESS, BLOCKED = "+442079460123", "+442079460124", "+442079460199"
NOBODY, UNDIALED = "+442079460125", "+442079460126"
KEY, SIGNING_KEY = "clinic-key", "whsec_clinic"
SECONDS_MAX = 60

ORGANISATIONS = f"""
[[organisation]]
name = "clinic"
api_key = "{KEY}"
signing_key = "{SIGNING_KEY}"
number = [
    {{number = "{OWN}"}}, {{number = "{SECOND}"}}, {{number = "{INACTIVE}", status = "inactive"}}
]
[[organisation]]
name = "other"
api_key = "other-key"
number = [{{number = "{FOREIGN}"}}]
[[organisation]]
name = "limited"
api_key = "limited-key"
calls_limit = 1
number = [{{number = "{LIMITED}"}}]
"""
CALLEES = f"""
blocked = ["{BLOCKED}"]
[callees]
"{TALKER}" = [{{outcome = "answer", ring_seconds = 0, dialogue = "willing"}}]
"{ENDLESS}" = [{{outcome = "talk_on", ring_seconds = 0}}]
"{NOBODY}" = ["no_answer"]
"{UNDIALED}" = ["dial_failed"]
[[dialogues.willing]]
say = "Hello?"
[[dialogues.willing]]
hears = "appointment"
say = "Yes, I shall come."
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """Serve a sandbox with three customers and callees that are known."""
    folder = tmp_path_factory.mktemp("sandbox")
    (folder / "organisations.toml").write_text(ORGANISATIONS)
    (folder / "callees.toml").write_text(CALLEES)
    files = [
        "--organisations",
        str(folder / "organisations.toml"),
        "--script",
        str(folder / "callees.toml"),
    ]
    with served_sandbox(*files, "--durations", "0.02", "--calls-limit", "0") as served:
        yield served


@pytest.fixture
def client_of(url, monkeypatch):
    """Open the official client with a key; nothing of the user's own settings reaches it."""
    monkeypatch.delenv("INKBOX_VAULT_KEY", raising=False)
    opened = []

    def open_(key):
        opened.append(Inkbox(api_key=key, base_url=url))
        return opened[-1]

    yield open_
    for client in opened:
        client.close()


@pytest.fixture
def inkbox(client_of):
    return client_of(KEY)


@pytest.fixture
def agent():
    """An agent that asks, and hangs up after an answer; keeps the headers of handshakes."""
    handshakes = []

    def talk(socket):
        handshakes.append(dict(socket.request.headers.raw_items()))
        try:
            for raw in socket:
                message = json.loads(raw)
                if message["event"] == "transcript" and message["is_final"]:
                    answer(socket, message["text"])
        except ConnectionClosed:
            pass

    def answer(socket, heard):
        if heard == "Hello?":
            socket.send(json.dumps({"event": "text", "delta": "Will you keep your appointment?"}))
            socket.send(json.dumps({"event": "text", "done": True}))
        else:
            socket.send(json.dumps({"event": "stop"}))

    def choose_pipelines(_socket, _request, response):
        response.headers["X-Use-Inkbox-Text-To-Speech"] = "true"
        response.headers["X-Use-Inkbox-Speech-To-Text"] = "true"

    with in_thread(serve(talk, "127.0.0.1", 0, process_response=choose_pipelines)) as server:
        port = server.socket.getsockname()[1]
        yield f"ws://127.0.0.1:{port}/talk?inkbatch_attempt=7", handshakes


@pytest.fixture
def webhooks():
    """A receiver that keeps bodies and headers of what comes."""
    received = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put((body, dict(self.headers)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Keep quiet."""

    with in_thread(ThreadingHTTPServer(("127.0.0.1", 0), Receiver)) as server:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", received


@contextmanager
def in_thread(server):
    """Let a server serve beside the test."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()


def number_of(inkbox, number):
    """Return the phone number as the client lists it."""
    return next(each for each in inkbox.phone_numbers.list() if each.number == number)


def look_until(inkbox, call_id, *statuses):
    """Ask for a call until it has one of these statuses."""
    deadline = datetime.now(UTC) + timedelta(seconds=SECONDS_MAX)
    while (call := inkbox.calls.get(call_id)).status not in statuses:
        assert datetime.now(UTC) < deadline, call
    return call


def refusal(ask, *arguments, **settings):
    """Return the error with which the client answers."""
    with pytest.raises(InkboxAPIError) as refused:
        ask(*arguments, **settings)
    return refused.value


def test_numbers_are_listed_and_found(inkbox):
    """Each with its status, its line ready for use."""
    listed = inkbox.phone_numbers.list()
    assert [(each.number, each.status, each.type) for each in listed] == [
        (OWN, "active", "local"),
        (SECOND, "active", "local"),
        (INACTIVE, "inactive", "local"),
    ]
    assert inkbox.phone_numbers.get(listed[0].id) == listed[0]


@pytest.mark.parametrize(
    "settings",
    [
        {"client_websocket_url": "wss://agent.example/ws"},
        {"client_websocket_url": None},
        {"incoming_call_action": "webhook", "incoming_call_webhook_url": "https://hooks.example/"},
        {"incoming_call_action": "auto_accept", "incoming_call_webhook_url": None},
        {
            "incoming_call_action": "forward",
            "forwarding_target_type": "phone",
            "forwarding_phone_number": "+14155550109",
        },
        {"forwarding_target_type": "sip", "forwarding_sip_uri": "sip:desk@pbx.example"},
        {
            "incoming_call_action": "auto_reject",
            "forwarding_target_type": None,
            "forwarding_phone_number": None,
            "forwarding_sip_uri": None,
        },
        {"incoming_call_action": "hosted_agent"},
        {"filter_mode": "whitelist"},
        {"filter_mode": "blacklist"},
    ],
)
def test_every_setting_of_a_number_can_be_set_and_cleared(inkbox, settings):
    """What is left out stays; the answer and the next look tell the same."""
    number = number_of(inkbox, SECOND)
    updated = inkbox.phone_numbers.update(number.id, **settings)
    assert {name: getattr(updated, name) for name in settings} == settings
    assert inkbox.phone_numbers.get(number.id) == updated
    assert updated.created_at == number.created_at
    assert updated.updated_at > number.created_at


def test_a_call_is_placed_with_the_usage_that_counts_it(inkbox):
    """Every field that the client knows of a call, as of one that nobody has answered yet."""
    call = inkbox.calls.place(
        from_number=OWN, to_number=NOBODY, client_websocket_url="wss://agent.example/ws?a=1"
    )
    assert isinstance(call, PhoneCallWithRateLimit)
    assert isinstance(call.rate_limit, RateLimitInfo)
    assert call.rate_limit.calls_used >= 1
    assert (call.local_phone_number, call.remote_phone_number) == (OWN, NOBODY)
    assert (call.direction, call.status, call.hangup_reason) == ("outbound", "initiated", None)
    assert call.client_websocket_url == "wss://agent.example/ws?a=1"
    assert (call.use_inkbox_tts, call.use_inkbox_stt) == (None, None)
    assert (call.started_at, call.ended_at) == (None, None)
    assert abs(datetime.now(UTC) - call.created_at) < timedelta(seconds=SECONDS_MAX)
    assert (call.origin, call.mode) == (CallOrigin.DEDICATED_NUMBER, CallMode.CLIENT_WEBSOCKET)
    assert (call.reason, call.is_blocked) == (None, False)
    assert call.on_voicemail is OnVoicemail.HANG_UP
    assert (call.post_call_action_items, call.forwardings, call.connections) == ([], [], [])


def test_calls_are_listed_newest_first_by_page_and_by_span(inkbox):
    """All filters of the client: limit, offset, is_blocked, moments, dates and zones."""
    first, second = (inkbox.calls.place(from_number=SECOND, to_number=NOBODY) for _ in range(2))
    newest = inkbox.calls.list(limit=2)
    assert [call.id for call in newest] == [second.id, first.id]
    assert [call.id for call in inkbox.calls.list(limit=1, offset=1)] == [first.id]
    assert [call.id for call in inkbox.calls.list(limit=1, is_blocked=False)] == [second.id]
    assert inkbox.calls.list(is_blocked=True) == []
    exact = first.created_at.isoformat()
    assert [call.id for call in inkbox.calls.list(limit=1, end_datetime=exact)] == [first.id]
    assert inkbox.calls.list(start_datetime=exact)[-1].id == first.id
    day = first.created_at.astimezone(UTC).date()
    of_the_day = inkbox.calls.list(start_datetime=f"{day}", end_datetime=f"{day}", limit=200)
    assert first.id in {call.id for call in of_the_day}
    assert inkbox.calls.list(start_datetime=f"{day + timedelta(days=3)}", tz="Asia/Tokyo") == []


def test_a_call_is_followed_to_its_answer_and_hung_up_once(inkbox):
    """The end is local; hanging up what is over is the 409 that the client documents."""
    placed = inkbox.calls.place(from_number=OWN, to_number=ENDLESS)
    answered = look_until(inkbox, placed.id, "answered")
    assert answered.started_at >= placed.created_at
    ended = inkbox.calls.hangup(placed.id)
    assert (ended.status, ended.hangup_reason) == ("completed", "local")
    assert ended.ended_at >= ended.started_at
    error = refusal(inkbox.calls.hangup, placed.id)
    assert (error.status_code, error.detail) == (409, "Call has already ended")
    assert inkbox.calls.get(placed.id) == ended


def test_a_call_is_canceled_before_an_answer(inkbox):
    placed = inkbox.calls.place(from_number=OWN, to_number=NOBODY)
    canceled = inkbox.calls.hangup(placed.id)
    assert (canceled.status, canceled.started_at) == ("canceled", None)


def test_a_blocked_recipient_is_the_clients_own_error(inkbox):
    """With the address, the rule and why."""
    error = refusal(inkbox.calls.place, from_number=OWN, to_number=BLOCKED)
    assert isinstance(error, RecipientBlockedError)
    assert error.address == BLOCKED
    assert isinstance(error.matched_rule_id, UUID)
    assert error.reason == "The destination is blocked by a contact rule"


def test_a_limit_tells_the_client_how_long_to_wait(client_of):
    """The second call of a customer who has one is a 429 for the rest of 24 hours."""
    inkbox = client_of("limited-key")
    usage = inkbox.calls.place(from_number=LIMITED, to_number=NOBODY).rate_limit
    assert (usage.calls_used, usage.calls_remaining, usage.calls_limit) == (1, 0, 1)
    error = refusal(inkbox.calls.place, from_number=LIMITED, to_number=NOBODY)
    assert error.status_code == 429
    assert 24 * 3600 - SECONDS_MAX < error.retry_after_seconds <= 24 * 3600


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"from_number": INACTIVE, "to_number": NOBODY}, 400),
        ({"from_number": FOREIGN, "to_number": NOBODY}, 403),
        ({"from_number": OWN, "to_number": "555-0100"}, 422),
        ({"to_number": NOBODY}, 422),
        ({"from_number": OWN, "to_number": UNDIALED}, 502),
        ({"from_number": OWN, "to_number": NOBODY, "mode": "hosted_agent", "reason": "x"}, 422),
        ({"from_number": OWN, "to_number": NOBODY, "origination": "shared_imessage_number"}, 422),
    ],
)
def test_a_refused_call_is_an_error_with_its_status(inkbox, body, status):
    """Also for what newer servers can and the sandbox cannot: nothing else is dialed instead."""
    before = inkbox.calls.list(limit=1)
    assert refusal(inkbox.calls.place, **body).status_code == status
    assert inkbox.calls.list(limit=1) == before


def test_nothing_of_others_or_of_nobody_is_told(inkbox, client_of):
    """401 without a key that exists, 403 for what is another's, 404 for what is not there."""
    placed = inkbox.calls.place(from_number=OWN, to_number=NOBODY)
    number = number_of(inkbox, OWN)
    other, stranger = client_of("other-key"), client_of("no-such-key")
    assert refusal(stranger.phone_numbers.list).status_code == 401
    for ask in (other.calls.get, other.calls.hangup, other.calls.transcripts):
        assert refusal(ask, placed.id).status_code == 403
    for ask in (inkbox.calls.get, inkbox.calls.hangup, inkbox.calls.transcripts):
        assert refusal(ask, uuid4()).status_code == 404
    assert refusal(other.phone_numbers.get, number.id).status_code == 403
    assert refusal(inkbox.phone_numbers.get, uuid4()).status_code == 404
    assert refusal(other.phone_numbers.search_transcripts, number.id, q="a").status_code == 403


def test_what_was_said_is_read_and_searched(inkbox, agent):
    """The agent's own words and the callee's, in their order, once the call is over."""
    agent_url, _ = agent
    placed = inkbox.calls.place(from_number=OWN, to_number=TALKER, client_websocket_url=agent_url)
    ended = look_until(inkbox, placed.id, "completed")
    assert (ended.use_inkbox_tts, ended.use_inkbox_stt) == (True, True)
    told = inkbox.calls.transcripts(placed.id)
    assert [(segment.seq, segment.party, segment.text) for segment in told] == [
        (0, "remote", "Hello?"),
        (1, "local", "Will you keep your appointment?"),
        (2, "remote", "Yes, I shall come."),
    ]
    assert all(isinstance(segment, PhoneTranscript) for segment in told)
    assert {segment.call_id for segment in told} == {placed.id}
    assert [segment.phone_number for segment in told] == [TALKER, OWN, TALKER]
    assert [segment.ts_ms for segment in told] == sorted(segment.ts_ms for segment in told)
    assert ended.started_at <= told[0].created_at <= told[2].created_at <= ended.ended_at
    number = number_of(inkbox, OWN)
    search = inkbox.phone_numbers.search_transcripts
    assert search(number.id, q="appointment keep", limit=1) == [told[1]]
    assert search(number.id, q="shall come", party="remote", limit=1) == [told[2]]
    assert search(number.id, q="shall come", party="local") == []
    assert inkbox.calls.tool_invocations(placed.id).items == []


def test_a_call_that_nobody_answered_has_no_transcripts(inkbox):
    placed = inkbox.calls.place(from_number=OWN, to_number=NOBODY)
    look_until(inkbox, placed.id, "canceled", "failed", "completed")
    assert inkbox.calls.transcripts(placed.id) == []


def test_the_client_accepts_the_signature_of_a_handshake(inkbox, agent):
    """Signed is the raw X-Call-Context; another key or another byte does not pass."""
    agent_url, handshakes = agent
    placed = inkbox.calls.place(from_number=OWN, to_number=TALKER, client_websocket_url=agent_url)
    look_until(inkbox, placed.id, "completed")
    headers = handshakes[0]
    context = next(value for name, value in headers.items() if name.lower() == "x-call-context")
    assert verify_webhook(payload=context.encode(), headers=headers, secret=SIGNING_KEY)
    assert not verify_webhook(payload=context.encode(), headers=headers, secret="whsec_other")
    assert not verify_webhook(payload=context.encode() + b" ", headers=headers, secret=SIGNING_KEY)
    told = json.loads(context)
    assert UUID(told["call_id"]) == placed.id
    assert (told["phone_number"], told["direction"]) == (OWN, "outbound")


def test_the_client_accepts_webhooks_and_finds_all_it_expects(url, inkbox, agent, webhooks):
    """Each is signed, and the end has every key of the client's own payload type."""
    (agent_url, _), (hook, received) = agent, webhooks
    body = {
        "from_number": OWN,
        "to_number": TALKER,
        "client_websocket_url": agent_url,
        "webhook_url": hook,
    }
    # The client's own place() knows no webhook_url: the page's place-call does.
    httpx.post(f"{url}/api/v1/phone/place-call", headers={"X-API-Key": KEY}, json=body)
    while True:
        body, headers = received.get(timeout=SECONDS_MAX)
        assert verify_webhook(payload=body, headers=headers, secret=SIGNING_KEY)
        assert not verify_webhook(payload=body + b" ", headers=headers, secret=SIGNING_KEY)
        payload = json.loads(body)
        if payload["event_type"] == "call.ended":
            break
    assert list(misfits(payload, CallEndedWebhookPayload)) == []
    call_id = UUID(payload["data"]["call"]["id"])
    told = inkbox.calls.transcripts(call_id)
    entries = payload["data"]["transcript"]["entries"]
    assert [entry["text"] for entry in entries] == [segment.text for segment in told]
    linked = httpx.get(payload["data"]["transcript_url"], headers={"X-API-Key": KEY}).json()
    assert [UUID(segment["id"]) for segment in linked] == [segment.id for segment in told]


def misfits(value, form, where="payload"):
    """Name what of a value a type of the client does not have, or has and does not find."""
    if is_typeddict(form):
        hints = get_type_hints(form)
        # The optional ones are among these: their marks are strings in the client's modules.
        yield from (f"{where}.{key} is missing" for key in form.__required_keys__ - set(value))
        for key in set(value) & set(hints):
            yield from misfits(value[key], hints[key], f"{where}.{key}")
    elif get_origin(form) in {Union, UnionType}:
        if not any(not list(misfits(value, option, where)) for option in get_args(form)):
            yield f"{where} is {value!r}"
    elif get_origin(form) is Literal:
        if value not in get_args(form):
            yield f"{where} is {value!r}"
    elif get_origin(form) is list:
        for place, item in enumerate(value):
            yield from misfits(item, get_args(form)[0], f"{where}[{place}]")
    elif not isinstance(value, form or NoneType):
        yield f"{where} is {value!r}"


def test_misfits_are_found():
    """Else the test above could not fail."""
    assert set(misfits({"id": 7, "event_type": "call.over"}, CallEndedWebhookPayload)) == {
        "payload.id is 7",
        "payload.event_type is 'call.over'",
        "payload.timestamp is missing",
        "payload.data is missing",
    }
