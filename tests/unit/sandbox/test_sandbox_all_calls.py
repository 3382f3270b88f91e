"""What newer servers answer as well: calls of all numbers, and hanging up."""

from itertools import count
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkbatch.sandbox import Outcome, phone_number_id
from tests.unit.sandbox.callees import CALLEE, picks_up

OWN = phone_number_id("+14155550100")
FIRST, SECOND = "+14155550100", "+14155550101"


async def test_calls_of_all_numbers_come_newest_first_and_no_other_organisations(line):
    """GET /calls goes over the organisation's numbers as they interleave."""
    placed = [
        (await line.place(from_number=number)).json()["id"] for number in (FIRST, SECOND, FIRST)
    ]
    await line.b.post("/place-call", json={"from_number": "+12125550100", "to_number": CALLEE})
    listed = (await line.a.get("/calls")).json()
    assert [call["id"] for call in listed] == placed[::-1]
    assert len((await line.b.get("/calls")).json()) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", slice(0, 50)),
        ("?limit=200", slice(0, 60)),
        ("?limit=20&offset=50", slice(50, 60)),
        ("?offset=1000", slice(60, 60)),
        ("?is_blocked=false&limit=2", slice(0, 2)),
        ("?is_blocked=true", slice(0, 0)),
        ("?a_newer_filter=x&limit=1", slice(0, 1)),
    ],
)
async def test_pages_of_all_calls_are_cut_as_those_of_one_number(line, query, expected):
    """The same limit, offset and filter."""
    placed = [(await line.place()).json()["id"] for _ in range(60)]
    page = (await line.a.get(f"/calls{query}")).json()
    assert [call["id"] for call in page] == placed[::-1][expected]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "offset=-1"])
async def test_bounds_of_all_calls_are_a_422(line, query):
    """Limit is 1 to 200, offset not below 0."""
    assert (await line.a.get(f"/calls?{query}")).status_code == 422


async def test_a_call_is_found_without_its_number_by_its_organisation_only(line):
    """GET /calls/{id}: the same object; 403 for others, 404 for nobody's, 422 for no id."""
    call = (await line.place()).json()
    del call["rate_limit"]
    assert (await line.a.get(f"/calls/{call['id']}")).json() == call
    foreign = await line.b.get(f"/calls/{call['id']}")
    assert foreign.status_code == 403
    assert foreign.json() == {"detail": "Call does not belong to your organization"}
    assert (await line.a.get(f"/calls/{uuid4()}")).json() == {"detail": "Call not found"}
    assert (await line.a.get("/calls/7")).status_code == 422


@pytest.mark.parametrize(
    ("after_seconds", "status", "started_at"),
    [
        (0, "canceled", None),
        (3, "canceled", None),
        (5, "completed", "2026-03-02T18:00:05Z"),
        (30, "completed", "2026-03-02T18:00:05Z"),
    ],
)
async def test_hanging_up_cancels_before_an_answer_and_completes_after_it(
    open_line, clock, after_seconds, status, started_at
):
    """The end is now, the reason is local."""
    line = await open_line(population=picks_up())
    call_id = (await line.place(CALLEE)).json()["id"]
    clock.advance(seconds=after_seconds)
    answer = await line.a.post(f"/calls/{call_id}/hangup")
    call = answer.json()
    assert answer.status_code == 200
    assert (call["status"], call["hangup_reason"], call["started_at"]) == (
        status,
        "local",
        started_at,
    )
    assert call["ended_at"] == f"2026-03-02T18:00:{after_seconds:02d}Z"
    clock.advance(hours=1)
    assert (await line.a.get(f"/numbers/{OWN}/calls/{call_id}")).json() == call


@pytest.mark.parametrize("outcome", [Outcome.ANSWER, Outcome.NEVER_ENDS])
async def test_an_ended_call_cannot_be_hung_up(open_line, clock, outcome):
    """A 409 that changes nothing: twice, after the callee did, and where no end was recorded."""
    line = await open_line(population=picks_up(outcome=outcome))
    path = f"/calls/{(await line.place(CALLEE)).json()['id']}"
    clock.advance(hours=5)
    ended = (await line.a.get(path)).json()
    for _ in range(2):
        answer = await line.a.post(f"{path}/hangup")
        assert answer.status_code == 409
        assert answer.json() == {"detail": "Call has already ended"}
    assert (await line.a.get(path)).json() == ended


async def test_a_call_that_was_hung_up_cannot_be_hung_up_again(line):
    """The second request is late, and says so."""
    path = f"/calls/{(await line.place()).json()['id']}/hangup"
    assert (await line.a.post(path)).status_code == 200
    assert (await line.a.post(path)).status_code == 409


async def test_hanging_up_frees_the_minutes_that_are_not_talked(open_line, clock):
    """The limits count the call as long as it was."""
    line = await open_line(population=picks_up(talk_seconds=600))
    call_id = (await line.place(CALLEE)).json()["id"]
    clock.advance(seconds=5 + 30)
    await line.a.post(f"/calls/{call_id}/hangup")
    clock.advance(minutes=9)
    assert (await line.place()).json()["rate_limit"]["minutes_used"] == 0.5


async def test_calls_of_others_and_of_nobody_cannot_be_hung_up(line):
    """403 and 404, and the call goes on."""
    call_id = (await line.place()).json()["id"]
    assert (await line.b.post(f"/calls/{call_id}/hangup")).status_code == 403
    assert (await line.a.post(f"/calls/{uuid4()}/hangup")).status_code == 404
    assert (await line.a.get(f"/calls/{call_id}")).json()["status"] == "initiated"


@given(
    limit=st.integers(1, 20),
    inserts=st.lists(st.integers(0, 12), min_size=1, max_size=12),
)
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_walking_the_pages_while_calls_are_placed_misses_none(open_line, limit, inserts):
    """Each page is exact for its moment: what was there is met, moved back by what came since."""
    line = await open_line(calls_limit=None, minutes_limit=None)
    placed = [(await line.place()).json()["id"] for _ in range(30)]
    there, met, to_come = set(placed), [], iter(inserts)
    for offset in count(0, limit):
        answer = await line.a.get(f"/calls?limit={limit}&offset={offset}")
        page = [call["id"] for call in answer.json()]
        assert page == placed[::-1][offset : offset + limit]
        met += page
        if len(page) < limit:
            break
        placed += [(await line.place()).json()["id"] for _ in range(next(to_come, 0))]
    assert there <= set(met)
