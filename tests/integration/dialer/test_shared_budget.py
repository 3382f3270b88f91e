"""Several campaigns on one budget, at the same time and one after the other."""

import re
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

from typer.testing import CliRunner

from inkbatch.cli import app
from inkbatch.dialer.budget_facts import budget_facts
from inkbatch.dialer.run import pass_once
from inkbatch.domain.budget import HeadRoom
from tests.integration.dialer.conftest import MONDAY
from tests.ledger_oracle import most_minutes
from tests.trial_campaigns import (
    attempts_of,
    call_by_hand,
    callees,
    numbers,
    say_state,
    usage_of,
)

DAY = timedelta(hours=24)
SOON = timedelta(minutes=10)
PASSES_MAX = 2000
OTHERS = numbers(3, areas=("602",))
EVENINGS = {"weekdays": ["10:00-14:00"], "weekends": ["10:00-14:00"]}
MINUTE_LONG = callees(seed=5, talk_median=timedelta(minutes=1), talk_sigma=0)


def part(**budget):
    """The budget of a campaign whose calls last two minutes at most."""
    return {"minutes_max": 2.0, **budget}


async def at_the_same_time(*trials):
    """Let a shift of each campaign work as if each were a process of its own."""
    async with AsyncExitStack() as stack:
        shifts = [await stack.enter_async_context(trial.shift()) for trial in trials]
        for _ in range(PASSES_MAX):
            results = [await pass_once(shift) for shift in shifts]
            wakes = [result.wake_at for result in results if result.wake_at is not None]
            if not wakes:
                return results
            await trials[0].clock.sleep_until(min(wakes))
    raise AssertionError(f"the runs do not end: {results}")


def calls_to(trial, rows):
    """Return the ledger's calls to these numbers."""
    return [call for call in trial.sandbox.ledger() if call.to_number in set(rows)]


def busiest_day(calls):
    """Return the most calls in any rolling 24 hours."""
    starts = [call.created_at for call in calls]
    return max(sum(at - DAY < other <= at for other in starts) for at in starts)


async def test_two_campaigns_share_several_nights(campaign, rehearse):
    """One goes first, the other has its guarantee; what the first leaves is borrowed at last."""
    urgent, patient = numbers(20), numbers(20, areas=("312",))
    first = campaign(urgent, name="urgent", priority=5, calling_window=EVENINGS, budget=part())
    second = campaign(
        patient, name="patient", calling_window=EVENINGS, budget=part(guaranteed_share=0.3)
    )
    trial = await rehearse(
        first, population=MINUTE_LONG, calls_limit=10, minutes_limit=15, poll_seconds=60
    )

    await at_the_same_time(trial, replace(trial, folder=second))

    ledger, days = trial.sandbox.ledger(), {}
    for call in ledger:
        name = "urgent" if call.to_number in set(urgent) else "patient"
        days.setdefault(call.created_at.date(), []).append(name)
    shares = [(names.count("urgent"), names.count("patient")) for names in days.values()]
    assert shares == [(7, 3), (7, 3), (6, 4), (0, 10)]
    assert (busiest_day(ledger), len(ledger)) == (10, 40)
    assert most_minutes(ledger) <= 15
    assert 429 not in trial.sandbox.answers_by_status()


async def test_what_another_may_need_tonight_is_kept_while_only_one_runs(campaign, rehearse):
    """Nobody works at the other campaign yet, and its share is there when somebody does."""
    patient = numbers(9, areas=("312",))
    first = campaign(numbers(30), name="urgent", priority=5, budget=part())
    second = campaign(patient, name="patient", budget=part(guaranteed_calls=4))
    trial = await rehearse(first, population=MINUTE_LONG, calls_limit=10)
    other = replace(trial, folder=second)
    async with other.shift():
        pass  # enrolls its people and dials nobody

    alone = await trial.run(linger=SOON)
    then = await other.run(linger=SOON)

    assert (alone.placed, then.placed) == (6, 4)
    assert "4 calls and 4.0 minutes kept for other campaigns" in alone.why


