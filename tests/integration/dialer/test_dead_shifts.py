"""Processes that die in the middle, and others that are alive: whose attempts are whose."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from inkbatch.dialer.choose import choose
from inkbatch.dialer.locks import lock_names
from inkbatch.dialer.run import pass_once, run_shift
from inkbatch.domain.attempt import AttemptState, Loss
from inkbatch.domain.eligibility import OPEN_ATTEMPT_WAIT
from tests import faults
from tests.ledger_oracle import attempt_id, by_number
from tests.trial_campaigns import attempts_of, callees, numbers

HER = numbers(1)[0]


async def die(_, __):
    """Die with the intents written down and nothing sent."""
    raise faults.PowerCut


async def test_a_call_of_a_dead_shift_is_found_and_not_dialed_again(campaign, rehearse, bounded):
    """The process died after the request and before the answer; the call list knows the call."""
    trial = await rehearse(
        campaign(numbers(3)), dials=faults.only([2], faults.power_cut), population=callees(seed=5)
    )
    with pytest.raises(faults.PowerCut):
        await trial.run()

    await trial.run(on_pass=bounded)

    (lost,) = [each for each in attempts_of(trial) if each.loss]
    assert (bounded[0].recovered, lost.loss) == (1, Loss.SHIFT_DEAD)
    assert lost.call_id in {str(call.call_id) for call in trial.sandbox.ledger()}
    assert trial.counts().contacts == {"reached": 3}
    assert len({attempt_id(call) for call in trial.sandbox.ledger()}) == 3
    assert len(trial.sandbox.ledger()) == 3


async def test_an_intent_of_a_dead_shift_that_nobody_finds_goes_to_review(
    campaign, rehearse, bounded
):
    """It may have been about to leave: only a person may decide to dial again."""
    folder = campaign([HER])
    dying = await rehearse(folder, placing=die)
    with pytest.raises(faults.PowerCut):
        await dying.run()
    trial = await rehearse(folder, population=callees(seed=5))

    await trial.run(on_pass=bounded)

    assert trial.counts().contacts == {"review": 1}
    assert trial.sandbox.ledger() == ()


async def test_an_intent_of_a_shift_that_was_said_to_have_ended_is_recovered(
    campaign, rehearse, bounded
):
    """A process that was stopped wrote it after another one had declared it dead.

    Found by the simulation (seed 11): the contact stayed in call for ever.
    """
    trial = await rehearse(campaign([HER]), population=callees(seed=5))
    async with trial.shift() as stopped:
        with stopped.store.transaction(organisation=stopped.organisation) as tx:
            tx.end_shift(stopped.id, reason="found dead", now=stopped.clock.now())
            choose(stopped, tx)

    await trial.run(on_pass=bounded)

    assert bounded[0].recovered == 1
    assert trial.counts().contacts == {"review": 1}


async def test_the_attempts_of_a_live_shift_are_left_alone(campaign, rehearse, bounded):
    """Another campaign's shift holds its lock, so its intents are its own business."""
    trial = await rehearse(campaign(numbers(1)), population=callees(seed=5))
    other = replace(trial, folder=campaign(numbers(2, areas=("312",)), name="other"))
    async with trial.shift() as alive:
        with alive.store.transaction(organisation=alive.organisation) as tx:
            (reserved,) = choose(alive, tx).attempts

        await other.run(on_pass=bounded)

        states = {each.id: each.state for each in attempts_of(trial)}
        assert states.pop(reserved.id) == AttemptState.RESERVED
        assert set(states.values()) == {AttemptState.ENDED}
        assert sum(each.recovered for each in bounded) == 0


async def test_two_campaigns_never_call_one_number_at_once(campaign, rehearse, bounded):
    """While one's call is open the other waits, and the caps count over all of them."""
    trial = await rehearse(
        campaign([HER], attempts=at_most(2)),
        population=callees(seed=5, talk_median=timedelta(minutes=5), talk_sigma=0),
    )
    other = replace(trial, folder=campaign([HER], name="other", attempts=at_most(2)))
    third = replace(trial, folder=campaign([HER], name="third", attempts=at_most(1)))
    async with trial.shift() as ours, other.shift() as theirs:
        await pass_once(ours)
        refused = await pass_once(theirs)
        await asyncio.gather(
            run_shift(ours, linger=None, on_pass=bounded),
            run_shift(theirs, linger=None, on_pass=bounded),
        )
    await third.run(on_pass=bounded)

    first, second, last = by_number(trial.sandbox.ledger())[HER]
    assert (refused.placed, refused.wake_at) == (0, first.created_at + OPEN_ATTEMPT_WAIT)
    assert second.created_at >= first.ended_at
    assert last.created_at - second.created_at == timedelta(hours=9)


def at_most(attempts):
    return {"per": [{"attempts": attempts, "period": "9h"}]}


class Looked:
    """A store whose lock another shift holds for the instant in which it looks at it."""

    def __init__(self, store):
        self._store = store
        self.looker = None

    def __getattr__(self, name):
        return getattr(self._store, name)

    def take_lock(self, name):
        """Be told that it is taken, once; the other one gives it back right after."""
        lock = self._store.take_lock(name)
        if self.looker is not None:
            self.looker.release()
            self.looker = None
        return lock


async def test_a_look_at_its_lock_keeps_no_campaign_from_being_dialed(campaign, rehearse, bounded):
    """Shifts of other campaigns hold it for an instant; that is not another process at work."""
    trial = await rehearse(campaign([HER]), population=callees(seed=5))
    trial = replace(trial, desk=replace(trial.desk, store=Looked(trial.desk.store)))
    ready = await trial.workplace.prepare(trial.desk, trial.folder)
    trial.desk.store.looker = trial.desk.store.take_lock(lock_names(ready.record.id)[0])
    assert trial.desk.store.looker is not None

    await trial.run(on_pass=bounded)

    assert trial.counts().contacts == {"reached": 1}
