"""`/api/v1/attempts/...`: agents ask whom they talk to and tell what came of it, by token alone."""

import json
import logging
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from inkbatch.adapters.clock import VirtualClock
from inkbatch.domain.attempt import AttemptState
from inkbatch.web import create_app
from inkbatch.web.body import BODY_BYTES_MAX
from tests.conformance.conftest import NOW, Given

TOKEN = "agent-token"
ATTEMPT = "6af5690b-bee6-4d57-95ee-e09c1cf9a26e"
PATH = f"/api/v1/attempts/{ATTEMPT}"
NUMBER = "+14155550102"
TRANSCRIPT = [
    {"party": "local", "text": "Hello, is this Ada?", "ts_ms": 0},
    {"party": "remote", "text": "Speaking.", "ts_ms": 1200},
]
WRONG_TOKENS = (
    None,
    "",
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    f"Basic {TOKEN}",
    TOKEN,
    f"Bearer {TOKEN}x",
    f"Bearer {TOKEN.upper()}",
    "Bearer ü",
)


@pytest.fixture
def given(store):
    return Given(store)


@pytest.fixture
def attempt(given, store):
    """An attempt whose call is in progress; its contact is Ada."""
    campaign = given.campaign()
    given.shift(campaign)
    (contact,) = given.contacts(campaign, 2)
    reserved = given.reserved(contact, ATTEMPT)
    placed = reserved.accept(given.call(), at=NOW, look_at=NOW)
    with store.transaction() as tx:
        assert tx.advance(placed, from_state=AttemptState.RESERVED)
        tx.save_bound_call(given.call(), attempt_id=ATTEMPT)
    return placed


@pytest.fixture
def client_with(store):
    """Speak to the app in this process, with these tokens set and this one carried."""

    def connect(*tokens, carried=TOKEN):
        app = create_app(
            store=store,
            clock=VirtualClock(NOW),
            signing_keys=[],
            agent_tokens=[SecretStr(token) for token in tokens],
        )
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://127.0.0.1",
            headers={"Authorization": f"Bearer {carried}"},
        )

    return connect


@pytest.fixture
async def client(client_with):
    async with client_with(TOKEN) as opened:
        yield opened


def results_of(store, attempt):
    with store.reading() as tx:
        return tx.results_of(attempt.contact_id)


@pytest.mark.usefixtures("attempt")
async def test_an_attempt_tells_whom_it_is_to(client):
    """The agent knows the attempt's id from its URL, and learns the rest here."""
    answer = await client.get(PATH)
    assert answer.status_code == 200
    assert answer.json() == {
        "attempt_id": ATTEMPT,
        "campaign": "reminders",
        "ordinal": 1,
        "state": "placed",
        "contact": {
            "number": NUMBER,
            "zones": ["America/New_York"],
            "fields": {"first_name": "Ada"},
        },
    }


async def test_a_result_is_kept_and_answered_with_what_it_does(client, store, attempt):
    """Everything that was posted comes back from the store."""
    posted = {
        "id": "r1",
        "result": "confirmed",
        "effect": "success",
        "fields": {"slot": {"hour": 10}},
        "transcript": TRANSCRIPT,
        "new_key": True,
    }
    answer = await client.post(f"{PATH}/result", json=posted)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "attempt_id": ATTEMPT,
            "result": "confirmed",
            "effect": "success",
            "effective": True,
            "why": "it acts when the call is over",
            "call_back_at": None,
        },
    )
    (kept,) = results_of(store, attempt)
    assert (kept.id, kept.word, kept.fields) == ("r1", "confirmed", {"slot": {"hour": 10}})
    assert [(each.party, each.text, each.ts_ms) for each in kept.transcript] == [
        (entry["party"], entry["text"], entry["ts_ms"]) for entry in TRANSCRIPT
    ]


