"""Requests that certainly never left: nothing rang, and nothing is used up."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.errors import TooLate
from tests import faults
from tests.ledger_oracle import attempt_id
from tests.trial_campaigns import attempts_of, callees, numbers, say_state, usage_of

DOWN_FOR = timedelta(minutes=40)
ENOUGH_PASSES = 30
"""More than back-off needs for a server that is down this long, far less than a busy loop."""


async def test_attempts_that_were_not_sent_dial_later_unspent(campaign, rehearse, bounded):
    """The server is down for a while: the same attempt goes out once it is back."""
    trial = await rehearse(campaign(numbers(1)), population=callees(seed=5))
    back_at = trial.clock.now() + DOWN_FOR
    trial.workplace.transport.dials = faults.until(trial.clock, back_at, faults.cannot_connect)
    planned = []

    def look(result):
        bounded(result)
        if result.at < back_at:
            planned.extend((each.id, each.state) for each in attempts_of(trial))
            assert usage_of(trial).calls == 0

    await trial.run(on_pass=look)

    call = trial.sandbox.ledger()[0]
    assert set(planned) == {(attempt_id(call), AttemptState.PLANNED)}
    assert call.created_at >= back_at
    assert [each.ordinal for each in attempts_of(trial)] == [1]
    assert trial.counts().contacts == {"reached": 1}


class HeldUpOnce:
    """A client that is held up for so long that it does not send its first request."""

    def __init__(self, real):
        self._real = real
        self._late = TooLate("its time was over before the request was written")

    def __getattr__(self, name):
        return getattr(self._real, name)

    async def place_call(self, request):
        """Dial, but for the first time."""
        late, self._late = self._late, None
        if late is not None:
            raise late
        return await self._real.place_call(request)


async def test_a_request_that_was_too_late_says_nothing_of_the_server(campaign, rehearse, bounded):
    """It is decided anew at once: Inkbox answers, so that nobody has to leave it alone."""
    trial = await rehearse(campaign(numbers(1)), population=callees(seed=5))
    began_at = trial.clock.now()
    desk = replace(trial.desk, telephony=HeldUpOnce(trial.desk.telephony))

    await replace(trial, desk=desk).run(on_pass=bounded)

    (call,) = trial.sandbox.ledger()
    assert call.created_at == began_at
    assert [each.ordinal for each in attempts_of(trial)] == [1]


async def test_back_off_grows_and_nothing_loops_meanwhile(campaign, rehearse, bounded):
    """Half an hour without a server costs a handful of passes, ever further apart."""
    trial = await rehearse(campaign(numbers(3)), population=callees(seed=5))
    back_at = trial.clock.now() + DOWN_FOR
    line = trial.workplace.transport
    async with trial.shift():
        pass
    line.dials = faults.until(trial.clock, back_at, faults.cannot_connect)

    await trial.run(on_pass=bounded)

    down = [each for each in bounded if each.at < back_at]
    waits = [later.at - earlier.at for earlier, later in pairwise(down)]
    assert waits == sorted(waits)
    assert waits[-1] >= 8 * waits[0]
    assert "cannot be reached" in down[0].why
    assert len(down) < ENOUGH_PASSES
    assert trial.counts().contacts == {"reached": 3}


async def test_a_paused_campaign_does_not_loop_while_its_calls_cannot_be_read(
    campaign, rehearse, bounded
):
    """Paused with a call in progress and the server down: it looks again only now and then."""
    trial = await rehearse(campaign(numbers(2)), population=callees(seed=5))
    back_at = trial.clock.now() + DOWN_FOR

    def pause(result):
        bounded(result)
        if len(bounded) == 1:
            say_state(trial, CampaignState.PAUSED)
            line.reads = faults.until(trial.clock, back_at, faults.cannot_connect)

    line = trial.workplace.transport
    await trial.run(on_pass=pause)

    assert len(bounded) < ENOUGH_PASSES
    assert trial.counts().contacts == {"reached": 1, "due": 1}
