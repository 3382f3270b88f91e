"""Place-call as the API page describes it, driven by plain httpx."""

import asyncio
import random
from uuid import UUID

import pytest

from inkbatch.sandbox import Organisation, PhoneNumber, Population, Script

CALLEE = "+442079460123"


async def test_a_placed_call_is_told_with_every_field_of_the_call_object(line):
    """The 200 carries the whole call object of the page, and what newer servers add to it."""
    url = "wss://agent.example/talk?inkbatch_attempt=7"
    answer = await line.place(CALLEE, client_websocket_url=url)
    call = answer.json()
    assert answer.status_code == 200
    assert call.pop("id")
    assert call.pop("rate_limit")
    assert call == {
        "local_phone_number": "+14155550100",
        "remote_phone_number": CALLEE,
        "direction": "outbound",
        "status": "initiated",
        "client_websocket_url": url,
        "use_inkbox_tts": None,
        "use_inkbox_stt": None,
        "hangup_reason": None,
        "started_at": None,
        "ended_at": None,
        "created_at": "2026-03-02T18:00:00Z",
        "updated_at": "2026-03-02T18:00:00Z",
        "is_blocked": False,
        "origin": "dedicated_number",
        "mode": "client_websocket",
        "reason": None,
        "hosted_agent_authority_mode": "contact_scoped",
        "voicemail_detection": "enabled",
        "on_voicemail": "hang_up",
        "post_call_action_items": [],
        "forwardings": [],
        "connections": [],
    }


async def test_the_answer_carries_the_usage_that_includes_the_call(line):
    """The rate_limit snapshot counts the call it rides on."""
    await line.place()
    answer = await line.place()
    assert answer.json()["rate_limit"] == {
        "calls_used": 2,
        "calls_remaining": 98,
        "calls_limit": 100,
        "minutes_used": 0,
        "minutes_remaining": 100,
        "minutes_limit": 100,
    }


async def test_the_date_header_comes_from_the_clock_of_the_sandbox(line):
    """A client that checks for clock skew sees the virtual time."""
    answer = await line.place()
    assert answer.headers.get_list("Date") == ["Mon, 02 Mar 2026 18:00:00 GMT"]


async def test_unknown_fields_of_the_request_are_ignored(line):
    """A newer client's fields do not break place-call."""
    answer = await line.place(idempotency_key="x")
    assert answer.status_code == 200


async def test_the_same_request_twice_is_two_calls(line):
    """Nothing of a request makes it known again: repeating it rings a second time."""
    url = "wss://agent.example/talk?inkbatch_attempt=7"
    answers = [await line.place(CALLEE, client_websocket_url=url) for _ in range(2)]
    assert len({answer.json()["id"] for answer in answers}) == 2
    assert len(line.sandbox.ledger()) == 2


async def test_a_query_of_ones_own_in_the_url_survives_the_round_trip(line):
    """client_websocket_url comes back exactly as it was sent, wherever the call is told."""
    url = "wss://agent.example:8443/talk?tenant=a%20b&x=%C3%A9&inkbatch_attempt=0190f3"
    placed = (await line.place(CALLEE, client_websocket_url=url)).json()
    listed = (await line.a.get("/calls")).json()[0]
    one = (await line.a.get(f"/calls/{placed['id']}")).json()
    assert {call["client_websocket_url"] for call in (placed, listed, one)} == {url}


async def test_a_call_without_a_url_falls_back_to_that_of_its_number(open_line):
    """client_websocket_url falls back to the phone number's own."""
    url = "wss://agent.example/stored"
    number = PhoneNumber(number="+14155550100", client_websocket_url=url)
    organisation = Organisation(name="A", api_key="sandbox", phone_numbers=(number,))
    line = await open_line(organisations=(organisation,))
    fallen_back = await line.place()
    chosen = await line.place(client_websocket_url="wss://agent.example/own")
    assert fallen_back.json()["client_websocket_url"] == url
    assert chosen.json()["client_websocket_url"] == "wss://agent.example/own"


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "wrong"}, {"X-API-Key": ""}])
async def test_a_missing_or_wrong_key_is_a_401(line, headers):
    """Nobody without an account learns or does anything."""
    line.a.headers.pop("X-API-Key")
    for path in ("/numbers", "/numbers/00000000-0000-0000-0000-000000000000/calls"):
        answer = await line.a.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json() == {"detail": "Missing or invalid API key"}
    placed = await line.a.post("/place-call", json={}, headers=headers)
    assert placed.status_code == 401