async def test_the_same_result_twice_is_kept_once_with_and_without_an_id(client, store, attempt):
    """A repeat after a lost answer changes nothing; without an id the content tells."""
    for id_ in ("r1", None):
        posted = {"id": id_, "result": "confirmed", "effect": "success"}
        answers = [await client.post(f"{PATH}/result", json=posted) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
    reordered = json.dumps({"effect": "success", "result": "confirmed", "id": None}, indent=2)
    assert (await client.post(f"{PATH}/result", content=reordered)).status_code == 200
    assert len(results_of(store, attempt)) == 2


@pytest.mark.usefixtures("attempt")
async def test_five_o_clock_is_the_contact_s_own(client):
    """The answer tells the instant that it was taken for: 17:00 in New York."""
    posted = {"result": "later", "effect": "call_back", "call_back_at": "17:00"}
    answer = await client.post(f"{PATH}/result", json=posted)
    assert answer.json()["call_back_at"] == "2026-03-02T22:00:00+00:00"


@pytest.mark.usefixtures("attempt")
async def test_an_opt_out_is_on_the_suppression_list_when_it_is_answered(client, store):
    """The agent may tell the person so."""
    answer = await client.post(f"{PATH}/result", json={"result": "stop", "effect": "do_not_call"})
    assert answer.json()["why"] == "the number is on the suppression list"
    with store.reading() as tx:
        assert tx.suppression(NUMBER).holds_at(NOW + timedelta(days=4_000))


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", PATH), ("POST", f"{PATH}/result"), ("GET", PATH.replace("6af", "777"))],
)
async def test_without_the_token_nothing_is_told_or_taken(
    client_with, store, attempt, method, path
):
    """Not even whether there is such an attempt."""
    body = {"result": "stop", "effect": "do_not_call"} if method == "POST" else None
    async with client_with(TOKEN) as client:
        del client.headers["Authorization"]
        for header in WRONG_TOKENS:
            headers = {} if header is None else {"Authorization": header.encode()}
            answer = await client.request(method, path, json=body, headers=headers)
            assert answer.status_code == 401, header
            assert NUMBER not in answer.text
    assert results_of(store, attempt) == []


@pytest.mark.usefixtures("attempt")
async def test_each_of_several_tokens_opens(client_with):
    """The old and the new one while they change."""
    for token in ("old", "new"):
        async with client_with("old", "new", carried=token) as client:
            assert (await client.get(PATH)).status_code == 200


@pytest.mark.usefixtures("attempt")
@pytest.mark.parametrize("tokens", [(), ("",)])
async def test_without_a_token_set_nobody_is_let_in(client_with, tokens):
    """Fails closed, with a sentence that says what to set."""
    async with client_with(*tokens, carried="") as client:
        answer = await client.get(PATH)
    assert answer.status_code == 503
    assert "INKBATCH_AGENT_TOKEN" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", [PATH.replace("6af", "777"), "/api/v1/attempts/x", "/api/v1/attempts/%2e%2e"]
)
async def test_an_attempt_that_is_not_there_is_404(client, path):
    """Told with a sentence, for both verbs."""
    posted = {"result": "confirmed", "effect": "success"}
    answers = [await client.get(path), await client.post(f"{path}/result", json=posted)]
    assert [answer.status_code for answer in answers] == [404, 404]


