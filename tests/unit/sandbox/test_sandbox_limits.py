"""The limits of an organisation over HTTP: 429, its headers, and that Retry-After is true."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkbatch.sandbox import Behaviour, Outcome, Population, SandboxOptions, Script

CALLEE = "+442079460123"
QUICK = Population(script=Script.of({CALLEE: ["no_answer"]}))


def talking(seconds):
    """Build a population whose callee picks up at once and talks for so long."""
    behaviour = Behaviour(outcome=Outcome.ANSWER, ring=timedelta(), talk=timedelta(seconds=seconds))
    return Population(script=Script(callees={CALLEE: (behaviour,)}), dial=timedelta())


async def test_the_call_after_the_last_is_refused_with_all_documented_headers(open_line, clock):
    """429 carries Retry-After and X-RateLimit-*, and nothing is placed."""
    line = await open_line(population=QUICK, calls_limit=3)
    for _ in range(3):
        assert (await line.place(CALLEE)).status_code == 200
    clock.advance(hours=1)
    answer = await line.place(CALLEE)
    assert answer.status_code == 429
    assert "exceeded 3 calls" in answer.json()["detail"]
    assert answer.headers["Retry-After"] == str(23 * 3600)
    assert answer.headers["X-RateLimit-Limit"] == "3"
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert int(answer.headers["X-RateLimit-Reset"]) == clock.now().timestamp() + 23 * 3600
    assert len(line.sandbox.ledger()) == 3


async def test_a_call_leaves_the_window_exactly_24_hours_later(open_line, clock):
    """The window is (now - 24 h, now]: a microsecond less and the call still counts."""
    line = await open_line(population=QUICK, calls_limit=1)
    await line.place(CALLEE)
    clock.advance(hours=24, microseconds=-1)
    assert (await line.place(CALLEE)).status_code == 429
    clock.advance(microseconds=1)
    accepted = await line.place(CALLEE)
    assert accepted.status_code == 200
    assert accepted.json()["rate_limit"]["calls_used"] == 1


@pytest.mark.parametrize("offset_microseconds", [0, 1, 499_999, 999_999])
async def test_retry_after_is_true_for_calls(open_line, clock, offset_microseconds):
    """After Retry-After the call is accepted, a second sooner it is not."""
    line = await open_line(population=QUICK, calls_limit=2)
    await line.place(CALLEE)
    clock.advance(minutes=3)
    await line.place(CALLEE)
    clock.advance(minutes=5, microseconds=offset_microseconds)
    wait = int((await line.place(CALLEE)).headers["Retry-After"])
    clock.advance(seconds=wait - 1)
    assert (await line.place(CALLEE)).status_code == 429
    clock.advance(seconds=1)
    assert (await line.place(CALLEE)).status_code == 200


@given(
    limit=st.integers(1, 4),
    pauses=st.lists(st.integers(0, 10**9), min_size=4, max_size=8),
)
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_retry_after_is_true_whenever_calls_were_placed(open_line, clock, limit, pauses):
    """To the second, at any microsecond: that wait is accepted, one second less is not."""
    line = await open_line(population=QUICK, calls_limit=limit, window=timedelta(minutes=20))
    for pause in pauses:
        clock.advance(microseconds=pause)
        answer = await line.place(CALLEE)
        if answer.status_code == 429:
            wait = int(answer.headers["Retry-After"])
            reset = int(answer.headers["X-RateLimit-Reset"])
            assert -1 <= reset - (clock.now().timestamp() + wait) < 1
            clock.advance(seconds=wait - 1)
            if wait > 1:
                assert (await line.place(CALLEE)).status_code == 429
            clock.advance(seconds=1)
            assert (await line.place(CALLEE)).status_code == 200


@given(
    pauses=st.lists(st.integers(0, 200_000_000), min_size=3, max_size=12),
    talk_seconds=st.integers(1, 400),
)
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_retry_after_is_true_whatever_is_talked(open_line, clock, pauses, talk_seconds):
    """With talk under way and talk that leaves the window, the wait told is enough."""
    line = await open_line(
        population=talking(talk_seconds), minutes_limit=3, window=timedelta(minutes=10)
    )
    for pause in pauses:
        clock.advance(microseconds=pause)
        answer = await line.place(CALLEE)
        if answer.status_code == 429:
            clock.advance(seconds=int(answer.headers["Retry-After"]))
            assert (await line.place(CALLEE)).status_code == 200


async def test_a_wait_is_worked_out_anew_after_the_next_call(open_line, clock):
    """Retry-After speaks of the calls in the window now, not of those at the last refusal."""
    line = await open_line(population=QUICK, calls_limit=2)
    await line.place(CALLEE)
    clock.advance(minutes=3)
    await line.place(CALLEE)
    assert (await line.place(CALLEE)).headers["Retry-After"] == str(24 * 3600 - 180)
    clock.advance(seconds=24 * 3600 - 180)
    assert (await line.place(CALLEE)).status_code == 200
    assert (await line.place(CALLEE)).headers["Retry-After"] == "180"


async def test_minutes_are_counted_as_they_are_talked(open_line, clock):
    """Talk counts from the answer, second by second, not at the end."""
    line = await open_line(population=talking(90), minutes_limit=2)
    assert (await line.place(CALLEE)).json()["rate_limit"]["minutes_used"] == 0
    clock.advance(seconds=45)
    assert (await line.place(CALLEE)).json()["rate_limit"]["minutes_used"] == 0.75
    clock.advance(seconds=90)
    answer = await line.place(CALLEE)
    assert answer.status_code == 429
    assert answer.headers["X-RateLimit-Limit"] == "2"


async def test_retry_after_is_true_for_minutes(open_line, clock):
    """Talk leaves the window second by second as it came."""
    line = await open_line(population=talking(120), minutes_limit=2)
    await line.place(CALLEE)
    clock.advance(seconds=120)
    answer = await line.place(CALLEE)
    wait = int(answer.headers["Retry-After"])
    assert wait == 24 * 3600 - 120 + 1
    clock.advance(seconds=wait - 1)
    assert (await line.place(CALLEE)).status_code == 429
    clock.advance(seconds=1)
    assert (await line.place(CALLEE)).status_code == 200


async def test_both_limits_must_have_room_at_the_end_of_a_wait(open_line, clock):
    """Retry-After waits for the later of calls and minutes."""
    line = await open_line(population=talking(120), calls_limit=1, minutes_limit=1)
    await line.place(CALLEE)
    clock.advance(minutes=10)
    wait = int((await line.place(CALLEE)).headers["Retry-After"])
    assert wait == 24 * 3600 - 600 + 60 + 1
    clock.advance(seconds=wait)
    assert (await line.place(CALLEE)).status_code == 200


async def test_limits_are_counted_per_organisation_over_all_its_numbers(open_line):
    """One number's calls use up the other's room, but not another organisation's."""
    line = await open_line(population=QUICK, calls_limit=1)
    await line.place(CALLEE)
    refused = await line.place(CALLEE, from_number="+14155550101")
    foreign = await line.b.post(
        "/place-call", json={"from_number": "+12125550100", "to_number": CALLEE}
    )
    assert refused.status_code == 429
    assert foreign.json()["rate_limit"]["calls_used"] == 1


async def test_the_window_can_be_shortened(open_line, clock):
    """A person can try out the limits in a minute."""
    line = await open_line(population=QUICK, calls_limit=1, window=timedelta(seconds=60))
    await line.place(CALLEE)
    assert (await line.place(CALLEE)).headers["Retry-After"] == "60"
    clock.advance(seconds=60)
    assert (await line.place(CALLEE)).status_code == 200


async def test_lifted_limits_refuse_nobody(open_line):
    """None lifts a limit; the figures on the wire stay numbers."""
    line = await open_line(population=QUICK, calls_limit=None, minutes_limit=None)
    answers = [await line.place(CALLEE) for _ in range(150)]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[-1].json()["rate_limit"]["calls_used"] == 150
    assert isinstance(answers[-1].json()["rate_limit"]["calls_limit"], int)


@pytest.mark.parametrize(
    "options", [{"calls_limit": 0}, {"minutes_limit": -1}, {"window": timedelta()}]
)
def test_a_limit_that_is_not_above_zero_is_refused(options):
    """A limit is a positive figure, or None where it is lifted."""
    with pytest.raises(ValueError, match=next(iter(options))):
        SandboxOptions(**options)
