"""Why nothing is dialing, and what holds one contact back: by the rules that decide it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inkbatch.dialer.explain import outlook, told_of_number
from inkbatch.dialer.run import pass_once
from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.suppression import Suppression
from inkbatch.showing import foresee, why_now
from inkbatch.wiring import load_campaign
from tests import faults
from tests.integration.dialer.conftest import MONDAY
from tests.trial_campaigns import (
    attempts_of,
    call_by_hand,
    callees,
    contacts_of,
    numbers,
    say_state,
)

SOON = timedelta(minutes=5)
HOURS = {"weekdays": ["09:00-12:00", "13:00-20:00"]}


def why(trial):
    return why_now(trial.desk.store, trial.record(), clock=trial.clock)


async def foreseen(trial):
    store, record, timing = trial.desk.store, trial.record(), trial.desk.timing
    return await foresee(store, record, clock=trial.clock, timing=timing, limit=9)


def outlook_of(trial, number):
    with trial.desk.store.reading() as tx:
        (told,) = told_of_number(tx, number)
    return outlook(trial.desk.store, load_campaign(trial.folder), told, clock=trial.clock)


async def test_a_used_up_budget_is_told_with_its_figures_and_its_end(campaign, rehearse):
    """How much is used, when a call comes back and in how long, and who is due then."""
    trial = await rehearse(campaign(numbers(9)), calls_limit=4, population=callees())
    result = await trial.run(linger=SOON)
    told = why(trial)
    assert told.sentence.startswith("4 of 4 calls used; next call free at Tue 15:00 UTC in 2")
    assert "; 5 contacts due then; no process runs it: inkbatch run " in told.sentence
    assert (told.binding, told.next_at) == ("calls", result.wake_at)
    assert told.limits[0].name == "calls"
    assert told.releases[0].at == result.wake_at
    assert [(each.why, each.contacts) for each in told.contacts] == [("answered", 4)]


async def test_minutes_bind_by_themselves(campaign, rehearse):
    """Where calls are left and minutes are not, it is the minutes that are told."""
    trial = await rehearse(
        campaign(numbers(9), budget={"predicted_minutes": 3.0, "minutes_max": 4.0}),
        minutes_limit=4,
        population=callees("talk_on"),
    )
    result = await trial.run(linger=SOON)
    told = why(trial)
    assert (told.binding, told.next_at) == ("minutes", result.wake_at)
    assert "3.0 minutes free at" in told.sentence


async def test_what_others_are_to_have_is_told_where_it_binds(campaign, rehearse):
    """Calls and minutes are free, and they are another campaign's share."""
    trial = await rehearse(
        campaign(numbers(9), budget={"minutes_max": 2.0}),
        calls_limit=6,
        population=callees(talk_median=timedelta(minutes=1), talk_sigma=0),
    )
    others = numbers(9, areas=("312",))
    other = campaign(others, name="other", budget={"guaranteed_calls": 4, "minutes_max": 2.0})
    async with replace(trial, folder=other).shift():
        pass  # enrolls its people and dials nobody
    result = await trial.run(linger=SOON)
    told = why(trial)
    shared = next(limit for limit in told.limits if limit.name == "calls")
    assert (result.placed, told.binding, shared.calls) == (2, "share", 4)
    assert "4 calls and 4.0 minutes kept for other campaigns" in told.sentence
    assert (await foreseen(trial)).calls[0].at == told.next_at


async def test_a_ceiling_is_told_where_it_binds(campaign, rehearse):
    """The campaign's own releases say when it may go on, not those of everybody."""
    trial = await rehearse(
        campaign(numbers(9), budget={"minutes_max": 2.0, "ceiling_calls": 3}),
        population=callees(talk_median=timedelta(minutes=1), talk_sigma=0),
    )
    result = await trial.run(linger=SOON)
    told = why(trial)
    assert (result.placed, told.binding, told.next_at) == (3, "share", result.wake_at)
    assert "3 of 3 calls" in told.sentence


async def test_calls_in_progress_that_may_last_on_are_told(campaign, rehearse):
    """Minutes are left for a call, and not should those in progress last as long as they may."""
    trial = await rehearse(
        campaign(
            numbers(9),
            pacing={"calls_at_once": 5, "calls_per_minute": "unlimited"},
            budget={"predicted_minutes": 1.0, "minutes_max": 3.0},
        ),
        minutes_limit=10,
        population=callees("talk_on"),
    )
    async with trial.shift() as shift:
        for _ in range(2):
            await pass_once(shift)
        told = why(trial)
        assert (told.binding, told.next_at) == ("minutes", None)
        assert "calls in progress may take 6.0 more" in told.sentence
        assert told.open_attempts == {"placed": 3}


async def test_what_is_reserved_for_calls_by_hand_is_told(campaign, rehearse):
    """The reserve binds a campaign, so that who asks why is told of it."""
    trial = await rehearse(campaign(numbers(9)), calls_limit=4, population=callees())
    async with trial.shift():
        pass
    reserve = HeadRoom(calls=100)
    told = why_now(trial.desk.store, trial.record(), clock=trial.clock, reserve=reserve)
    assert told.binding == "calls"
    assert "(100 kept free)" in told.sentence


async def test_a_shut_calling_window_is_told_with_its_opening(campaign, rehearse):
    """At noon in New York everybody waits until one."""
    noon = MONDAY.replace(hour=17)
    trial = await rehearse(campaign(numbers(3), calling_window=HOURS), start=noon)
    async with trial.shift():
        told = why(trial)
    assert told.binding == "contacts"
    assert told.next_at == noon + timedelta(hours=1)
    assert "the first at 18:00 UTC in 1 h: 3 contacts due then" in told.sentence


