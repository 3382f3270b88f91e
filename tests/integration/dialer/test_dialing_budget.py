"""Minutes are predicted, reserved and settled; head-room stays untouched."""

from datetime import timedelta

import pytest

from tests.trial_campaigns import attempts_of, callees, numbers, usage_of

SOON = timedelta(minutes=10)
ENOUGH = 20
"""Calls of its own after which a campaign predicts from them."""


def talkers(minutes, **odds):
    """Return people who all talk for so long."""
    return callees(seed=5, talk_median=timedelta(minutes=minutes), talk_sigma=0, **odds)


async def test_minutes_are_predicted_from_twenty_calls_on(campaign, rehearse, bounded):
    """The configured figure serves until then; the campaign's own 90th percentile after that."""
    folder = campaign(
        numbers(ENOUGH + 2), budget={"predicted_minutes": 0.5}, pacing={"calls_at_once": 1}
    )
    trial = await rehearse(folder, population=talkers(2), poll_seconds=90)

    await trial.run(on_pass=bounded)

    predicted = [each.predicted_minutes for each in attempts_of(trial)]
    assert predicted[:ENOUGH] == [0.5] * ENOUGH
    assert predicted[ENOUGH:] == pytest.approx([2.0, 2.0])


async def test_reservations_settle_to_the_real_minutes_and_come_back(campaign, rehearse, bounded):
    """In progress a call counts as predicted, ended as it was, and a day later not at all."""
    trial = await rehearse(
        campaign(numbers(2), budget={"predicted_minutes": 3.0}), population=talkers(2)
    )
    reserved = []

    def note(result):
        bounded(result)
        reserved.append(usage_of(trial).minutes)

    await trial.run(on_pass=note)

    assert max(reserved) == pytest.approx(2.0 + 3.0)
    assert (usage_of(trial).calls, usage_of(trial).minutes) == (2, pytest.approx(4.0))
    await trial.clock.sleep_until(trial.clock.now() + timedelta(hours=24))
    assert (usage_of(trial).calls, usage_of(trial).minutes) == (0, 0.0)


@pytest.mark.parametrize(
    ("budget", "limits", "placed"),
    [
        ({"head_room_calls": 2}, {"calls_limit": 6}, 4),
        (
            {"head_room_minutes": 4.0, "predicted_minutes": 2.0, "minutes_max": 2.0},
            {"minutes_limit": 10},
            3,
        ),
    ],
    ids=["calls", "minutes"],
)
async def test_head_room_is_left_for_others(campaign, rehearse, bounded, budget, limits, placed):
    """The campaign stops where the head-room begins, and goes on when its own use comes back."""
    folder = campaign(numbers(5), budget=budget, pacing={"calls_at_once": 5})
    trial = await rehearse(folder, population=talkers(2), **limits)

    today = await trial.run(linger=SOON, on_pass=bounded)
    began_at = trial.sandbox.ledger()[0].created_at
    await trial.run(on_pass=bounded)

    assert today.placed == placed
    assert today.why.startswith("budget: ")
    assert trial.sandbox.ledger()[placed].created_at >= began_at + timedelta(hours=24)
    assert trial.counts().contacts == {"reached": 5}


async def test_a_call_that_outlasts_its_prediction_counts_as_long_as_it_is(
    campaign, rehearse, bounded
):
    """Minutes that are being talked are used while it lasts, whatever was reserved for them."""
    trial = await rehearse(
        campaign(numbers(1), budget={"predicted_minutes": 1.0}), population=callees("talk_on")
    )
    used = []

    def note(result):
        bounded(result)
        used.append((result.at, usage_of(trial).minutes))

    await trial.run(on_pass=note)

    (call,) = trial.sandbox.ledger()
    talked = [
        (minutes, (at - call.started_at) / timedelta(minutes=1))
        for at, minutes in used
        if call.started_at < at < call.ended_at
    ]
    assert talked[-1][1] > 2
    assert all(minutes == pytest.approx(max(since, 1.0)) for minutes, since in talked)


@pytest.mark.parametrize("overrun", [0.0, 3.0])
async def test_minutes_never_pass_the_limit_even_if_all_calls_run_to_their_maximum(
    campaign, rehearse, bounded, overrun
):
    """Calls at once become fewer near the limit; an overrun that is allowed is the most."""
    budget = {"predicted_minutes": 1.0, "minutes_max": 4.0, "overrun_minutes": overrun}
    folder = campaign(numbers(30), pacing={"calls_at_once": 5}, budget=budget)
    endless = callees("talk_on", max_duration=timedelta(minutes=4))
    trial = await rehearse(folder, population=endless, minutes_limit=15)

    await trial.run(linger=SOON, on_pass=bounded)

    talked = sum(
        (each.ended_at - each.started_at).total_seconds() for each in trial.sandbox.ledger()
    )
    assert 15 + overrun - 4 < talked / 60 <= 15 + overrun
    assert usage_of(trial).minutes == pytest.approx(talked / 60)
    assert 429 not in trial.sandbox.answers_by_status()


async def test_a_campaign_whose_calls_can_never_fit_says_so(campaign, rehearse, bounded):
    """Nothing waits for a day that never comes: it says which figures do not go together."""
    budget = {"minutes_max": 10.0, "ceiling_minutes": 8.0}
    trial = await rehearse(campaign(numbers(3), budget=budget), population=talkers(1))

    result = await trial.run(on_pass=bounded)

    assert (result.placed, result.wake_at) == (0, None)
    assert (
        "a call may last 10 minutes, and this campaign may use at most 100 calls and 8 minutes"
        in (result.why)
    )


async def test_a_campaign_without_a_ceiling_is_not_told_of_one(campaign, rehearse):
    """What holds it is the organisation's budget, and that is what it says."""
    trial = await rehearse(campaign(numbers(3)), population=callees(), calls_limit=2)

    result = await trial.run(linger=timedelta(minutes=30))

    assert result.why.startswith("budget: 2 of 2 calls")
    assert "ceiling" not in result.why
