"""Nights of a real deployment, one after the other, over a change of the clocks.

The machine is off for two nights, others use up some of the budget on some days, and at the end
the judge reads the sandbox's ledger alone.
"""

import asyncio
import json
import logging
import os
import re
import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from prefect import get_client
from prefect.flow_engine import run_flow_async

from flows.campaign_folder import Nights
from flows.deploying import deployment_of, require_pool
from flows.nightly import nightly
from flows.surroundings import Surroundings, within
from inkbatch.domain.campaign import CatchUp, Schedule
from inkbatch.sandbox import Population, SandboxOptions
from inkbatch.testing import rehearsal
from tests.acceptance.books import contacts_in, rows_of
from tests.acceptance.terminal import get_json
from tests.ledger_oracle import attempt_id, breaches
from tests.month import POOL, Month, Off, due_at, prefect_server
from tests.trial_campaigns import AREAS, attempts_of, callees, contacts_of, numbers, write_campaign

DAYS = int(os.environ.get("MONTH_DAYS", "5"))
PEOPLE = int(os.environ.get("MONTH_PEOPLE", "45"))
CALLED_IN = os.environ.get("MONTH_AREAS", "212 808").split()
"""`make month-test` takes 31 days, 480 people and five time zones."""

LIMITS = {"calls_limit": 100, "minutes_limit": 100}
CALLEES = Population(seed=7, dial_failure_rate=0.02)
ZONE = ZoneInfo("America/New_York")
UNREACHED = ("no_answer", "voicemail", "rejected", "failed", "dial_failed")
RULES = {
    "calling_window": {"weekdays": ["09:00-20:00"], "weekends": ["11:00-17:00"]},
    "attempts": {
        "max": 6 if DAYS > 7 else 2,
        "per": [{"attempts": 1, "period": "20h"}],
        "retry": dict.fromkeys(UNREACHED, "20h"),
    },
    "pacing": {"calls_at_once": 4, "calls_per_minute": "unlimited"},
}
BY_HAND = numbers(100, areas=("646",))
BY_HAND_A_DAY = 20
FEW, AT_ONCE, MANY = 12, 3, 160
SETTLED = {"reached", "exhausted"}


@dataclass(frozen=True)
class Change:
    """A change of the clocks, an hour of nights that it makes special, and what is made up for."""

    day: date
    night: time
    catch_up: str


