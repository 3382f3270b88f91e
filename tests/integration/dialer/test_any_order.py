"""Events, polls and results may come in any order and any number: the end is the same."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkbatch.dialer.results import Posted, record_result
from inkbatch.dialer.run import look_only, pass_once
from inkbatch.domain.result import Effect
from inkbatch.ports import CallEvent
from inkbatch.sandbox import SandboxOptions
from inkbatch.testing import rehearsal
from tests.integration.dialer.conftest import MONDAY
from tests.trial_campaigns import attempts_of, callees, contacts_of, numbers, write_campaign

(HER,) = numbers(1)
HOOK = "https://inkbatch.example.com/webhooks/inkbox"
ATTEMPTS = {"max": 3, "retry": {"no_answer": "4h", "voicemail": "4h"}}
OUTCOMES = ("answer", "voicemail", "no_answer")
ASKED_FOR = "2026-11-06T15:00:00+00:00"

EFFECTS = st.lists(st.sampled_from(list(Effect)), max_size=3)
OTHERS = st.lists(st.sampled_from(["event", "poll", "time"]), max_size=8)


@dataclass(frozen=True)
class Story:
    """What happens to one call after it was placed: `steps` are actions, or indexes of effects."""

    outcome: str
    effects: tuple[Effect, ...]
    steps: tuple[object, ...]


@st.composite
def stories(draw):
    """Mix results, in their order and each perhaps again later, with everything else."""
    effects = draw(EFFECTS)
    others = draw(OTHERS)
    turns = draw(st.permutations([True] * len(effects) + [False] * len(others)))
    results, rest = iter(range(len(effects))), iter(others)
    steps = [next(results if is_result else rest) for is_result in turns]
    again = draw(st.lists(st.sampled_from(range(len(effects))), max_size=3)) if effects else []
    for index in again:
        steps.insert(draw(st.integers(steps.index(index) + 1, len(steps))), index)
    return Story(draw(st.sampled_from(OUTCOMES)), tuple(effects), tuple(steps))


@pytest.fixture(scope="module")
def live_through(sqlite_template):
    """Live through a story from the dial on, and return all that is known at its end."""

    async def live(story):
        with tempfile.TemporaryDirectory() as name:
            database = Path(name) / "trial.db"
            shutil.copy(sqlite_template, database)
            folder = write_campaign(
                Path(name) / "trial", [HER], webhook_url=HOOK, attempts=ATTEMPTS
            )
            population = callees(story.outcome, seed=5)
            async with rehearsal(
                folder,
                start=MONDAY,
                database=database,
                sandbox_options=SandboxOptions(population=population),
                poll_seconds=20,
            ) as trial:
                return await _live(trial, story)

    return cache(lambda story: asyncio.run(live(story)))


async def _live(trial, story):
    async with trial.shift() as shift:
        await pass_once(shift)
        for number, step in enumerate(story.steps):
            await _do(trial, shift, step, story, number=number)
        # whatever the order was, time goes on and polling has the last word
        await trial.clock.sleep_until(MONDAY + timedelta(hours=2))
        await look_only(shift)
    with trial.desk.store.reading() as tx:
        usage = tx.usage("sandbox", now=MONDAY + timedelta(hours=3))
        entry = tx.suppression(HER)
    (attempt,), (contact,) = attempts_of(trial), contacts_of(trial)
    return {
        "attempt": (attempt.state, attempt.disposition, attempt.talk_minutes, attempt.ended_at),
        "contact": (contact.state, contact.why, contact.waits_until),
        "turn": (contact.priority, contact.attempts_used),
        "usage": usage,
        "suppressed": entry is not None,
    }


async def _do(trial, shift, step, story, *, number):
    match step:
        case "event":
            _tell(trial, number)
        case "poll":
            await look_only(shift)
        case "time":
            await trial.clock.sleep_until(trial.clock.now() + timedelta(seconds=45))
        case index:
            _post(trial, index, story.effects[index])


def _tell(trial, number):
    (call,) = trial.sandbox.ledger()
    now = trial.clock.now()
    for id_ in (f"evt_{number}", "evt_again"):
        event = CallEvent(id=id_, call_id=str(call.call_id), received_at=now, body="{}")
        with trial.desk.store.transaction() as tx:
            tx.keep_event(event)


def _post(trial, index, effect):
    posted = Posted(
        id=f"result-{index}",
        word="talked",
        effect=effect,
        call_back_at=ASKED_FOR if effect is Effect.CALL_BACK else None,
    )
    attempt_id = attempts_of(trial)[0].id
    record_result(trial.desk.store, attempt_id, posted, now=trial.clock.now())


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=stories())
def test_any_order_and_number_of_events_polls_and_results_ends_alike(live_through, story):
    """As if the call had been polled to its end first, and each result had come once after it."""
    told_once = tuple(range(len(story.effects)))
    plain = Story(story.outcome, story.effects, ("time", "time", "time", "poll", *told_once))
    assert live_through(story) == live_through(plain)
