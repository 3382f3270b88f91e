"""Faults of a sandbox in the same process, where requests and calls meet them."""

import json
from email.utils import parsedate_to_datetime

import pytest

from inkbatch.sandbox import phone_number_id, read_orders

OWN = phone_number_id("+14155550100")
CALLS = f"/numbers/{OWN}/calls"


@pytest.fixture
async def faulty(open_line):
    """Open a sandbox with faults."""

    async def open_(*faults):
        return await open_line(faults=read_orders({"faults": list(faults)}, source="faults"))

    return open_


async def control(line, method, body=None):
    """Ask the control endpoint, which lies beside the API."""
    return await line.a.request(method, "http://sandbox.test/sandbox/faults", json=body)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_gateways_error_comes_before_or_after_the_call_is_placed(faulty, status, when):
    """Its page is the same either way; only the ledger knows."""
    line = await faulty({"fault": "server_error", "status": status, "when": when})
    answer = await line.place()
    assert answer.status_code == status
    assert "<html>" in answer.text
    assert len(line.sandbox.ledger()) == (when == "after")


async def test_garbage_comes_with_200_once_the_call_is_placed(faulty):
    line = await faulty({"fault": "garbage"})
    answer = await line.place()
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        json.loads(answer.content)
    assert len(line.sandbox.ledger()) == 1


async def test_half_a_response_promises_the_whole(faulty):
    """The headers speak of the whole body, of which half comes."""
    line = await faulty({"fault": "half_response"})
    answer = await line.place()
    assert len(answer.content) == int(answer.headers["Content-Length"]) // 2
    assert len(line.sandbox.ledger()) == 1


async def test_a_429_out_of_the_blue_places_nothing(faulty, clock):
    """It has the headers of a documented one, and does not count among the limits' own."""
    line = await faulty({"fault": "rate_limited", "retry_after_seconds": 40, "times": 1})
    refused = await line.place()
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "40"
    assert int(refused.headers["X-RateLimit-Reset"]) == clock.now().timestamp() + 40
    assert "exceeded" in refused.json()["detail"]
    assert (await line.place()).status_code == 200
    assert len(line.sandbox.ledger()) == 1
    assert line.sandbox.answers_by_status() == {200: 1}


async def test_skew_moves_the_date_and_nothing_else(faulty, clock):
    line = await faulty({"fault": "clock_skew", "seconds": -90})
    answer = await line.place()
    assert (clock.now() - parsedate_to_datetime(answer.headers["Date"])).total_seconds() == 90
    assert answer.json()["created_at"] == "2026-03-02T18:00:00Z"


async def test_a_reset_without_a_socket_is_the_systems_own_error(faulty):
    """In-process there is no connection, so the caller gets what its system would raise."""
    line = await faulty({"fault": "reset", "when": "after"})
    with pytest.raises(ConnectionResetError):
        await line.place()
    assert len(line.sandbox.ledger()) == 1


async def test_a_new_call_appears_in_lists_only_after_the_lag(faulty, clock):
    """It can be got by its id meanwhile, and pages are whole without it."""
    line = await faulty({"fault": "list_lag", "seconds": 10})
    first = (await line.place()).json()["id"]
    clock.advance(seconds=10)
    second = (await line.place()).json()["id"]
    page = (await line.a.get(CALLS, params={"limit": 1})).json()
    assert [call["id"] for call in page] == [first]
    assert (await line.a.get(f"{CALLS}/{second}")).status_code == 200
    clock.advance(seconds=10)
    listed = (await line.a.get(CALLS)).json()
    assert [call["id"] for call in listed] == [second, first]


async def test_lag_without_a_look_is_no_fault_done(faulty, clock):
    """A call that nobody looked for while it was hidden was not hidden from anybody."""
    line = await faulty({"fault": "list_lag", "seconds": 10})
    await line.place()
    clock.advance(seconds=20)
    await line.a.get(CALLS)
    assert (await control(line, "GET")).json()["faults"][0]["struck"] == 0