async def test_a_share_without_people_or_of_a_paused_campaign_is_borrowed(campaign, rehearse):
    """A guarantee keeps nothing for nobody: not where all are called, nor where nobody dials."""
    patient = numbers(2, areas=("312",))
    trial = await rehearse(
        campaign(numbers(30), name="urgent", budget=part()),
        population=MINUTE_LONG,
        calls_limit=10,
    )
    few = replace(trial, folder=campaign(patient, name="few", budget=part(guaranteed_share=0.9)))
    paused = replace(
        trial,
        folder=campaign(OTHERS, name="paused", budget=part(guaranteed_share=0.9)),
    )
    async with paused.shift():
        pass
    say_state(paused, "paused")

    done = await few.run(linger=SOON)
    rest = await trial.run(linger=SOON)

    assert (done.placed, rest.placed) == (2, 8)


async def test_a_share_lapses_when_nobody_runs_its_campaign_for_days(campaign, rehearse):
    """A campaign that was forgotten keeps nothing from the others for ever."""
    trial = await rehearse(
        campaign(numbers(30), name="urgent", budget=part()),
        population=MINUTE_LONG,
        calls_limit=10,
    )
    forgotten = campaign(OTHERS, name="forgotten", budget=part(guaranteed_share=0.3))
    async with replace(trial, folder=forgotten).shift():
        pass
    today = await trial.run(linger=SOON)
    await trial.clock.sleep_until(trial.clock.now() + 4 * DAY)

    later = await trial.run(linger=SOON)

    assert (today.placed, later.placed) == (7, 10)


async def test_a_ceiling_is_never_passed(campaign, rehearse, bounded):
    """There is room for more, but not for this campaign."""
    folder = campaign(numbers(12), budget=part(ceiling_calls=5, ceiling_minutes=50.0))
    trial = await rehearse(folder, population=MINUTE_LONG)

    today = await trial.run(linger=SOON, on_pass=bounded)
    await trial.run(on_pass=bounded)

    assert today.placed == 5
    assert "5 of 5 calls" in today.why
    assert busiest_day(trial.sandbox.ledger()) == 5
    assert trial.counts().contacts == {"reached": 12}


async def test_a_reserve_is_for_calls_made_by_hand(campaign, rehearse, bounded):
    """Calls by hand use it up first, and take nothing else from the campaigns."""
    trial = await rehearse(
        campaign(numbers(12), budget=part()),
        population=MINUTE_LONG,
        calls_limit=10,
        reserve_calls=4,
        reserve_minutes=8.0,
    )
    await call_by_hand(trial, *OTHERS)

    today = await trial.run(linger=SOON, on_pass=bounded)

    assert today.placed == 6
    assert usage_of(trial).calls == 9


async def test_calls_of_a_campaign_that_nobody_runs_are_collected_by_another(campaign, rehearse):
    """Its minutes are settled by the first pass that comes along, and by its own rules."""
    left = campaign(
        numbers(2),
        name="left",
        budget=part(predicted_minutes=2.0),
        pacing={"calls_at_once": 2},
        attempts={"reached": ["voicemail"], "max": 3, "retry": {"no_answer": "6h"}},
    )
    trial = await rehearse(left, population=callees("no_answer", seed=5))
    async with trial.shift() as shift:
        await pass_once(shift)
        await pass_once(shift)
    assert {each.state for each in attempts_of(trial)} == {"placed"}
    reserved = usage_of(trial)
    other = replace(trial, folder=campaign(numbers(1), name="other", budget=part()))
    await trial.clock.sleep_until(trial.clock.now() + timedelta(minutes=5))

    async with other.shift() as shift:
        result = await pass_once(shift)

    assert reserved.minutes == 4.0
    assert result.collected == 2
    assert {each.state for each in attempts_of(trial)[:2]} == {"ended"}
    assert trial.counts().contacts == {"waiting": 2}


