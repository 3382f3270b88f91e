"""Asking inkbatch and telling it, over real sockets that lose answers."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from tenacity import wait_none

from inkbatch.agent import (
    Acknowledgement,
    Effect,
    Party,
    Result,
    ResultsClient,
    Utterance,
    results_client,
)
from inkbatch.domain.errors import (
    ResultRefused,
    ResultsUnavailable,
    SettingsError,
    UnknownAttempt,
)
from inkbatch.settings import Settings
from tests.as_inkbox import connect, rest
from tests.results_server import CONTACT, TOKEN, results_server

EASTERN = timezone(timedelta(hours=-5))
CONFIRMED = Result(result="confirmed", effect=Effect.SUCCESS)
FAILURES = ["drop", "lose", "half", 500, 502, 503, 429, 408]


def client_of(url, token=TOKEN, **options):
    return ResultsClient(url, token, back_off=wait_none(), **options)


async def test_a_result_arrives_as_it_was_said():
    """Every part of it, under the attempt's own path and with the token."""
    result = Result(
        result="call_back",
        effect=Effect.CALL_BACK,
        call_back_at=datetime(2026, 11, 3, 17, tzinfo=EASTERN),
        fields={"with": "Ms. Ørsted", "children": 2},
        transcript=(Utterance(party=Party.REMOTE, text="at five", ts_ms=1200),),
        id="r1",
    )
    async with results_server() as (server, url), client_of(url) as client:
        told = await client.post("a1", result)
    assert told == Acknowledgement(
        attempt_id="a1", result="call_back", effect="call_back", effective=True
    )
    [(method, path, headers, body)] = server.requests
    assert (method, path) == ("POST", "/api/v1/attempts/a1/result")
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert body == {
        "id": "r1",
        "result": "call_back",
        "effect": "call_back",
        "call_back_at": "2026-11-03T17:00:00-05:00",
        "fields": {"with": "Ms. Ørsted", "children": 2},
        "transcript": [{"party": "remote", "text": "at five", "ts_ms": 1200}],
    }


async def test_an_attempt_is_told_with_its_contact():
    """Keys of newer versions are passed over."""
    async with results_server() as (_, url), client_of(url) as client:
        facts = await client.attempt("a1")
    assert (facts.campaign, facts.ordinal, facts.state) == ("trial", 2, "placed")
    assert facts.contact.number == CONTACT["number"]
    assert facts.contact.zones == ("America/Los_Angeles",)
    assert facts.contact.fields == CONTACT["fields"]


@pytest.mark.parametrize("fault", FAILURES)
async def test_a_result_whose_answer_is_lost_is_posted_again_and_taken_once(fault):
    """The same id goes along each time."""
    async with results_server(fault, fault) as (server, url), client_of(url) as client:
        assert (await client.post("a1", CONFIRMED)).effective
    assert [each["id"] for each in server.results] == [CONFIRMED.id]
    assert {body["id"] for *_, body in server.requests} == {CONFIRMED.id}


@pytest.mark.parametrize("fault", FAILURES)
async def test_tries_are_used_up_in_the_end(fault):
    """The error says where it was looked for and that posting again is safe."""
    async with results_server(*[fault] * 3) as (_, url), client_of(url, tries_max=3) as client:
        with pytest.raises(ResultsUnavailable, match="posting the same result again is safe"):
            await client.post("a1", CONFIRMED)
        assert (await client.post("a1", CONFIRMED)).effective


async def test_a_server_that_never_answers_has_a_deadline():
    """The handler of a call is not held for ever."""
    deadline = timedelta(seconds=0.05)
    async with (
        results_server("hang") as (_, url),
        client_of(url, deadline=deadline) as client,
    ):
        with pytest.raises(ResultsUnavailable, match="too long"):
            await client.attempt("a1")


async def test_nobody_at_the_address():
    """Nothing listens there."""
    async with client_of("http://127.0.0.1:1", tries_max=2) as client:
        with pytest.raises(ResultsUnavailable, match="connection refused"):
            await client.attempt("a1")


