"""A campaign with a pilot: so many calls, a pause with figures, and on after a resume."""

import pytest

from inkbatch.domain.campaign import CampaignState
from tests import faults
from tests.trial_campaigns import attempts_of, callees, numbers, say_state

AT_ONCE = {"calls_at_once": 4, "calls_per_minute": "unlimited"}


async def test_the_campaign_pauses_itself_after_its_pilot_and_goes_on_once_resumed(
    campaign, rehearse, bounded
):
    """Five calls, a pause that tells what they came to, then everybody else, with no second one."""
    trial = await rehearse(
        campaign(numbers(12), pilot={"calls": 5}, pacing=AT_ONCE), population=callees()
    )

    first = await trial.run(on_pass=bounded)

    assert (first.placed, first.problem, first.wake_at) == (5, None, None)
    assert len(trial.sandbox.ledger()) == 5
    record = trial.record()
    assert record.state is CampaignState.PAUSED
    assert record.pilot_ended_at is not None
    assert record.state_reason.startswith(
        "pilot: 5 calls ended; 5 of 5 that rang were answered (57%"
    )
    assert record.state_reason in first.why
    assert (await trial.run()).placed == 0

    say_state(trial, CampaignState.ACTIVE)
    rest = await trial.run(on_pass=bounded)
    assert rest.placed == 7
    assert trial.record().state is CampaignState.ACTIVE
    assert trial.counts().contacts == {"reached": 12}


async def test_a_pause_by_hand_does_not_end_a_pilot(campaign, rehearse):
    """Who pauses and resumes in the middle of a pilot has not seen its figures yet."""
    trial = await rehearse(campaign(numbers(9), pilot={"calls": 6}), population=callees())
    async with trial.shift():
        say_state(trial, CampaignState.PAUSED)
    assert (await trial.run()).placed == 0
    say_state(trial, CampaignState.ACTIVE)
    assert (await trial.run()).placed == 6
    assert trial.record().state_reason.startswith("pilot: 6 calls")


async def test_dials_that_made_no_call_are_not_of_the_pilot(campaign, rehearse, bounded):
    """Whom the carrier could not dial, nobody learned anything from."""
    trial = await rehearse(
        campaign(numbers(8), pilot={"calls": 3}, breaker=9),
        dials=faults.only([1, 2], faults.refuses(422, "to_number is invalid")),
        population=callees(),
    )
    await trial.run(on_pass=bounded)
    assert len(trial.sandbox.ledger()) == 3
    assert trial.record().state_reason.startswith("pilot: 3 calls ended")


async def test_a_list_that_ends_before_its_pilot_is_simply_done(campaign, rehearse):
    """With nobody left to call there is nothing to wait for."""
    trial = await rehearse(campaign(numbers(3), pilot={"calls": 3}), population=callees())
    assert (await trial.run()).why == "everyone is reached or given up with a reason"
    assert trial.record().state is CampaignState.ACTIVE


@pytest.mark.parametrize("seed", range(6))
async def test_never_more_calls_than_the_pilot_whatever_dies_in_between(
    campaign, rehearse, bounded, seed
):
    """Processes that die between intent and answer leave calls that count for the pilot."""
    folder = campaign(numbers(30), pilot={"calls": 7}, pacing=AT_ONCE, breaker=50)
    spoiled = faults.seeded(seed, faults.power_cut, faults.times_out, faults.vanishes, share=0.4)
    trial = await rehearse(folder, population=callees(seed=5), dials=spoiled)
    for _ in range(12):
        try:
            await trial.run(on_pass=bounded)
        except faults.PowerCut:
            continue
    assert len(trial.sandbox.ledger()) <= 7
    assert len(attempts_of(trial)) == 7
    assert trial.record().state is CampaignState.PAUSED
    assert trial.record().state_reason.startswith("pilot: 7 calls ended")
    say_state(trial, CampaignState.ACTIVE)
    trial.workplace.transport.dials = faults.only([], faults.power_cut)
    await trial.run(on_pass=bounded)
    assert len(attempts_of(trial)) == 30
