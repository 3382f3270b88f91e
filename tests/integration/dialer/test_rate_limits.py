"""The organisation's limits: told by the server, shared with others, and held by every shift."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inkbatch.dialer.run import run_shift
from inkbatch.domain.budget import Limits
from tests import faults
from tests.ledger_oracle import most_minutes
from tests.trial_campaigns import attempts_of, call_by_hand, callees, numbers

SOON = timedelta(minutes=10)
DAY = timedelta(hours=24)
OTHERS = numbers(6, areas=("602",))


def refusals(trial):
    """Return how many requests were answered with 429."""
    return trial.sandbox.answers_by_status().get(429, 0)


async def test_a_429_holds_every_shift_of_the_organisation(campaign, rehearse, bounded):
    """Others used up the limit: the hold is stored, and another campaign's shift obeys it."""
    trial = await rehearse(campaign(numbers(4)), population=callees(seed=5), calls_limit=8)
    by_hand = faults.meanwhile(lambda: call_by_hand(trial, *OTHERS))
    trial.workplace.transport.dials = faults.only([3], by_hand)

    held = await trial.run(linger=SOON, on_pass=bounded)
    other = replace(trial, folder=campaign(numbers(1, areas=("312",)), name="other"))
    also_held = await other.run(linger=SOON)

    assert held.placed == 2
    assert refusals(trial) == 1
    assert "429" in held.why
    assert held.wake_at - trial.clock.now() > timedelta(hours=23)
    assert (also_held.placed, also_held.wake_at) == (0, held.wake_at)
    assert trial.workplace.transport.dials_seen == 3


async def test_the_figures_that_come_with_a_429_are_believed(campaign, rehearse, bounded):
    """Where its body tells what the server counted, others' use outlasts the hold."""
    told = {"calls_used": 9, "calls_limit": 9, "minutes_used": 3.0, "minutes_limit": 50.0}
    trial = await rehearse(campaign(numbers(4)), population=callees(seed=5))
    refused = faults.refuses(429, "used up", rate_limit=told)
    trial.workplace.transport.dials = faults.only([3], refused)

    await trial.run(linger=SOON, on_pass=bounded)

    organisation = trial.record().organisation
    with trial.desk.store.reading() as tx:
        assert tx.limits(organisation) == Limits(calls=9, minutes=50.0)
        assert tx.usage(organisation, now=trial.clock.now()).calls == 9


async def test_after_a_429_the_same_try_dials_once_the_hold_is_over(campaign, rehearse, bounded):
    """Nobody is dialed before, no try is used up, and the limit is not run into again."""
    trial = await rehearse(campaign(numbers(5)), population=callees(seed=5), calls_limit=8)
    by_hand = faults.meanwhile(lambda: call_by_hand(trial, *OTHERS))
    trial.workplace.transport.dials = faults.only([3], by_hand)

    await trial.run(on_pass=bounded)

    ours = [call for call in trial.sandbox.ledger() if call.to_number not in OTHERS]
    assert ours[2].created_at - ours[0].created_at >= DAY
    assert {each.ordinal for each in attempts_of(trial)} == {1}
    assert trial.counts().contacts == {"reached": 5}
    assert refusals(trial) == 1


async def test_foreign_use_in_the_call_list_is_counted_from_the_start(campaign, rehearse, bounded):
    """Only what others left is dialed, and what they used comes back a day after they used it."""
    trial = await rehearse(
        campaign(numbers(8), pacing={"calls_at_once": 4}),
        population=callees(seed=5),
        calls_limit=10,
    )
    by_hand_at = trial.clock.now()
    await call_by_hand(trial, *OTHERS)
    await trial.clock.sleep_until(by_hand_at + timedelta(hours=3))

    today = await trial.run(linger=SOON, on_pass=bounded)
    await trial.run(on_pass=bounded)

    assert today.placed == 4
    next_at = trial.sandbox.ledger()[10].created_at
    assert by_hand_at + DAY <= next_at < by_hand_at + DAY + timedelta(minutes=10)
    assert trial.counts().contacts == {"reached": 8}
    assert refusals(trial) == 0


async def test_foreign_use_that_no_list_shows_is_held_for_a_day(campaign, rehearse, bounded):
    """Only the snapshot on our own answer tells of it; from there on it counts."""
    trial = await rehearse(
        campaign(numbers(8), pacing={"calls_at_once": 2}),
        population=callees(seed=5),
        calls_limit=10,
    )
    await call_by_hand(trial, *OTHERS)
    hidden = [call.call_id for call in trial.sandbox.ledger()]
    trial.workplace.transport.reads = faults.always(faults.hides(*hidden))

    today = await trial.run(linger=SOON, on_pass=bounded)
    await trial.run(on_pass=bounded)

    assert today.placed == 4
    assert "10 of 10 calls" in today.why
    assert trial.counts().contacts == {"reached": 8}
    assert refusals(trial) == 0


async def test_minutes_of_others_are_not_forgotten_while_own_calls_go_on(
    campaign, rehearse, bounded
):
    """What is reserved for calls in progress is no use that the server could have counted yet."""
    folder = campaign(
        numbers(60),
        pacing={"calls_at_once": 10, "calls_per_minute": "unlimited"},
        budget={"predicted_minutes": 2.9, "minutes_max": 3.0},
    )
    talks = callees("answer", talk_median=timedelta(minutes=2.9), talk_sigma=0)
    trial = await rehearse(folder, population=talks, minutes_limit=100)

    async with trial.shift() as shift:
        by_hand = faults.meanwhile(lambda: call_by_hand(trial, *numbers(10, areas=("808",))))
        trial.workplace.transport.dials = faults.only([1], by_hand)
        await run_shift(shift, linger=SOON, on_pass=bounded)

    assert 95 < most_minutes(trial.sandbox.ledger()) <= 100
    assert refusals(trial) == 0


@pytest.mark.parametrize(
    ("limits", "placed"),
    [
        ({"calls_limit": 6, "minutes_limit": 100}, 6),
        ({"calls_limit": 100, "minutes_limit": 5}, 5),
    ],
    ids=["calls", "minutes"],
)
async def test_the_servers_own_limits_hold_from_its_first_answer(
    campaign, rehearse, bounded, limits, placed
):
    """The documented 100 and 100 are believed only until the server says otherwise."""
    minute_long = callees(seed=5, talk_median=timedelta(minutes=1), talk_sigma=0)
    trial = await rehearse(
        campaign(numbers(9), pacing={"calls_at_once": 3}, budget={"minutes_max": 1.0}),
        population=minute_long,
        **limits,
    )

    today = await trial.run(linger=SOON, on_pass=bounded)

    assert today.placed == placed
    assert refusals(trial) == 0


async def test_a_first_batch_larger_than_unknown_limits_provokes_no_429(
    campaign, rehearse, bounded
):
    """Before the server ever told its limits, one call asks for them."""
    trial = await rehearse(
        campaign(numbers(9), pacing={"calls_at_once": 9, "calls_per_minute": "unlimited"}),
        population=callees(seed=5),
        calls_limit=6,
    )

    today = await trial.run(linger=SOON, on_pass=bounded)

    assert (today.placed, refusals(trial)) == (6, 0)