@pytest.mark.parametrize(
    ("attempt_id", "token", "result", "error", "words"),
    [
        ("a1", "wrong", CONFIRMED, ResultRefused, "INKBATCH_AGENT_TOKEN"),
        ("a9", TOKEN, CONFIRMED, UnknownAttempt, "knows no attempt"),
        ("a1/../a2", TOKEN, CONFIRMED, UnknownAttempt, "knows no attempt"),
        ("a1", TOKEN, Result(result="refused"), ResultRefused, "422: body.fields: too many"),
    ],
)
async def test_a_definite_no_is_not_tried_again(attempt_id, token, result, error, words):
    """And its message repeats no value that was posted."""
    async with results_server() as (server, url), client_of(url, token) as client:
        with pytest.raises(error, match=words) as raised:
            await client.post(attempt_id, result)
    assert len(server.requests) == 1
    assert "Dagny" not in str(raised.value)
    assert token not in str(raised.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(status):
    """The token goes to nobody else."""
    async with results_server(status) as (server, url), client_of(url) as client:
        with pytest.raises(ResultRefused, match=str(status)):
            await client.post("a1", CONFIRMED)
    assert len(server.requests) == 1


async def test_what_is_not_inkbatch_is_told():
    """Something else may listen on the port."""
    async with results_server("garbage") as (_, url), client_of(url) as client:
        with pytest.raises(ResultsUnavailable, match="is not inkbatch"):
            await client.post("a1", CONFIRMED)


@pytest.mark.parametrize(
    ("url", "token", "words"),
    [
        ("http://192.0.2.1:8770", TOKEN, "Use https"),
        ("http://example.com", TOKEN, "Use https"),
        ("ftp://127.0.0.1", TOKEN, "needs the form"),
        ("https://user:pass@example.com", TOKEN, "a user"),
        ("https://example.com?x=1", TOKEN, "a query"),
        ("http://127.0.0.1:8770", "", "INKBATCH_AGENT_TOKEN"),
        ("http://127.0.0.1:8770", "a\r\nb", "INKBATCH_AGENT_TOKEN"),
        ("http://127.0.0.1:8770", "tökèn€", "INKBATCH_AGENT_TOKEN"),
    ],
)
def test_an_address_or_token_that_cannot_be_used(url, token, words):
    """Said before anything is sent; without the token."""
    with pytest.raises(SettingsError, match=words) as raised:
        ResultsClient(url, token)
    assert not token or token not in str(raised.value)


def test_the_environment_names_the_token():
    """Without it nothing could be posted, which is said at the start."""
    with pytest.raises(SettingsError, match="INKBATCH_AGENT_TOKEN is not set"):
        results_client(Settings(agent_token=None))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"result": ""}, "1 to 100"),
        ({"result": "x", "effect": Effect.CALL_BACK}, "call_back_at"),
        ({"result": "x", "call_back_at": "17:00"}, "call_back_at"),
        ({"result": "x", "effect": Effect.CALL_BACK, "call_back_at": "5 pm"}, '"17:00"'),
        (
            {
                "result": "x",
                "effect": Effect.CALL_BACK,
                "call_back_at": datetime(2026, 1, 1),  # noqa: DTZ001 (that is the mistake)
            },
            "time zone",
        ),
        ({"result": "x", "fields": dict.fromkeys(map(str, range(101)))}, "100 fields"),
    ],
)
def test_a_result_that_could_not_be_taken_is_not_made(given, words):
    """The author of an agent learns it from the first test, not from a night of calls."""
    with pytest.raises(ValueError, match=words):
        Result(**given)


async def test_a_handler_asks_who_it_is_and_posts_with_the_transcript(serve):
    """By the attempt id in the agent's URL; asked once, however often it is wanted."""

    async def talk(call):
        contact = await call.contact()
        assert (await call.facts()).contact is contact
        await call.say(f"Hello {contact.fields['first_name']}")
        await call.hang_up()
        told = await call.post_result("confirmed", effect=Effect.SUCCESS, fields={"by": "voice"})
        assert told.effective

    async with results_server("drop", None, "lose") as (server, url), client_of(url) as client:
        port = await serve(talk, results=client)
        async with connect(port, "/x?inkbatch_attempt=a2") as socket:
            await rest(socket)
    [posted] = server.results
    assert (posted["attempt_id"], posted["result"], posted["effect"]) == (
        "a2",
        "confirmed",
        "success",
    )
    assert posted["fields"] == {"by": "voice"}
    assert [said["text"] for said in posted["transcript"]] == ["Hello Dagny"]
    assert [method for method, *_ in server.requests] == ["GET", "POST", "POST"]


async def test_many_results_at_once_all_arrive():
    """As at the end of a night in which a hundred calls end together."""
    async with results_server() as (server, url), client_of(url) as client:
        results = [Result(result=f"r{number}") for number in range(100)]
        await asyncio.gather(*(client.post("a1", result) for result in results))
    assert {each["result"] for each in server.results} == {each.result for each in results}
