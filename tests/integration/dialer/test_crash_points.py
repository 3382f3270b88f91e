"""The process dies at each crash point, the first and the second time it gets there."""

import os
from contextlib import suppress
from dataclasses import replace

import pytest

from inkbatch.domain.attempt import AttemptState
from tests import faults
from tests.crash_points import FAULT_POINTS, CrashPoints
from tests.ledger_oracle import attempt_id, by_number
from tests.trial_campaigns import attempts_of, callees, numbers

CONTACTS = 5
TIMES_MAX = int(os.environ.get("INKBATCH_CRASHES_MAX", "2"))
"""The greatest n at which a process dies that passes a point for the nth time."""

CASES = [
    pytest.param(point, nth, id=f"{number}-{point}-{nth}".replace(" ", "_"))
    for number, points in FAULT_POINTS.items()
    for point in points
    for nth in range(1, TIMES_MAX + 1)
]


def troubled(points):
    """Return a schedule that loses the second answer, refuses the third dial, loses a request."""

    async def during(inner, request):
        answer = await inner.handle_async_request(request)
        points.at("during place_call")
        return answer

    spoiled = {2: faults.times_out, 3: faults.refuses(429, "slow down"), 5: faults.vanishes}
    return lambda ordinal: spoiled.get(ordinal, during)


@pytest.mark.parametrize(("point", "nth"), CASES)
async def test_whoever_dies_at_a_crash_point_calls_nobody_twice_and_loses_nobody(
    point, nth, campaign, rehearse, bounded
):
    """The next run goes on: one call an attempt, one answered call a contact, all accounted for."""
    points = CrashPoints(point, nth=nth)
    folder = campaign(numbers(CONTACTS), breaker=100)
    trial = await rehearse(folder, dials=troubled(points), population=callees(seed=5))
    dying = replace(trial, desk=points.around(trial.desk))
    with suppress(faults.PowerCut):
        await dying.run(on_pass=bounded)
    assert points.passed[point] >= 1  # it gets there; not always so often
    assert points.struck == (points.passed[point] >= nth)
    points.struck, points.name = False, None

    await trial.run(on_pass=bounded)

    ledger, attempts = trial.sandbox.ledger(), attempts_of(trial)
    dialed = [attempt_id(call) for call in ledger]
    assert len(set(dialed)) == len(dialed)
    assert all(len(calls) == 1 for calls in by_number(ledger).values())
    assert {each.state for each in attempts} <= {AttemptState.ENDED, AttemptState.WITHDRAWN}
    assert {each.id: each.call_id for each in attempts if each.call_id} == {
        attempt_id(call): str(call.call_id) for call in ledger
    }
    contacts = trial.counts().contacts
    assert sum(contacts.values()) == CONTACTS
    assert contacts.keys() <= {"reached", "review"}
    assert contacts["reached"] == len(ledger)