async def test_a_deleted_call_is_nowhere_but_in_the_ledger(faulty):
    """The second one of three: no list has it, and getting it is a 404."""
    line = await faulty({"fault": "deleted_call", "after": 1, "times": 1})
    numbers = [f"+44207946010{digit}" for digit in range(3)]
    first, second, third = [(await line.place(number)).json()["id"] for number in numbers]
    assert [call["id"] for call in (await line.a.get(CALLS)).json()] == [third, first]
    assert (await line.a.get(f"{CALLS}/{second}")).status_code == 404
    assert (await line.a.get(f"{CALLS}/{third}")).status_code == 200
    assert len(line.sandbox.ledger()) == 3


async def test_which_call_is_deleted_does_not_depend_on_who_is_asked_for_first(faulty):
    line = await faulty({"fault": "deleted_call", "times": 1})
    first, second = [(await line.place(f"+44207946010{d}")).json()["id"] for d in range(2)]
    assert (await line.a.get(f"{CALLS}/{second}")).status_code == 200
    assert (await line.a.get(f"{CALLS}/{first}")).status_code == 404


async def test_faults_are_ordered_counted_and_lifted_while_the_sandbox_runs(line):
    """PUT puts faults in force, GET tells what they did, DELETE lifts them."""
    garbage = {"fault": "garbage", "paths": ["/place-call"], "times": 2}
    ordered = await control(line, "PUT", {"seed": 3, "faults": [garbage]})
    assert ordered.status_code == 200
    for _ in range(3):
        await line.place()
    told = (await control(line, "GET")).json()
    assert told["seed"] == 3
    assert told["faults"] == [
        {**garbage, "rate": 1, "after": 0, "methods": [], "occasions": 3, "struck": 2}
    ]
    assert (await control(line, "DELETE")).json() == {"seed": 1, "faults": []}
    assert (await line.place()).json()["status"] == "initiated"


async def test_refused_orders_leave_those_in_force_alone(line):
    """422 with the sentence that the command line would say."""
    await control(line, "PUT", {"faults": [{"fault": "garbage"}]})
    refused = await control(line, "PUT", {"faults": [{"fault": "garbage", "rate": 2}]})
    assert refused.status_code == 422
    assert refused.json()["detail"] == (
        "faults: faults[0].rate = 2; it must be a share from 0 to 1"
    )
    assert len((await control(line, "GET")).json()["faults"]) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"[]", b"null"])
async def test_orders_that_are_no_orders_are_a_sentence(line, body):
    """Whatever is sent, the answer is a 422 that a person can read."""
    refused = await line.a.put("http://sandbox.test/sandbox/faults", content=body)
    assert refused.status_code == 422
    assert isinstance(refused.json()["detail"], str)


async def test_a_fault_behind_one_that_never_lets_requests_through_is_not_counted(faulty):
    """What was not done is not told as done."""
    line = await faulty(
        {"fault": "server_error", "status": 503, "when": "before"},
        {"fault": "clock_skew", "seconds": 5},
    )
    await line.place()
    told = (await control(line, "GET")).json()["faults"]
    assert [fault["struck"] for fault in told] == [1, 0]


async def test_two_faults_harm_one_request(faulty, clock):
    """A lost answer is dated wrongly as well, in the order in which they were ordered."""
    line = await faulty(
        {"fault": "clock_skew", "seconds": 60},
        {"fault": "server_error", "status": 504, "when": "after"},
    )
    answer = await line.place()
    assert answer.status_code == 504
    assert (parsedate_to_datetime(answer.headers["Date"]) - clock.now()).total_seconds() == 60
    assert len(line.sandbox.ledger()) == 1


async def test_the_control_and_the_ledger_have_no_faults(faulty):
    """Faults are of the API; whoever watches is told the truth."""
    line = await faulty({"fault": "server_error", "status": 500, "when": "before"})
    assert (await control(line, "GET")).status_code == 200
    assert (await line.a.get("http://sandbox.test/sandbox/ledger")).status_code == 200
