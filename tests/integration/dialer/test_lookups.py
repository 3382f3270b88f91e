"""The rescuer never waits behind what it rescues, and what is told twice stops the dialing."""

import json
from dataclasses import replace

import httpx
import pytest

from inkbatch.dialer.run import pass_once
from inkbatch.dialer.shift import place_together
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.campaign import CampaignState
from inkbatch.ports import PlaceCall
from inkbatch.sandbox import phone_number_id
from tests import faults
from tests.ledger_oracle import attempt_id
from tests.trial_campaigns import FROM_NUMBERS, attempts_of, callees, numbers

NO_LIMITS = {"calls_limit": None, "minutes_limit": None}
WAIT_A_MOMENT = {"calls_at_once": 2, "calls_per_minute": "unlimited"}


def silent(number):
    """Make a fault of reads in which one number's calls cannot be read, and all else can."""
    hidden = str(phone_number_id(number))

    async def look(inner, request):
        if hidden in request.url.path.split("/"):
            return httpx.Response(500, json={"detail": "out of order"}, request=request)
        return await inner.handle_async_request(request)

    return look


async def test_a_number_that_cannot_be_read_holds_up_no_other(campaign, rehearse, bounded):
    """One lost call each from two numbers: that of the number in order is found, and all go on."""
    folder = campaign(numbers(6), from_numbers=list(FROM_NUMBERS), breaker=100)
    trial = await rehearse(
        folder, dials=faults.only([1, 2], faults.times_out), population=callees(seed=5)
    )
    line, fault = trial.workplace.transport, silent(FROM_NUMBERS[1])
    line.reads = lambda _: fault if line.dials_seen and trial.clock.now().hour < 18 else None

    def when_the_other_is_done(result):
        bounded(result)
        seen.append((result.at, {each.from_number: each.state for each in attempts_of(trial)}))

    seen = []
    result = await trial.run(on_pass=when_the_other_is_done)

    out_of_order = [states for at, states in seen if at.hour < 18]
    assert out_of_order[-1][FROM_NUMBERS[0]] == AttemptState.ENDED
    assert result.problem is None
    assert trial.counts().contacts == {"reached": 6}
    assert len({attempt_id(call) for call in trial.sandbox.ledger()}) == 6
    lost = [each for each in attempts_of(trial) if each.loss]
    assert {each.from_number for each in lost} == set(FROM_NUMBERS)
    # No look was made, so none was counted and the quiet time did not pass meanwhile.
    assert {each.disposition for each in lost} == {"answered"}


async def test_calls_in_progress_are_collected_while_lost_ones_cannot_be_read(
    campaign, rehearse, bounded
):
    """Nothing can be read for an hour; nobody is dialed blindly, and then everything goes on."""
    trial = await rehearse(
        campaign(numbers(4), breaker=100),
        dials=faults.only([1], faults.times_out),
        population=callees(seed=5),
    )
    begins = trial.clock.now()
    trial.workplace.transport.reads = faults.until(
        trial.clock, begins.replace(hour=begins.hour + 1), silent(FROM_NUMBERS[0])
    )
    with pytest.raises(Exception, match="cannot be"):
        await trial.run(on_pass=bounded)
    assert trial.workplace.transport.dials_seen == 0

    await trial.clock.sleep_until(begins.replace(hour=begins.hour + 2))
    await trial.run(on_pass=bounded)

    assert trial.counts().contacts == {"reached": 4}
    assert len(trial.sandbox.ledger()) == 4


def answers_as(first):
    """Make a fault in which a place-call is answered with the call of an earlier one."""

    async def confuse(inner, request):
        answer = await inner.handle_async_request(request)
        told = json.loads(await answer.aread())
        first.setdefault("id", told["id"])
        return httpx.Response(200, json={**told, "id": first["id"]}, request=request)

    return confuse


@pytest.mark.parametrize("is_open", [True, False], ids=["in a call", "ended"])
async def test_a_call_that_is_told_as_anothers_sends_both_to_review_and_stops(
    campaign, rehearse, bounded, is_open
):
    """F11: the second dial is answered with the first one's call, so neither can be believed."""
    pacing = WAIT_A_MOMENT if is_open else {"calls_at_once": 1, "calls_per_minute": "unlimited"}
    trial = await rehearse(
        campaign(numbers(5), pacing=pacing),
        dials=faults.always(answers_as({})),
        population=callees(seed=5),
    )

    result = await trial.run(on_pass=bounded)

    attempts = attempts_of(trial)
    assert trial.record().state is CampaignState.PAUSED
    assert "inkbatch review trial" in result.problem
    assert all(each.id in result.problem for each in attempts)
    assert len(attempts) == len(trial.sandbox.ledger()) == 2
    assert trial.counts().contacts == {"review": 2, "due": 3}


async def test_a_listed_call_that_another_attempt_has_sends_both_to_review(
    campaign, rehearse, bounded
):
    """F11 while looking a lost call up: its id names this attempt, and another one is bound."""
    trial = await rehearse(
        campaign(numbers(3), pacing=WAIT_A_MOMENT),
        dials=faults.only([2], faults.vanishes),
        population=callees(seed=5),
    )
    mine = []

    async def rename(inner, request):
        """List the first attempt's call as the lost one's."""
        answer = await inner.handle_async_request(request)
        told = json.loads(await answer.aread())
        lost = [each.id for each in attempts_of(trial) if each.loss]
        if lost and isinstance(told, list) and told and "local_phone_number" in told[0]:
            mine.append(told[-1]["id"])
            url = f"wss://agent.example.com/talk?inkbatch_attempt={lost[0]}"
            told[-1] = {**told[-1], "client_websocket_url": url}
        return httpx.Response(answer.status_code, json=told, request=request)

    trial.workplace.transport.reads = faults.always(rename)

    result = await trial.run(on_pass=bounded)

    assert mine
    assert mine[0] in result.problem
    assert trial.counts().contacts["review"] == 2
    assert trial.record().state is CampaignState.PAUSED


async def test_a_dead_shift_with_many_open_attempts_is_taken_over_as_a_whole(
    campaign, rehearse, bounded
):
    """All that one process had under way are found, each bound to its own call, none redialed."""

    async def send_and_die(attempts, place_one):
        if len(attempts) == 1:
            return await place_together(attempts, place_one)
        for attempt in attempts:
            url = f"wss://agent.example.com/talk?inkbatch_attempt={attempt.id}"
            request = PlaceCall(
                from_number=attempt.from_number,
                to_number=attempt.number,
                client_websocket_url=url,
                webhook_url=None,
            )
            await trial.desk.telephony.place_call(request)
        raise faults.PowerCut

    many = {"calls_at_once": 40, "calls_per_minute": "unlimited"}
    trial = await rehearse(
        campaign(numbers(31), pacing=many), population=callees(seed=5), **NO_LIMITS
    )
    with pytest.raises(faults.PowerCut):
        async with trial.shift() as shift:
            await pass_once(replace(shift, placing=send_and_die))

    await trial.run(on_pass=bounded)

    assert bounded[0].recovered == 30
    assert trial.counts().contacts == {"reached": 31}
    assert len(trial.sandbox.ledger()) == 31
    assert {each.id: each.call_id for each in attempts_of(trial)} == {
        attempt_id(call): str(call.call_id) for call in trial.sandbox.ledger()
    }
