"""What `inkbatch plan` lists is what a rehearsal then dials, and looking changes nothing."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from inkbatch.domain.budget import Limits
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.suppression import Suppression
from inkbatch.sandbox import Script
from inkbatch.sandbox.script import Behaviour, Outcome
from inkbatch.showing import foresee
from tests.integration.dialer.conftest import MONDAY
from tests.ledger_oracle import attempt_id
from tests.trial_campaigns import (
    AREAS,
    attempts_of,
    callees,
    contacts_of,
    numbers,
    say_state,
)

AT_ONCE = {"calls_at_once": 4, "calls_per_minute": "unlimited"}
HOURS = ["00:00-24:00"], ["09:00-12:00"], ["10:30-11:00", "15:00-24:00"], ["00:00-06:30"]
DAY = timedelta(days=1)
OTHERS = numbers(9, areas=("312",))


def as_foreseen(people, *, minutes=1.0):
    """Callees who all answer at once and talk the predicted minutes."""
    answers = Behaviour(outcome=Outcome.ANSWER, ring=timedelta(), talk=timedelta(minutes=minutes))
    script = Script(callees=dict.fromkeys(people, (answers,)))
    return callees(script=script, dial=timedelta())


async def foreseen(trial, *, limit=1000):
    return await foresee(
        trial.desk.store,
        trial.record(),
        clock=trial.clock,
        timing=trial.desk.timing,
        limit=limit,
    )


def dials(trial):
    """Who was dialed when, and from where, oldest first."""
    made = {each.id: each for each in attempts_of(trial)}
    in_order = [made[attempt_id(call)] for call in trial.sandbox.ledger()]
    return [
        (each.reserved_at, each.contact_id, each.ordinal, each.from_number) for each in in_order
    ]


def planned(preview):
    return [(c.at, c.contact.id, c.ordinal, c.from_number) for c in preview.calls]


def drawn(random):
    """A list of several zones and priorities, and rules of every kind that decides who is next."""
    people = numbers(random.randint(1, 24), areas=tuple(AREAS))
    rows = [{"Phone": each, "Priority": str(random.randint(0, 2))} for each in people]
    rules = {
        "calling_window": {"weekdays": random.choice(HOURS), "weekends": ["00:00-24:00"]},
        "pacing": {
            "calls_at_once": random.randint(1, 5),
            "calls_per_minute": random.choice([1, 3, "unlimited"]),
        },
        "budget": {
            "predicted_minutes": random.choice([0.5, 1.0, 2.5]),
            "head_room_calls": random.randint(0, 2),
        },
        "from_numbers": ["+14155550100", "+14155550101"][: random.randint(1, 2)],
    }
    limits = {"calls_limit": random.randint(3, 30), "minutes_limit": random.randint(5, 30)}
    return people, rows, rules, limits


@pytest.mark.parametrize("seed", range(14))
async def test_the_plan_is_what_a_rehearsal_dials_when_calls_go_as_foreseen(
    campaign, rehearse, bounded, seed
):
    """Each call of the next 24 hours, in order, to the microsecond, from the same number.

    The campaign is under way: some were called before, so the limits are known and partly used.
    """
    random = Random(seed)
    people, rows, rules, limits = drawn(random)
    answering = as_foreseen(people, minutes=rules["budget"]["predicted_minutes"])
    start = MONDAY.replace(hour=random.randrange(14))
    trial = await rehearse(campaign(rows, **rules), start=start, population=answering, **limits)
    await trial.run(linger=timedelta(minutes=random.randint(0, 3)), on_pass=bounded)
    _tell_limits(trial, limits)
    before = len(dials(trial))
    later = random.choice([timedelta(), timedelta(hours=5), DAY])
    await trial.clock.sleep_until(trial.clock.now() + later)
    at = trial.clock.now()

    preview = await foreseen(trial)

    assert len(dials(trial)) == before, preview
    await trial.run(on_pass=bounded)
    real = [each for each in dials(trial)[before:] if each[0] < at + DAY]
    assert planned(preview) == real, (at, preview.then, preview.then_at)


@pytest.mark.parametrize("seed", range(4))
async def test_whoever_answers_or_not_the_first_calls_are_those_of_the_plan(
    campaign, rehearse, seed
):
    """Until a call ends otherwise than foreseen, the plan is what happens."""
    trial = await rehearse(
        campaign(numbers(20), pacing=AT_ONCE), population=callees("no_answer", seed=seed)
    )
    async with trial.shift():
        preview = await foreseen(trial)
    await trial.run(linger=timedelta(minutes=5))
    assert planned(preview)[:4] == dials(trial)[:4]
    same_order = [contact for _, contact, _, _ in dials(trial)[:20]]
    assert [call.contact.id for call in preview.calls] == same_order


async def test_a_plan_leaves_other_campaigns_what_is_kept_for_them(campaign, rehearse):
    """As a rehearsal of the campaign alone does, whether the others are at work or not."""
    budget = {"minutes_max": 2.0}
    trial = await rehearse(
        campaign(numbers(20), budget=budget, pacing=AT_ONCE),
        calls_limit=10,
        population=as_foreseen([*numbers(20), *numbers(20, areas=("312",))]),
    )
    others = campaign(
        [{"Phone": each, "Priority": str(at % 3)} for at, each in enumerate(OTHERS)],
        name="others",
        priority=5,
        budget={**budget, "guaranteed_calls": 4},
    )
    async with replace(trial, folder=others).shift():
        pass  # enrolls its people and dials nobody
    async with trial.shift():
        _tell_limits(trial, {"calls_limit": 10, "minutes_limit": 100})
        preview = await foreseen(trial)
    result = await trial.run(linger=timedelta(minutes=10))

    assert (len(preview.calls), result.placed) == (6, 6)
    assert planned(preview) == dials(trial)
    assert "4 calls" in preview.then


async def test_looking_ahead_writes_nothing(campaign, rehearse):
    """Contacts, attempts and budget are after a plan what they were before."""
    trial = await rehearse(campaign(numbers(9)), calls_limit=4, population=callees())
    await trial.run(linger=timedelta(minutes=5))
    before = contacts_of(trial), attempts_of(trial), trial.record()
    assert len((await foreseen(trial)).calls) == 4
    assert before == (contacts_of(trial), attempts_of(trial), trial.record())
    assert len(trial.sandbox.ledger()) == 4


async def test_calls_in_progress_hold_their_slots_and_minutes(campaign, rehearse):
    """While another process runs the campaign, its calls are counted until they should end."""
    trial = await rehearse(
        campaign(numbers(6), pacing={"calls_at_once": 2, "calls_per_minute": "unlimited"}),
        population=callees("talk_on"),
    )
    await trial.run(linger=timedelta())
    in_progress = len(trial.sandbox.ledger())
    preview = await foreseen(trial)
    at = trial.clock.now()
    assert in_progress == 2
    assert [call.contact.row_number for call in preview.calls] == [4, 5, 6, 7]
    assert preview.calls[0].at == at + timedelta(minutes=1)


async def test_a_paused_campaign_is_planned_as_if_resumed_and_says_so(campaign, rehearse):
    """Who wants to know whether to resume wants to know whom that would call."""
    trial = await rehearse(campaign(numbers(3)), population=callees())
    async with trial.shift():
        say_state(trial, CampaignState.PAUSED)
    preview = await foreseen(trial)
    assert len(preview.calls) == 3
    assert preview.assumes[-1] == "the campaign is resumed now; it is paused: lunch"
    assert trial.record().state is CampaignState.PAUSED


async def test_a_plan_ends_with_the_pilot(campaign, rehearse):
    """After the pilot somebody has to look, so nobody is planned beyond it."""
    trial = await rehearse(campaign(numbers(9), pilot={"calls": 4}), population=callees())
    async with trial.shift():
        preview = await foreseen(trial)
    assert len(preview.calls) == 4
    assert "pilot: 4 calls ended" in preview.then


async def test_who_is_not_to_be_called_makes_room_for_those_behind(campaign, rehearse):
    """A copy that runs dry, since the first of the list are suppressed, is made greater."""
    people = numbers(90, areas=("212", "646", "917", "347", "718"))
    trial = await rehearse(campaign(people), population=callees())
    async with trial.shift():
        with trial.desk.store.transaction() as tx:
            tx.suppress([_opt_out(number, trial) for number in people[:80]])
        preview = await foreseen(trial, limit=5)
    assert [call.contact.row_number for call in preview.calls] == list(range(82, 87))


def _tell_limits(trial, limits):
    """Let the books know what the first answer would tell."""
    told = Limits(calls=limits["calls_limit"], minutes=limits["minutes_limit"])
    with trial.desk.store.transaction() as tx:
        tx.set_limits(trial.record().organisation, told, now=trial.clock.now())


def _opt_out(number, trial):
    return Suppression(number=number, reason="no", source="test", added_at=trial.clock.now())