@pytest.mark.parametrize(
    ("from_number", "status", "detail"),
    [
        ("+14155550102", 400, "from_number is not active"),
        ("+12125550100", 403, "from_number does not belong to your organization"),
        ("+12125550199", 403, "from_number does not belong to your organization"),
    ],
)
async def test_a_from_number_that_may_not_call_is_refused(line, from_number, status, detail):
    """Inactive numbers are a 400, numbers of others or of nobody a 403."""
    answer = await line.place(from_number=from_number)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})
    assert line.sandbox.ledger() == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"to_number": "4155550123"},
        {"to_number": "+0155550123"},
        {"to_number": "+1415555012345678"},
        {"to_number": "+1 415 555 0123"},
        {"to_number": None},
        {"from_number": "100"},
        {"client_websocket_url": "https://agent.example"},
        {"client_websocket_url": "wss://"},
        {"webhook_url": "ftp://agent.example"},
        {"mode": "hosted_agent"},  # the sandbox has no voice agent of its own
        {"origination": "shared_imessage_number"},
    ],
)
async def test_a_body_that_is_not_valid_is_a_422_that_names_the_field(line, fields):
    """Validation errors are FastAPI's list under detail."""
    body = {"from_number": "+14155550100", "to_number": CALLEE, **fields}
    answer = await line.a.post("/place-call", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", *fields]
    assert line.sandbox.ledger() == ()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"from_number": NaN}', 422),
        (b'{"from_number": 1e999}', 422),
        (b'{"from_number": "\\ud800", "to_number": "+442079460123"}', 422),
        (b'"\\ud800"', 422),
        (b"null", 422),
        (b"{", 422),
        (b"\xff\xfe", 422),
        (b"[" * 100_000, 400),
    ],
)
async def test_a_body_that_no_client_would_send_is_still_refused_politely(line, body, status):
    """What Python's parser takes but JSON cannot carry is a 422, never a 500."""
    answer = await line.a.post(
        "/place-call", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert line.sandbox.ledger() == ()


async def test_a_body_without_end_is_cut_off(line):
    """A mebibyte is read, and no more; the sandbox goes on."""
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 65_536
            yield b" " * 65_536

    answer = await line.a.post(
        "/place-call", content=endless(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413
    assert 2**20 < read <= 2**20 + 2 * 65_536
    assert (await line.place()).status_code == 200


async def test_ws_urls_are_taken_for_agents_on_the_same_machine(line):
    """ws:// is accepted beside wss://."""
    answer = await line.place(client_websocket_url="ws://127.0.0.1:9000/talk")
    assert answer.status_code == 200


async def test_a_blocked_recipient_is_a_403_with_a_code_and_is_not_dialed(open_line):
    """A contact rule refuses the destination before there is a call."""
    line = await open_line(population=Population(script=Script(blocked=frozenset({CALLEE}))))
    answer = await line.place(CALLEE)
    assert answer.status_code == 403
    detail = answer.json()["detail"]
    assert detail["error"] == "recipient_blocked"
    assert detail["address"] == CALLEE
    assert detail["reason"] == "The destination is blocked by a contact rule"
    assert UUID(detail["matched_rule_id"])
    assert line.sandbox.ledger() == ()


async def test_half_of_the_failed_dials_keep_a_failed_call(open_line):
    """A 502 says nothing about whether a record exists."""
    line = await open_line(population=Population(dial_failure_rate=1), calls_limit=None)
    answers = [await line.place(f"+44207946{n:04d}") for n in range(100)]
    assert {answer.status_code for answer in answers} == {502}
    assert {answer.text for answer in answers} == {'{"detail":"Telnyx dial failed"}'}
    kept = line.sandbox.ledger()
    assert 30 < len(kept) < 70
    assert {(call.status, call.hangup_reason, call.started_at) for call in kept} == {
        ("failed", None, None)
    }


@pytest.mark.parametrize(("outcome", "kept"), [("dial_failed", 0), ("dial_failed_kept", 1)])
async def test_a_scripted_dial_failure_keeps_a_record_or_not(open_line, outcome, kept):
    """A test can choose which kind of 502 it meets; a kept record uses up a call."""
    line = await open_line(population=Population(script=Script.of({CALLEE: [outcome, "answer"]})))
    failed = await line.place(CALLEE)
    answered = await line.place(CALLEE)
    assert failed.status_code == 502
    assert answered.json()["rate_limit"]["calls_used"] == 1 + kept
    assert len(line.sandbox.ledger()) == 1 + kept


async def test_the_same_seed_gives_the_same_calls_in_any_order(open_line, clock):
    """What becomes of a call does not depend on who else is called, or when."""
    population = Population(seed=5, dial_failure_rate=0.1)
    callees = [f"+1415555{n:04d}" for n in range(100, 200)] * 2

    async def dial_shuffled(order_seed):
        line = await open_line(population=population, calls_limit=None, minutes_limit=None)
        order = random.Random(order_seed).sample(callees, len(callees))
        await asyncio.gather(*(line.place(callee) for callee in order))
        return line.sandbox

    sandboxes = [await dial_shuffled(seed) for seed in (1, 2)]
    clock.advance(hours=1)
    one, other = [{call.call_id: call for call in box.ledger()} for box in sandboxes]
    assert one == other
    assert list(one) != list(other)


async def test_the_ledger_and_the_counts_of_answers_tell_what_happened(open_line, clock):
    """A person and a test see the same ledger, by JSON and in Python."""
    line = await open_line(
        population=Population(script=Script.of({CALLEE: ["answer"]})), calls_limit=1
    )
    await line.place(CALLEE, webhook_url="https://hooks.example/x")
    await line.place(CALLEE)
    clock.advance(hours=1)
    told = (await line.a.get("http://sandbox.test/sandbox/ledger")).json()
    (call,) = line.sandbox.ledger()
    assert told["answers_by_status"] == {"200": 1, "429": 1}
    assert line.sandbox.answers_by_status() == {200: 1, 429: 1}
    assert told["calls"][0]["call_id"] == str(call.call_id)
    assert told["calls"][0]["talk_seconds"] == call.talk.total_seconds() > 0
    assert told["calls"][0]["webhook_url"] == "https://hooks.example/x"