CHANGES = {
    "the hour comes twice": Change(date(2025, 11, 2), time(1, 30), "once"),
    "the hour does not come": Change(date(2026, 3, 8), time(2, 30), "none"),
}
IN_THIS_RUN = list(CHANGES)[: 1 + DAYS // 15]
"""The first alone where the days are few."""


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What the nights left behind; `missed` are the days whose night is not made up for."""

    days: list
    missed: list
    off: Off
    runs: list
    ended: list
    breaches: list
    ledger: list
    attempts: list
    contacts: list
    shifts: list
    rows: dict

    def nights(self):
        """Return the runs of the schedule that ended, in their order."""
        return [each for each in self.ended if each.run["auto_scheduled"]]

    def was_at_work(self, moment):
        """Whether another run was at work then; Prefect itself would start no second one."""
        at = f"{moment:%Y-%m-%d %H:%M:%S}"
        return any(str(shift["started_at"]) < at < str(shift["ended_at"]) for shift in self.shifts)


@pytest.fixture(scope="module")
def prefect(tmp_path_factory, terminal_in):
    """Run Prefect's server."""
    with prefect_server(terminal_in(tmp_path_factory.mktemp("server"))) as api:
        yield api


@pytest.fixture(scope="module", params=IN_THIS_RUN)
def lived(request, tmp_path_factory, sqlite_template, prefect):
    """Live through the nights around a change of the clocks."""
    folder = tmp_path_factory.mktemp("month")
    shutil.copy(sqlite_template, folder / "inkbatch.db")
    return asyncio.run(live_through(CHANGES[request.param], folder=folder, api=prefect))


async def live_through(change, *, folder, api):
    """Run every night that Prefect has for the days around a change, as a machine would."""
    days = [change.day + timedelta(days=place - DAYS // 2) for place in range(DAYS)]
    off = Off(since=moment(days[1], hour=21), until=moment(days[3], hour=12))
    campaign = write_people(folder / "campaigns" / f"{change.day:%B}".lower(), change)
    by_hand = numbers_by_day(days[::3])
    opening = rehearsal(
        campaign,
        start=moment(days[0]),
        database=folder / "inkbatch.db",
        sandbox_options=SandboxOptions(population=CALLEES, **LIMITS),
        poll_seconds=60,
    )
    async with opening as trial:
        month = Month(
            trial=trial,
            api=api,
            since=moment(days[0]),
            until=moment(days[-1] + timedelta(days=1)),
            off=off,
            numbers_by_hand=by_hand,
        )
        await month.live()
        missed = days[2:3] if change.catch_up == "once" else days[2:4]
        return what_is_left(month, campaign, days=days, missed=missed)


def what_is_left(month, campaign, *, days, missed):
    """Read the books, Prefect's runs and the sandbox's ledger."""
    sandbox, database = month.trial.sandbox, month.trial.workplace.settings.database_url
    ledger = sandbox.ledger()
    of_others = {"by_hand": BY_HAND, "refused_by_hand": month.refused_by_hand}
    ours = [call for call in ledger if call.to_number not in BY_HAND]
    by_hand = len(ledger) - len(ours)
    assert by_hand > BY_HAND_A_DAY
    print(f"{len(days)} nights, {len(month.ended)} runs, {len(ours)} calls, {by_hand} by hand")
    return Lived(
        days=days,
        missed=missed,
        off=month.off,
        runs=month.runs(),
        ended=month.ended,
        breaches=breaches(sandbox, campaign, **LIMITS, **of_others),
        ledger=ours,
        attempts=rows_of(database, "SELECT * FROM attempt"),
        contacts=contacts_in(database),
        shifts=rows_of(database, "SELECT * FROM shift ORDER BY started_at"),
        rows=month.trial.counts().rows,
    )


def moment(day, *, hour=0):
    """Return an hour of a day by the schedule's clock."""
    return datetime.combine(day, time(hour), tzinfo=ZONE).astimezone(UTC)


def numbers_by_day(days):
    """Share the numbers that are called by hand among the first of these days."""
    shares = [BY_HAND[place:][:BY_HAND_A_DAY] for place in range(0, len(BY_HAND), BY_HAND_A_DAY)]
    return dict(zip(days, shares, strict=False))


def write_people(folder, change):
    """Write the campaign, with a row that is given twice and one that is no number."""
    called = numbers(PEOPLE, areas=CALLED_IN)
    rows = [{"Phone": number, "Time zone": AREAS[number[2:5]]} for number in called]
    cron = f"{change.night.minute} {change.night.hour} * * *"
    return write_campaign(
        folder,
        [*rows, rows[0], {**rows[0], "Phone": "12"}],
        schedule={"cron": cron, "zone": ZONE.key, "catch_up": change.catch_up},
        **RULES,
    )


def test_each_day_has_one_night_and_each_night_ran_once(lived):
    """Also on the day on which its hour comes twice or never; those that were missed say so."""
    nights = lived.nights()
    assert [due_at(night.run).astimezone(ZONE).date() for night in nights] == lived.days
    of_nights = [run for run in lived.runs if run["auto_scheduled"]]
    assert [(run["run_count"], run["state_type"]) for run in of_nights] == [(1, "COMPLETED")] * DAYS
    skipped = [
        day
        for day, night in zip(lived.days, nights, strict=True)
        if night.state == "Skipped" and not lived.was_at_work(due_at(night.run))
    ]
    assert skipped == lived.missed
    while_off = [
        night for night in nights if lived.off.since <= due_at(night.run) < lived.off.until
    ]
    assert while_off
    assert all(night.at >= lived.off.until for night in while_off)


def test_each_run_that_was_not_skipped_worked_one_shift_and_no_two_at_once(lived):
    """Whether it is a night, was deferred, or comes late because the machine was off."""
    worked = [each for each in lived.ended if each.state != "Skipped"]
    assert {each.state for each in worked} <= {"Completed", "Deferred"}
    assert len(lived.shifts) == len(worked)
    assert all(
        str(one["ended_at"]) <= str(two["started_at"]) for one, two in pairwise(lived.shifts)
    )


def test_what_is_due_later_stands_in_prefect_once_and_for_then(lived):
    """However many runs ask for the same time, one stands there, and it is run at it."""
    deferred = [each for each in lived.ended if each.state == "Deferred"]
    assert deferred
    assert {each.stands for each in deferred} == {1}
    assert {each.wake_at for each in lived.ended if each.state != "Deferred"} == {None}
    following = [each for each in lived.ended if not each.run["auto_scheduled"]]
    assert following
    assert {due_at(each.run) for each in following} <= {each.wake_at for each in deferred}


def test_the_judge_of_the_ledger_finds_no_call_that_was_not_allowed(lived):
    """Budget with what others used of it, hours, tries and pauses between them."""
    assert lived.breaches == []
    assert len(lived.ledger) > PEOPLE


def test_everybody_is_reached_or_given_up_with_a_reason_and_no_row_is_lost(lived):
    """All of it within the month."""
    unsettled = [each for each in lived.contacts if each["state"] not in SETTLED or not each["why"]]
    assert unsettled == []
    assert lived.rows == {"accepted": PEOPLE, "duplicate": 1, "rejected": 1}
    assert {attempt["state"] for attempt in lived.attempts} == {"ended"}
    assert {attempt_id(call) for call in lived.ledger} <= {each["id"] for each in lived.attempts}


async def night(trial, *, on_pass=None, deployment=None):
    """Run the nightly flow as a run that Prefect knows; return its id and its state."""
    parameters = {"campaign": str(trial.folder), "report_to": str(trial.folder / "report.html")}
    async with get_client() as client:
        run = (
            await client.create_flow_run(nightly, parameters=parameters)
            if deployment is None
            else await client.create_flow_run_from_deployment(deployment, parameters=parameters)
        )
        with within(Surroundings(workplace=trial.workplace, on_pass=on_pass and on_pass(run.id))):
            await run_flow_async(nightly, flow_run=run, parameters=parameters, return_type="state")
        return (await client.read_flow_run(run.id)).state


@pytest.fixture
async def open_trial(tmp_path, sqlite_template):
    """Open a rehearsal of people who all answer, so many at once, on a database of its own."""
    async with AsyncExitStack() as stack:

        async def open_(people, *, at_once, shifts=1, **sandbox_options):
            folder = write_campaign(
                tmp_path / "trial",
                numbers(people, areas=tuple(AREAS)),
                pacing={
                    "calls_at_once": at_once,
                    "calls_per_minute": "unlimited",
                    "shifts_at_once": shifts,
                },
            )
            options = SandboxOptions(population=callees(), **sandbox_options)
            opening = rehearsal(
                folder,
                start=datetime(2025, 11, 3, 15, tzinfo=UTC),
                database=shutil.copy(sqlite_template, tmp_path / "inkbatch.db"),
                sandbox_options=options,
            )
            return await stack.enter_async_context(opening)

        yield open_


async def test_a_run_that_is_canceled_dials_nobody_else_even_before_its_process_is_told(
    open_trial, prefect
):
    """The run asks Prefect before each batch; nothing is left reserved, and the next goes on."""
    trial = await open_trial(FEW, at_once=AT_ONCE)

    def cancel(run_id):
        return lambda _: prefect.cancel(run_id)

    state = await night(trial, on_pass=cancel)
    dialed = len(trial.sandbox.ledger())
    assert state.type == "CANCELLED", state
    assert 0 < dialed <= 1 + AT_ONCE
    attempts = attempts_of(trial)
    assert {attempt.state for attempt in attempts} <= {"planned", "placed", "ended"}
    assert sum(attempt.call_id is not None for attempt in attempts) == dialed

    assert (await night(trial)).type == "COMPLETED"
    assert {contact.state for contact in contacts_of(trial)} == {"reached"}
    assert len(trial.sandbox.ledger()) == FEW


async def test_a_deferred_run_that_a_person_cancels_is_not_made_again_and_nights_still_come(
    open_trial, prefect
):
    """Whoever cancels what stands for tomorrow means it; the nights are the schedule's."""
    trial = await open_trial(FEW, at_once=AT_ONCE, calls_limit=FEW // 2)
    deployment = await deployed(trial, prefect, Nights(campaign="trial", schedule=NEW_YEARS_DAY))

    assert (await night(trial, deployment=deployment)).name == "Deferred"
    ((standing, _),) = standing_runs(prefect, deployment, auto_scheduled=False)
    prefect.cancel(standing)
    assert prefect.run(standing)["state_type"] == "CANCELLED"
    assert (await night(trial, deployment=deployment)).name == "Deferred"
    assert standing_runs(prefect, deployment, auto_scheduled=False) == []
    nights = standing_runs(prefect, deployment, auto_scheduled=True)
    assert [f"{due:%m-%d %H:%M}" for _, due in nights] == ["01-01 09:00"] * 2


async def test_nights_of_a_campaign_for_two_shifts_stand_twice_and_both_are_deferred(
    open_trial, prefect
):
    """Its deployment lets two runs go at once, and each of them finds its way to the next day."""
    trial = await open_trial(FEW, at_once=AT_ONCE, shifts=2, calls_limit=FEW // 2)
    nights = Nights(campaign="for-two", schedule=NEW_YEARS_DAY, shifts_at_once=2)
    deployment = await deployed(trial, prefect, nights)

    async with trial.shift():  # so that the first run gets the second place
        first = await night(trial, deployment=deployment)
    second = await night(trial, deployment=deployment)

    assert (first.name, first.message) == (second.name, second.message)
    assert first.name == "Deferred"
    assert len(trial.sandbox.ledger()) == FEW // 2
    assert len(standing_runs(prefect, deployment, auto_scheduled=False)) == 2
    stand = standing_runs(prefect, deployment, auto_scheduled=True)
    assert sorted(f"{due:%Y %m-%d %H:%M}" for _, due in stand) == [
        f"{year} 01-01 09:00" for year in (2027, 2028) for _ in range(2)
    ]
    (told,) = [each for each in prefect.all("deployments") if each["name"] == "for-two"]
    assert told["global_concurrency_limit"]["limit"] == 2


NEW_YEARS_DAY = Schedule(cron="0 9 1 1 *", zone="Europe/London", catch_up=CatchUp.ONCE)


async def deployed(trial, prefect, nights):
    """Deploy nights of the trial, let Prefect schedule those of two years; return the id."""
    await require_pool(POOL)
    deployment = await (await deployment_of(trial.folder, nights)).aapply(work_pool_name=POOL)
    times = {"start_time": "2026-06-01T00:00:00Z", "end_time": "2028-06-01T00:00:00Z"}
    get_json(f"{prefect.url}/deployments/{deployment}/schedule", times)
    return deployment


def standing_runs(prefect, deployment, *, auto_scheduled):
    """Return ids and times of the deployment's runs that are still to come."""
    return [
        (run["id"], due_at(run))
        for run in prefect.all("flow_runs")
        if run["deployment_id"] == str(deployment)
        and run["state_type"] == "SCHEDULED"
        and run["auto_scheduled"] == auto_scheduled
    ]


async def test_what_is_dialed_too_fast_for_a_task_each_is_counted_in_log_and_artifact(
    open_trial, prefect, caplog
):
    """Nothing is missing from the sum of what was seen call by call and what was counted."""
    trial = await open_trial(MANY, at_once=MANY, calls_limit=None, minutes_limit=None)
    with caplog.at_level(logging.INFO, "prefect"):
        assert (await night(trial)).type == "COMPLETED"
    one_by_one = [
        each for each in caplog.messages if each == "Finished in state Completed('placed')"
    ]
    (artifact,) = [each for each in prefect.all("artifacts") if each["key"].endswith("trial-dials")]
    (counted,) = json.loads(artifact["data"])
    assert counted == {"came to": "placed", "dials": MANY - len(one_by_one)}
    assert 0 < len(one_by_one) <= 100
    assert artifact["description"].startswith(f"{counted['dials']} dials in ")
    assert re.search(r"dials in [12] tasks", artifact["description"])
    assert any(re.fullmatch(r"\d+ placed", each) for each in caplog.messages)