async def test_a_pause_a_hold_and_an_end_are_told_by_name(campaign, rehearse):
    """Whatever else holds, what a person or Inkbox said comes first."""
    trial = await rehearse(campaign(numbers(2)), population=callees())
    async with trial.shift():
        hold = trial.clock.now() + timedelta(minutes=40)
        with trial.desk.store.transaction() as tx:
            tx.hold(trial.record().organisation, until=hold, reason="429", now=trial.clock.now())
        told = why(trial)
        assert (told.binding, told.next_at) == ("hold", hold)
        assert told.sentence == "on hold until 15:40 UTC in 40 min: 429; 2 contacts due then"
        say_state(trial, CampaignState.PAUSED)
        assert why(trial).sentence == "the campaign is paused: lunch"
        say_state(trial, CampaignState.ACTIVE)
    await trial.run()
    assert why(trial).sentence == "everyone is reached or given up with a reason"


async def test_who_holds_the_lock_is_told_and_a_dead_process_is_not_believed(campaign, rehearse):
    """A free lock is the proof that nobody dials, whatever the table of shifts says."""
    trial = await rehearse(
        campaign(numbers(3)), dials=faults.only([2], faults.power_cut), population=callees()
    )
    async with trial.shift() as shift:
        await pass_once(shift)
        told = why(trial)
        assert told.held_by.id == shift.id
        assert told.binding == "calls at once"
        assert told.open_attempts == {"placed": 1}
    assert why(trial).held_by is None
    with pytest.raises(faults.PowerCut):
        await trial.run()
    told = why(trial)
    assert (told.held_by, told.died) == (None, True)
    assert told.open_attempts == {"reserved": 1}


async def test_a_pilot_is_told_while_it_goes_on_and_when_it_paused(campaign, rehearse):
    """How many of its calls are made, and then the figures that wait for a resume."""
    trial = await rehearse(campaign(numbers(9), pilot={"calls": 2}), population=callees())
    async with trial.shift() as shift:
        await pass_once(shift)
        pilot = next(limit for limit in why(trial).limits if limit.name == "pilot")
        assert (pilot.calls, pilot.why) == (1, "pilot: 1 of 2 calls made, then it pauses")
    await trial.run()
    assert why(trial).sentence.startswith("the campaign is paused: pilot: 2 calls ended; 2 of 2")
    assert why(trial).binding == "campaign"


async def test_nothing_holds_it_back_and_no_process_runs_it(campaign, rehearse):
    """The most common reason of all, with what would bind first."""
    trial = await rehearse(campaign(numbers(3)), population=callees())
    async with trial.shift():
        pass
    told = why(trial)
    assert told.sentence.startswith("nothing holds it back but that no process runs it: 0 of 1")
    assert told.binding is None


@pytest.mark.parametrize("outcome", ["no_answer", "voicemail", "answer"])
async def test_the_next_time_that_is_told_is_when_the_dialer_calls(campaign, rehearse, outcome):
    """Retry delay, cap, calling window and budget: the contact alone is dialed at that instant."""
    (her,) = numbers(1)
    trial = await rehearse(
        campaign([her], calling_window=HOURS, attempts={"per": [{"attempts": 1, "period": "20h"}]}),
        calls_limit=1,
        population=callees(outcome, seed=3),
    )
    await trial.run(linger=SOON)
    for _ in range(3):
        told, before = outlook_of(trial, her), len(attempts_of(trial))
        if told.never is not None:
            break
        assert told.binds_last in ("cap", "calls", "calling window", "its own wait")
        await trial.clock.sleep_until(told.next_at - timedelta(seconds=1))
        assert (await trial.run(linger=timedelta())).placed == 0
        await trial.clock.sleep_until(told.next_at)
        await trial.run(linger=SOON)
        assert attempts_of(trial)[before].reserved_at == told.next_at
    (contact,) = contacts_of(trial)
    assert (told.never == "answered") == (outcome == "answer") == (contact.state == "reached")


async def test_the_rules_that_hold_a_contact_are_all_told(campaign, rehearse):
    """A suppression for a week, a cap and the wait after no answer; the longest binds last."""
    (her,) = numbers(1)
    trial = await rehearse(
        campaign([her], attempts={"per": [{"attempts": 1, "period": "20h"}]}),
        population=callees("no_answer"),
    )
    await trial.run(linger=SOON)
    week = trial.clock.now() + timedelta(days=7)
    entry = Suppression(
        number=her, reason="away", source="test", added_at=trial.clock.now(), expires_at=week
    )
    with trial.desk.store.transaction() as tx:
        tx.suppress([entry])
    told = outlook_of(trial, her)
    assert [each.rule for each in told.obstacles] == ["its own wait", "suppression list", "cap"]
    assert (told.next_at, told.binds_last) == (week, "suppression list")
    say_state(trial, CampaignState.PAUSED)
    told = outlook_of(trial, her)
    assert (told.next_at, told.binds_last) == (None, "campaign")


async def test_calls_of_others_are_counted(campaign, rehearse):
    """A budget that somebody else used up is told like one that we did."""
    trial = await rehearse(campaign(numbers(5)), calls_limit=3, population=callees())
    await call_by_hand(trial, "+442079460001", "+442079460002")
    await trial.run(linger=SOON)
    assert len(attempts_of(trial)) == 1
    assert why(trial).sentence.startswith("3 of 3 calls used; next call free at")
