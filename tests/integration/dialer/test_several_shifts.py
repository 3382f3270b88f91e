"""Several shifts at one campaign: whose attempts are whose, what they share, who tells of it."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

import pytest

from inkbatch.dialer.choose import choose
from inkbatch.dialer.night_watch import NightWatch
from inkbatch.dialer.run import pass_once, run_shift
from inkbatch.dialer.steering import steer
from inkbatch.dialer.why import why
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.errors import CampaignBusy
from inkbatch.ports import CallEvent
from inkbatch.wiring import load_campaign
from tests import faults
from tests.ledger_oracle import by_number
from tests.trial_campaigns import attempts_of, callees, contacts_of, numbers, say_state

TWO = {"calls_at_once": 4, "calls_per_minute": "unlimited", "shifts_at_once": 2}
LONG_CALLS = callees(seed=5, talk_median=timedelta(minutes=5), talk_sigma=0)


def most_at_once(ledger):
    """Return how many calls were in progress at the same time."""
    changes = [(call.created_at, 1) for call in ledger] + [(call.ended_at, -1) for call in ledger]
    at_once = most = 0
    for _, change in sorted(changes):
        at_once += change
        most = max(most, at_once)
    return most


async def together(*shifts, bounded):
    """Let all of them run to their end, side by side."""
    return await asyncio.gather(*(run_shift(each, linger=None, on_pass=bounded) for each in shifts))


async def died_after(trial, work):
    """Let another shift begin, do this, and die."""
    with suppress(faults.PowerCut):
        async with trial.shift() as shift:
            await work(shift)
            raise faults.PowerCut
    return shift


async def intend(shift):
    """Write intents and send none."""
    with shift.store.transaction(organisation=shift.organisation) as tx:
        return choose(shift, tx)


async def test_two_shifts_share_one_list_and_its_limits(campaign, rehearse, bounded):
    """Everybody is called once, by either of them, and both together keep the calls at once."""
    people = numbers(30)
    trial = await rehearse(campaign(people, pacing=TWO), population=callees(seed=5))
    async with trial.shift() as first, trial.shift() as second:
        results = await together(first, second, bounded=bounded)

    ledger = trial.sandbox.ledger()
    assert trial.counts().contacts == {"reached": len(people)}
    assert {number: len(calls) for number, calls in by_number(ledger).items()} == dict.fromkeys(
        people, 1
    )
    assert all(result.placed for result in results)
    assert most_at_once(ledger) == TWO["calls_at_once"]


async def test_no_more_shifts_begin_than_the_campaign_says(campaign, rehearse):
    """A third is told why; whose lock comes free, its place can be taken."""
    trial = await rehearse(campaign(numbers(1), pacing=TWO))
    async with AsyncExitStack() as working:
        first = await working.enter_async_context(trial.shift())
        async with trial.shift() as second:
            with pytest.raises(CampaignBusy, match="by 2 other processes"):
                await working.enter_async_context(trial.shift())
        third = await working.enter_async_context(trial.shift())

    assert first.lock_name != second.lock_name == third.lock_name


async def test_a_shift_leaves_alone_what_a_living_one_of_its_campaign_has(campaign, rehearse):
    """What it reserved, it may be about to send; what it dialed, it looks at itself."""
    trial = await rehearse(campaign(numbers(6), pacing=TWO), population=LONG_CALLS)
    async with trial.shift() as theirs, trial.shift() as ours:
        (reserved,) = (await intend(theirs)).attempts
        await pass_once(theirs)
        before = {each.id: each for each in attempts_of(trial) if each.shift_id == theirs.id}

        await pass_once(ours)
        await trial.clock.sleep_until(trial.clock.now() + timedelta(seconds=30))
        result = await pass_once(ours)

        after = {each.id: each for each in attempts_of(trial)}
        assert {id_: after[id_] for id_ in before} == before
        assert after[reserved.id].state == AttemptState.RESERVED
        assert (len(before), result.recovered) == (4, 0)


async def test_a_shift_that_stays_takes_over_from_one_that_dies(campaign, rehearse, bounded):
    """It waits as long as the other has calls in progress, and ends what that one cannot."""
    trial = await rehearse(campaign(numbers(4), pacing=TWO), population=LONG_CALLS)
    async with trial.shift() as staying:

        async def dial_all(dying):
            await pass_once(dying)
            idle = await pass_once(staying)
            assert (idle.placed, idle.wake_at) == (0, idle.at + dying.timing.poll_every)

        dead = await died_after(trial, dial_all)
        assert [each.shift_id for each in attempts_of(trial)] == [dead.id] * 4

        await together(staying, bounded=bounded)

    assert trial.counts().contacts == {"reached": 4}
    assert len(trial.sandbox.ledger()) == 4


async def test_intents_of_a_dead_shift_are_looked_up_by_one_that_lives(campaign, rehearse, bounded):
    """Its lock came free; nobody had to take that very lock for good."""
    trial = await rehearse(campaign(numbers(3), pacing=TWO), population=callees(seed=5))
    async with trial.shift() as staying:
        await died_after(trial, intend)

        await together(staying, bounded=bounded)

    assert bounded[0].recovered == 1
    assert trial.counts().contacts == {"review": 1, "reached": 2}


async def test_calls_of_a_shift_that_stands_still_are_looked_at_after_a_while(campaign, rehearse):
    """Its process is stopped and holds its lock; what it dialed ends all the same."""
    trial = await rehearse(campaign(numbers(4), pacing=TWO), population=callees(seed=5))
    async with trial.shift() as standing, trial.shift() as ours:
        standing.acquainted.set()
        await pass_once(standing)
        look_at = max(each.look_at for each in attempts_of(trial))

        await trial.clock.sleep_until(look_at + timedelta(seconds=50))
        assert (await pass_once(ours)).collected == 0
        await trial.clock.sleep_until(look_at + timedelta(seconds=70))
        assert (await pass_once(ours)).collected == 4


async def test_whoever_may_not_dial_any_more_waits_for_its_own_calls_alone(campaign, rehearse):
    """A shift that lost its lock ends, though the other one goes on for hours."""
    trial = await rehearse(campaign(numbers(8), pacing=TWO), population=LONG_CALLS)
    async with trial.shift() as stopped, trial.shift() as working:
        working.acquainted.set()
        await pass_once(working)
        stopped.lock.release()

        result = await run_shift(stopped, linger=None)

        assert "lock was lost" in result.problem
        assert (result.passes, result.wake_at) == (1, None)


async def test_events_of_another_shifts_calls_are_left_to_it(campaign, rehearse, bounded):
    """Webhooks tell of calls; whose call it is looks it up, once."""
    trial = await rehearse(
        campaign(numbers(4), pacing=TWO, webhook_url="https://hooks.example.com/inkbox"),
        population=LONG_CALLS,
    )
    async with trial.shift() as theirs, trial.shift() as ours:
        await pass_once(theirs)
        placed = attempts_of(trial)[0]
        with trial.desk.store.transaction() as tx:
            tx.keep_event(told_of(placed, at=trial.clock.now()))

        await pass_once(ours)
        with trial.desk.store.reading() as tx:
            assert len(tx.pending_events(ours.record.id)) == 1
        await pass_once(theirs)
        with trial.desk.store.reading() as tx:
            assert tx.pending_events(ours.record.id) == []
        say_state(trial, CampaignState.PAUSED)
        await together(theirs, ours, bounded=bounded)


def told_of(attempt, *, at):
    return CallEvent(id="evt_1", call_id=attempt.call_id, received_at=at, body="{}")


async def test_a_pause_and_a_cancel_reach_all_of_them(campaign, rehearse, bounded):
    """Nobody more is dialed by either, and who waits is withdrawn once."""
    trial = await rehearse(campaign(numbers(12), pacing=TWO), population=LONG_CALLS)
    async with trial.shift() as first, trial.shift() as second:
        await pass_once(first)
        await pass_once(second)
        dialed = len(trial.sandbox.ledger())
        with trial.desk.store.transaction() as tx:
            steer(tx, first.record.id, CampaignState.CANCELED, reason=None, now=trial.clock.now())

        results = await together(first, second, bounded=bounded)

    assert len(trial.sandbox.ledger()) == dialed
    assert {result.why for result in results} == {"the campaign is canceled: no reason given"}
    assert trial.counts().contacts == {"reached": dialed, "withdrawn": 12 - dialed}


async def test_a_night_of_two_shifts_is_told_once(campaign, rehearse):
    """Both see at the same moment that it is over; one tells."""
    trial = await rehearse(campaign(numbers(9), pacing=TWO), population=callees(seed=5))
    told = []

    def watched(shift):
        watch = NightWatch(shift, told.append)
        return run_shift(shift, linger=timedelta(minutes=5), on_pass=watch.after_pass)

    async with trial.shift() as first, trial.shift() as second:
        await asyncio.gather(watched(first), watched(second))

    assert [notice.figures["calls"] for notice in told] == [9]
    assert {each.state for each in contacts_of(trial)} == {"reached"}


async def test_why_names_every_process_that_dials(campaign, rehearse):
    """A person sees both, and neither once they have ended."""
    trial = await rehearse(campaign(numbers(2), pacing=TWO), population=callees(seed=5))
    async with trial.shift() as first, trial.shift() as second:
        assert {each.id for each in dialed_by(trial)} == {first.id, second.id}
    assert dialed_by(trial) == ()


def dialed_by(trial):
    campaign = load_campaign(trial.folder)
    return why(trial.desk.store, campaign, trial.record(), clock=trial.clock).shifts
