"""Two that are after the same attempt, answers that belong to another, and a lock that is lost."""

import asyncio

from inkbatch.dialer.reconcile import reconcile
from inkbatch.dialer.rounds import look_around
from inkbatch.dialer.run import pass_once
from inkbatch.domain.attempt import AttemptState
from tests import faults
from tests.trial_campaigns import attempts_of, callees, numbers


async def test_of_two_that_find_a_lost_call_one_binds_it(campaign, rehearse):
    """Both look it up at once; the one that is later finds that the attempt has moved on."""
    folder = campaign(numbers(1))
    trial = await rehearse(folder, dials=faults.only([1], faults.times_out), population=callees())
    async with trial.shift() as shift:
        await pass_once(shift)
        await trial.clock.sleep_until(attempts_of(trial)[0].look_at)

        ours = look_around(shift)
        settled = await asyncio.gather(*(reconcile(shift, ours) for _ in range(2)))

    (attempt,) = attempts_of(trial)
    (call,) = trial.sandbox.ledger()
    assert sorted(settled) == [0, 1]
    assert (attempt.state, attempt.call_id) == (AttemptState.PLACED, str(call.call_id))


async def test_whoever_lost_its_dialing_lock_dials_nobody_any_more(campaign, rehearse, tmp_path):
    """Somebody removed the lock's file, so that another process could take one of that name."""

    def remove_lock():
        for path in tmp_path.glob("*.lock"):
            path.unlink()

    spoiled = faults.only([2], faults.meanwhile(remove_lock))
    trial = await rehearse(campaign(numbers(5)), dials=spoiled, population=callees())

    result = await trial.run()

    assert "lock was lost" in result.problem
    assert result.may_pass, "whoever starts it again in some minutes goes on"
    assert len(trial.sandbox.ledger()) == 2
