"""Calls in progress are watched to their end, for as long as that can be, and at little cost."""

from datetime import timedelta
from itertools import pairwise

from tests import faults
from tests.trial_campaigns import (
    attempts_of,
    call_by_hand,
    callees,
    contacts_of,
    numbers,
    usage_of,
)

BUDGET = {"minutes_max": 2.0, "predicted_minutes": 1.5}
GIVEN_UP_AFTER = timedelta(minutes=2, hours=1)
HISTORY = 2_000


async def test_a_call_that_never_ends_goes_to_review_with_its_minutes_counted(
    campaign, rehearse, bounded
):
    """An hour past the maximum nobody waits any longer, and nobody can say what it used."""
    endless = callees("talk_on", max_duration=timedelta(days=30))
    trial = await rehearse(campaign(numbers(1), budget=BUDGET), population=endless)

    await trial.run(on_pass=bounded)

    (attempt,) = attempts_of(trial)
    assert trial.counts().contacts == {"review": 1}
    assert attempt.disposition == "unknown"
    assert GIVEN_UP_AFTER < attempt.ended_at - attempt.reserved_at < GIVEN_UP_AFTER * 1.1
    assert usage_of(trial).calls == 1
    assert 60 < usage_of(trial).minutes < (attempt.ended_at - attempt.reserved_at).seconds / 60
    await trial.clock.sleep_until(attempt.ended_at + timedelta(hours=23))
    assert usage_of(trial).minutes > 60


async def test_a_call_that_inkbox_forgot_goes_to_review(campaign, rehearse, bounded):
    """Its record is gone from the list and by its id: it was placed, so it is never redialed."""
    trial = await rehearse(campaign(numbers(2), budget=BUDGET), population=callees(seed=5))

    def forget(result):
        bounded(result)
        if len(bounded) == 1:
            (call,) = trial.sandbox.ledger()
            trial.workplace.transport.reads = faults.always(faults.hides(call.call_id))

    await trial.run(on_pass=forget)

    assert trial.counts().contacts == {"review": 1, "reached": 1}
    assert trial.workplace.transport.dials_seen == 2
    assert contacts_of(trial)[0].state == "review"


async def test_reading_costs_no_more_however_long_the_history_is(campaign, rehearse, bounded):
    """The call list is read no further back than the oldest call in progress, even in vain."""
    trial = await rehearse(
        campaign(numbers(3), budget=BUDGET),
        population=callees(seed=5),
        calls_limit=None,
        minutes_limit=None,
        poll_seconds=120,
    )
    await call_by_hand(trial, *numbers(20, areas=("602",)) * (HISTORY // 20))
    await trial.clock.sleep_until(trial.clock.now() + timedelta(days=3))
    reads = []

    def count(result):
        bounded(result)
        reads.append(trial.workplace.transport.reads_seen)
        if len(bounded) == 1:
            gone = faults.hides(trial.sandbox.ledger()[HISTORY].call_id)
            trial.workplace.transport.reads = faults.always(gone)

    await trial.run(on_pass=count)

    assert len(trial.sandbox.ledger()) == HISTORY + 3
    # the numbers of the organisation, and one page of each number's calls of the last two days
    assert reads[0] <= 4
    # one page of the list, and the call that is not on it by its id
    assert max(later - earlier for earlier, later in pairwise(reads)) == 2


async def test_calls_that_began_at_different_moments_are_looked_at_together(
    campaign, rehearse, bounded
):
    """However many are in progress, the list is read once a poll and not once a poll and call."""
    poll = timedelta(seconds=25)  # the calls begin a minute apart: never a whole number of polls
    trial = await rehearse(
        campaign(numbers(3), pacing={"calls_at_once": 3, "calls_per_minute": 1}),
        population=callees(talk_median=timedelta(minutes=4), talk_sigma=0),
        poll_seconds=poll.total_seconds(),
    )
    read_at, seen = [], 1000

    def note(result):
        nonlocal seen
        bounded(result)
        if trial.workplace.transport.reads_seen > seen:
            read_at.append(result.at)
        seen = trial.workplace.transport.reads_seen

    await trial.run(on_pass=note)

    assert len(trial.sandbox.ledger()) == 3
    assert len(read_at) > 10
    assert min(later - earlier for earlier, later in pairwise(read_at)) == poll
