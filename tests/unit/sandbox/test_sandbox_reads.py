"""Reading numbers and calls as the API page describes it, driven by plain httpx."""

from datetime import timedelta
from uuid import uuid4

import pytest

from inkbatch.sandbox import Behaviour, Outcome, Population, Script, phone_number_id

CALLEE = "+442079460123"
OWN = phone_number_id("+14155550100")
SECOND = phone_number_id("+14155550101")
FOREIGN = phone_number_id("+12125550100")


async def place_many(line, count):
    return [(await line.place()).json()["id"] for _ in range(count)]


async def test_numbers_lists_the_organisations_own_with_their_status(line):
    """Each organisation sees its own numbers, the inactive one among them."""
    own = (await line.a.get("/numbers")).json()
    foreign = (await line.b.get("/numbers")).json()
    assert [(number["number"], number["status"]) for number in own] == [
        ("+14155550100", "active"),
        ("+14155550101", "active"),
        ("+14155550102", "inactive"),
    ]
    assert [number["id"] for number in foreign] == [str(FOREIGN)]


async def test_a_number_is_found_by_its_id(line):
    """GET /numbers/{id} tells what the list tells."""
    listed = (await line.a.get("/numbers")).json()[0]
    assert (await line.a.get(f"/numbers/{OWN}")).json() == listed


@pytest.mark.parametrize("path", ["", "/calls", "/calls/00000000-0000-4000-8000-000000000000"])
async def test_numbers_of_others_are_a_403_and_of_nobody_a_404(line, path):
    """Nothing of another organisation can be read through its number."""
    assert (await line.a.get(f"/numbers/{FOREIGN}{path}")).status_code == 403
    assert (await line.a.get(f"/numbers/{uuid4()}{path}")).status_code == 404
    assert (await line.a.get(f"/numbers/7{path}")).status_code == 422


async def test_calls_come_newest_first_even_within_one_moment(line):
    """Equal created_at is ordered by insertion."""
    placed = await place_many(line, 5)
    listed = (await line.a.get(f"/numbers/{OWN}/calls")).json()
    assert [call["id"] for call in listed] == placed[::-1]


async def test_a_clock_set_back_does_not_change_the_order(line, clock):
    """created_at never goes back, so newest first stays true."""
    placed = await place_many(line, 1)
    clock.advance(hours=-1)
    placed += await place_many(line, 1)
    listed = (await line.a.get(f"/numbers/{OWN}/calls")).json()
    assert [call["id"] for call in listed] == placed[::-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", slice(0, 50)),
        ("?limit=1", slice(0, 1)),
        ("?limit=200", slice(0, 60)),
        ("?limit=20&offset=50", slice(50, 60)),
        ("?offset=60", slice(60, 60)),
        ("?offset=1000", slice(60, 60)),
        ("?is_blocked=false&limit=2", slice(0, 2)),
        ("?is_blocked=true", slice(0, 0)),
    ],
)
async def test_a_page_is_a_bare_array_cut_from_the_list(line, query, expected):
    """Limit is 50 unless told, offset counts from the newest."""
    placed = await place_many(line, 60)
    page = (await line.a.get(f"/numbers/{OWN}/calls{query}")).json()
    assert [call["id"] for call in page] == placed[::-1][expected]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "offset=-1", "limit=x"])
async def test_limit_and_offset_out_of_bounds_are_a_422(line, query):
    """Limit is 1 to 200, offset not below 0."""
    answer = await line.a.get(f"/numbers/{OWN}/calls?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", query.split("=")[0]]


async def test_a_number_lists_its_own_calls_only(line):
    """The list is per phone number, not per organisation."""
    await line.place(from_number="+14155550101")
    assert (await line.a.get(f"/numbers/{OWN}/calls")).json() == []
    assert len((await line.a.get(f"/numbers/{SECOND}/calls")).json()) == 1


async def test_a_call_is_found_by_its_id_through_its_own_number_only(line):
    """Another number of the same organisation does not know the call."""
    call = (await line.place()).json()
    del call["rate_limit"]
    assert (await line.a.get(f"/numbers/{OWN}/calls/{call['id']}")).json() == call
    for path in (f"/numbers/{SECOND}/calls/{call['id']}", f"/numbers/{OWN}/calls/{uuid4()}"):
        answer = await line.a.get(path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Call not found"})


async def test_a_call_of_another_organisation_is_a_403(line):
    """403: Call does not belong to your organization."""
    call_id = (await line.place()).json()["id"]
    answer = await line.b.get(f"/numbers/{FOREIGN}/calls/{call_id}")
    assert answer.status_code == 403
    assert answer.json() == {"detail": "Call does not belong to your organization"}


@pytest.mark.parametrize(
    ("outcome", "life"),
    [
        ("answer", ["initiated", "ringing", "answered", "completed"]),
        ("voicemail", ["initiated", "ringing", "answered", "completed"]),
        ("no_answer", ["initiated", "ringing", "ringing", "canceled"]),
        ("reject", ["initiated", "ringing", "ringing", "failed"]),
        ("busy", ["initiated", "ringing", "ringing", "failed"]),
    ],
)
async def test_a_call_goes_through_the_documented_statuses(open_line, clock, outcome, life):
    """Initiated, ringing, answered if somebody picks up, and an end."""
    ring = timedelta(seconds=10 if life[2] == "answered" else 60)
    behaviour = Behaviour(outcome=Outcome(outcome), ring=ring, talk=timedelta(seconds=30))
    line = await open_line(population=Population(script=Script(callees={CALLEE: (behaviour,)})))
    call_id = (await line.place(CALLEE)).json()["id"]
    seen = []
    for seconds in (0, 1, 10, 60):
        clock.advance(seconds=seconds)
        seen.append((await line.a.get(f"/numbers/{OWN}/calls/{call_id}")).json()["status"])
    assert seen == life


async def test_started_and_ended_appear_when_they_happen(open_line, clock):
    """The future of a call stays hidden until it is there, to the microsecond."""
    behaviour = Behaviour(
        outcome=Outcome.ANSWER, ring=timedelta(seconds=4), talk=timedelta(seconds=30)
    )
    line = await open_line(population=Population(script=Script(callees={CALLEE: (behaviour,)})))
    path = f"/numbers/{OWN}/calls/{(await line.place(CALLEE)).json()['id']}"

    async def look(**length):
        clock.advance(**length)
        call = (await line.a.get(path)).json()
        return call["started_at"], call["ended_at"], call["hangup_reason"], call["updated_at"]

    rang, started, ended = (f"2026-03-02T18:00:{second}Z" for second in ("01", "05", "35"))
    assert await look(seconds=5, microseconds=-1) == (None, None, None, rang)
    assert await look(microseconds=1) == (started, None, None, started)
    assert await look(seconds=30, microseconds=-1) == (started, None, None, started)
    (*moments, hangup_reason, updated) = await look(microseconds=1)
    assert (moments, updated) == ([started, ended], ended)
    assert hangup_reason in {"local", "remote"}