async def test_what_follows_such_a_call_is_what_its_own_campaign_says(campaign, rehearse):
    """Its cool-downs and its last day hold, not those of the campaign whose shift collects."""
    left = campaign(
        numbers(2),
        name="left",
        budget=part(predicted_minutes=2.0),
        pacing={"calls_at_once": 2},
        attempts={"max": 3, "retry": {"no_answer": "6h"}},
        expires="2026-11-02",
        cool_down={"no_answer": "5d"},
    )
    trial = await rehearse(
        left, population=callees("no_answer", seed=5), start=MONDAY.replace(hour=23)
    )
    async with trial.shift() as shift:
        await pass_once(shift)
        await pass_once(shift)
    mild = campaign(numbers(1, areas=("312",)), name="mild", budget=part())
    other = replace(trial, folder=mild)
    await trial.clock.sleep_until(trial.clock.now() + timedelta(minutes=5))

    async with other.shift() as shift:
        await pass_once(shift)

    assert trial.counts().contacts == {"expired": 2}
    people = numbers(2)
    with trial.desk.store.reading() as tx:
        facts = tx.number_facts(people, since=trial.clock.now(), now=trial.clock.now())
    ended = {each.number: each.ended_at for each in attempts_of(trial)}
    assert {each: facts[each].cooling_until for each in people} == {
        each: ended[each] + timedelta(days=5) for each in people
    }


async def test_calls_of_a_campaign_at_work_are_left_to_it(campaign, rehearse):
    """Its lock is taken, so its shift is alive and looks at them itself."""
    trial = await rehearse(campaign(numbers(1), name="busy"), population=callees("talk_on"))
    other = replace(trial, folder=campaign(OTHERS[:1], name="other"))
    async with trial.shift() as busy:
        await pass_once(busy)
        await trial.clock.sleep_until(trial.clock.now() + timedelta(minutes=5))
        async with other.shift() as shift:
            await pass_once(shift)
        (attempt,) = [each for each in attempts_of(trial) if each.number == numbers(1)[0]]

    assert attempt.looks == 0


async def test_status_tells_where_the_budget_stands(campaign, rehearse):
    """What is free, what comes back when, who shares it, and what the server counted."""
    trial = await rehearse(
        campaign(numbers(3), name="urgent", budget=part(guaranteed_share=0.25)),
        population=MINUTE_LONG,
        calls_limit=10,
        minutes_limit=40,
    )
    other = replace(trial, folder=campaign(numbers(2, areas=("312",)), name="other"))
    await call_by_hand(trial, OTHERS[0])
    await trial.run(linger=SOON)
    await other.run(linger=SOON)

    with trial.desk.store.reading() as tx:
        facts = budget_facts(
            tx, trial.record().organisation, reserve=HeadRoom(calls=2), now=trial.clock.now()
        )
    settings = trial.workplace.settings
    environment = {
        "INKBATCH_DATABASE_URL": settings.database_url,
        "INKBATCH_BASE_URL": settings.base_url,
        "COLUMNS": "120",
    }
    shown = CliRunner().invoke(app, ["status", "urgent"], env=environment).output

    assert facts.free.calls == 10 - 6 - 1
    assert (facts.next_releases[0].calls > 0, facts.by_hand.calls) == (True, 1)
    assert [(each.campaign, each.used.calls) for each in facts.sharers] == [
        ("other", 2),
        ("urgent", 3),
    ]
    assert facts.server is not None
    assert facts.server.latest.told.calls == 6
    assert facts.server.most_calls.drift.calls == 0
    assert re.search(r"free now +\d+ calls, ", shown)
    assert "it counted 6 calls" in shown
    assert "guaranteed" in shown


async def test_drift_is_measured_and_kept(campaign, rehearse):
    """A call by hand that came after the backfill is the server's word against ours, once."""
    trial = await rehearse(campaign(numbers(4), budget=part()), population=MINUTE_LONG)

    async with trial.shift() as shift:
        await pass_once(shift)
        await call_by_hand(trial, *OTHERS[:2])
        for _ in range(8):
            await trial.clock.sleep_until(trial.clock.now() + timedelta(minutes=2))
            await pass_once(shift)

    with trial.desk.store.reading() as tx:
        server = tx.snapshots(trial.record().organisation)
    assert server.most_calls.drift.calls == 2
    assert server.latest.drift.calls == 0
    assert usage_of(trial).calls == 6