async def test_an_attempt_that_was_withdrawn_has_no_result_and_is_404(client, given, store):
    """It was planned and taken back: no call, so nothing came of it. Asking is allowed."""
    campaign = given.campaign()
    given.shift(campaign)
    planned = given.planned(given.contacts(campaign, 2)[0], ATTEMPT)
    with store.transaction() as tx:
        assert tx.add_attempts([planned])
        tx.advance(planned.withdraw(at=NOW, reason="x"), from_state=AttemptState.PLANNED)
    posted = {"result": "stop", "effect": "do_not_call"}
    assert (await client.post(f"{PATH}/result", json=posted)).status_code == 404
    assert (await client.get(PATH)).json()["state"] == "withdrawn"
    with store.reading() as tx:
        assert tx.suppression(NUMBER) is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"effect": "maybe"}, "effect"),
        ({"result": ""}, "result"),
        ({"result": "   "}, "result"),
        ({"result": "x" * 101}, "result"),
        ({"result": "two\nlines"}, "result"),
        ({"result": "nul\0"}, "result"),
        ({"result": None}, "result"),
        ({"id": "x" * 201}, "id"),
        ({"id": "a\0b"}, "id"),
        ({"effect": "call_back"}, "call_back_at"),
        ({"call_back_at": "17:00"}, "call_back_at"),
        ({"effect": "call_back", "call_back_at": "soon"}, "call_back_at"),
        ({"effect": "call_back", "call_back_at": "2099-01-01T00:00:00Z"}, "call_back_at"),
        ({"fields": []}, "fields"),
        ({"fields": {"a": "x" * 70_000}}, "fields"),
        ({"fields": {str(number): 1 for number in range(101)}}, "fields"),
        ({"transcript": [{"party": "nobody", "text": "a"}]}, "transcript.0.party"),
        ({"transcript": [{"party": "local"}]}, "transcript.0.text"),
        ({"transcript": [{"party": "local", "text": "a"}] * 2_001}, "transcript"),
        ({"transcript": [{"party": "local", "text": "a" * 200_001}]}, "transcript"),
        ({"transcript": [{"party": "local", "text": "a", "ts_ms": -1}]}, "transcript.0.ts_ms"),
    ],
)
async def test_what_cannot_be_a_result_is_422_and_kept_nowhere(client, store, attempt, wrong, told):
    """The answer names the key and repeats no value; an opt-out that is malformed is told too."""
    posted = {"result": "confirmed", "effect": "success", **wrong}
    answer = await client.post(f"{PATH}/result", json=posted)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert len(answer.text) < 500
    assert results_of(store, attempt) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"result": "a", "effect": "none", "fields": {"n": NaN}}',
        b'{"result": "a", "effect": "none", "fields": {"n": 1e999}}',
        b'{"result": "a", "effect": "none", "fields": {"n": ' + b"[" * 100_000,
        *(
            b'{"result": "a", "effect": "none", "fields": {"n": ' + b"[" * n + b"]" * n + b"}}"
            for n in (20, 400, 900)
        ),
    ],
)
async def test_a_body_that_is_no_json_is_422(client, store, attempt, body):
    """Hostile forms too: none of them is an error of the server."""
    answer = await client.post(f"{PATH}/result", content=body)
    assert (answer.status_code, results_of(store, attempt)) == (422, [])


async def test_what_no_database_can_hold_is_dropped_from_what_was_said(client, store, attempt):
    """A broken character of a recogniser loses itself and not the whole conversation."""
    said = '{"party": "remote", "text": "yes\\u0000 \\ud83d please"}'
    fields = '{"n": "\\u0000\\ud83d"}'
    body = f'{{"result": "a", "effect": "none", "fields": {fields}, "transcript": [{said}]}}'
    answer = await client.post(f"{PATH}/result", content=body)
    assert answer.status_code == 200, answer.text
    (kept,) = results_of(store, attempt)
    assert kept.transcript[0].text.startswith("yes ")
    assert kept.transcript[0].text.endswith(" please")


async def test_a_result_longer_than_a_mebibyte_is_413(client, store, attempt):
    """Cut off while it comes."""
    answer = await client.post(f"{PATH}/result", content=b"x" * (BODY_BYTES_MAX + 1))
    assert (answer.status_code, results_of(store, attempt)) == (413, [])


@pytest.mark.usefixtures("attempt")
async def test_no_log_line_holds_a_number_a_name_or_what_was_said(client, caplog):
    """At any level, of any library."""
    caplog.set_level(logging.DEBUG)
    await client.get(PATH)
    for transcript in (TRANSCRIPT, [{"party": "Speaking.", "text": 1}]):
        posted = {"result": "secret word", "effect": "none", "transcript": transcript}
        await client.post(f"{PATH}/result", json=posted)
    text = caplog.text
    assert text  # httpx tells of its requests, so something was there to look through
    for private in (NUMBER, NUMBER[-7:], "Ada", "Speaking", "secret word", TOKEN):
        assert private not in text
