"""What was said in calls, as the API tells it to whoever has the key."""

import re
from uuid import UUID, uuid4

import pytest

from inkbatch.sandbox import Dialogue, Line, Outcome, phone_number_id

OWN = phone_number_id("+14155550100")
SECOND = phone_number_id("+14155550101")
FOREIGN = phone_number_id("+12125550100")
CALLEE = "+442079460123"


def talk_of(*lines):
    """Build a dialogue that begins with a hello."""
    return Dialogue(lines=(Line(say="Hello?"), *lines))


def hearing(pattern, say):
    """Build a line that answers what it hears."""
    return Line(hears=re.compile(pattern, re.IGNORECASE), say=say)


async def remind(agent, message):
    """Ask when somebody says hello, hang up when they answer."""
    if message["event"] == "transcript" and message["is_final"]:
        if "ello" in message["text"]:
            await agent.say("Will you come to your appointment?")
        else:
            await agent.send(event="stop")


@pytest.fixture
async def talked(start_agent, open_still_line):
    """A line with one call of three turns, and its id."""
    _, url = await start_agent(remind)
    line = await open_still_line(talk_of(hearing("appointment", "Yes, I shall COME straight.")))
    call_id = await line.place(url)
    await line.pass_time(minutes=5)
    return line, call_id


async def test_a_talk_is_told_segment_by_segment(talked):
    """In order from 0, with whose words they are, when they began, and on which line."""
    line, call_id = talked
    answer = await line.client.get(f"/calls/{call_id}/transcripts")
    told = answer.json()
    assert answer.status_code == 200
    assert len({UUID(segment.pop("id")) for segment in told}) == 3
    call = {"call_id": call_id}
    assert told == [
        call
        | {
            "seq": 0,
            "ts_ms": 0,
            "party": "remote",
            "text": "Hello?",
            "phone_number": CALLEE,
            "created_at": "2026-03-02T18:00:00Z",
        },
        call
        | {
            "seq": 1,
            "ts_ms": 400,
            "party": "local",
            "text": "Will you come to your appointment?",
            "phone_number": "+14155550100",
            "created_at": "2026-03-02T18:00:00.400000Z",
        },
        call
        | {
            "seq": 2,
            "ts_ms": 3200,
            "party": "remote",
            "text": "Yes, I shall COME straight.",
            "phone_number": CALLEE,
            "created_at": "2026-03-02T18:00:03.200000Z",
        },
    ]
    assert (await line.client.get(f"/calls/{call_id}/transcripts")).json()[0]["seq"] == 0


async def test_a_call_without_a_talk_has_no_segments(open_still_line, unused_tcp_port):
    """Nobody answered, or no agent could be reached: an empty list, not an error."""
    for outcome in (Outcome.NO_ANSWER, Outcome.ANSWER):
        line = await open_still_line(outcome=outcome)
        call_id = await line.place(f"ws://127.0.0.1:{unused_tcp_port}/")
        await line.pass_time(minutes=9)
        answer = await line.client.get(f"/calls/{call_id}/transcripts")
        assert (answer.status_code, answer.json()) == (200, [])


async def test_segments_of_others_and_of_nobody_are_not_told(talked):
    """403 for another organisation's call and number, 404 where there is none."""
    line, call_id = talked
    other = {"X-API-Key": "sandbox-b"}
    told = await line.client.get(f"/calls/{call_id}/transcripts", headers=other)
    assert told.status_code == 403
    assert (await line.client.get(f"/calls/{uuid4()}/transcripts")).status_code == 404
    assert (await line.client.get(f"/numbers/{FOREIGN}/search?q=hello")).status_code == 403
    assert (await line.client.get(f"/numbers/{uuid4()}/search?q=hello")).status_code == 404


@pytest.mark.parametrize(
    ("number", "query", "found"),
    [
        (OWN, {"q": "come"}, [1, 2]),
        (OWN, {"q": "COME yes"}, [2]),
        (OWN, {"q": "come", "party": "local"}, [1]),
        (OWN, {"q": "come", "limit": 1}, [1]),
        (OWN, {"q": "never said"}, []),
        (SECOND, {"q": "come"}, []),
    ],
)
async def test_a_search_finds_segments_with_all_the_words(talked, number, query, found):
    """Of calls of that number, in any case and order, by whom it was asked for."""
    line, _ = talked
    answer = await line.client.get(f"/numbers/{number}/search", params=query)
    assert answer.status_code == 200
    assert [segment["seq"] for segment in answer.json()] == found


async def test_a_search_tells_the_newest_call_first(start_agent, open_still_line):
    """Within a call the order is that of the talk."""
    _, url = await start_agent(remind)
    line = await open_still_line(talk_of(hearing("appointment", "No hello any more.")))
    first = await line.place(url)
    await line.pass_time(minutes=5)
    second = await line.place(url)
    await line.pass_time(minutes=5)
    found = (await line.client.get(f"/numbers/{OWN}/search?q=hello")).json()
    assert [(segment["call_id"], segment["seq"]) for segment in found] == [
        (second, 0),
        (second, 2),
        (first, 0),
        (first, 2),
    ]


@pytest.mark.parametrize(
    "query", ["", "?q=", "?q=a&limit=0", "?q=a&limit=201", "?q=a&party=both", f"?q={'a' * 201}"]
)
async def test_a_search_for_nothing_is_a_422(talked, query):
    """Words are needed; limit is 1 to 200, party one of the two."""
    line, _ = talked
    assert (await line.client.get(f"/numbers/{OWN}/search{query}")).status_code == 422


async def test_a_call_has_no_invocations_of_a_voice_agent_that_is_not_there(talked):
    """An empty page of the form that clients read; the call must be one's own."""
    line, call_id = talked
    page = await line.client.get(f"/calls/{call_id}/tool-invocations?limit=7&offset=2")
    assert page.json() == {"items": [], "limit": 7, "offset": 2, "has_more": False}
    assert (await line.client.get(f"/calls/{uuid4()}/tool-invocations")).status_code == 404


async def test_an_agent_of_the_older_text_frames_is_heard(start_agent, open_still_line):
    """`textStream` has its words in `text`, whole or in pieces, and `done` ends the turn."""

    async def remind_as_of_old(agent, message):
        if message["event"] == "transcript" and message["is_final"]:
            if "ello" in message["text"]:
                await agent.send(event="textStream", text="Will you come?", done=True)
            else:
                await agent.send(event="textStream", text="Then we ")
                await agent.send(event="textStream", text="expect you.", done=True)
                await agent.send(event="stop")

    _, url = await start_agent(remind_as_of_old)
    line = await open_still_line(talk_of(hearing("come", "I will.")))
    call_id = await line.place(url)
    await line.pass_time(minutes=5)
    assert await line.said(call_id) == [
        "remote: Hello?",
        "local: Will you come?",
        "remote: I will.",
        "local: Then we expect you.",
    ]
    assert (await line.transcript(call_id))["messages_ignored"] == 0
