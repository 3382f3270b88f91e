"""Real workers on one PostgreSQL and one Prefect server, dialing a sandbox that is a process too.

All of it shares the processors of this machine, so what is printed is what they can do with
servers, workers and sandbox together. FLEET_CALLS, FLEET_WAITING and FLEET_DATABASE_CALLS set how
much is dialed.
"""

import os
from contextlib import contextmanager
from datetime import datetime

import phonenumbers
import psycopg
import pytest

from inkbatch.adapters.store import open_store
from inkbatch.settings import load_settings
from inkbatch.wiring import Workplace, load_campaign
from tests.acceptance.conftest import AT_ANY_HOUR, QUICK_RETRIES
from tests.acceptance.terminal import bare_terminal, get_json, wait_until
from tests.fleet import fleet
from tests.trial_campaigns import numbers, write_campaign

pytestmark = pytest.mark.timeout(7_200)

CALLS = int(os.environ.get("FLEET_CALLS", "2000"))
WAITING = [int(each) for each in os.environ.get("FLEET_WAITING", "1000 100000 1000000").split()]
DATABASE_CALLS = int(os.environ.get("FLEET_DATABASE_CALLS", "10000"))
A_DAY = 100
"""Calls at ordinary limits."""

TRIES = 2
AREAS = [
    str(area)
    for area in range(201, 990)
    if phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550100"))
]
NOBODY_ANSWERS = f"[population]\nanswer_odds = {[0] * 24}\n"
SCHEDULE = {"cron": "0 9 1 1 *", "zone": "Europe/London"}
SECONDS_MAX = 3_600
ENDED = ("COMPLETED", "CRASHED", "FAILED", "CANCELLED")
MB = 1_000_000
RECORDED_AFTER_LOOKS = 200
"""So often in a row, some ten seconds, the number of task runs is the same."""

WAITERS = """
    INSERT INTO contact (campaign_id, number, zones, fields, row_number, priority, state,
                         waits_until, why, attempts_used, enrolled_at)
    SELECT c.id, '+1100' || lpad(g::text, 8, '0'), 'UTC', '{}', g + 1000000, -1, 'waiting',
           c.changed_at, 'new', 0, c.changed_at
    FROM campaign c, generate_series(1, %s) g
"""
"""Contacts who wait behind all others, with numbers that nobody has."""


@pytest.fixture
def machines(tmp_path, postgres_server):
    """Start fleets, one after the other."""

    @contextmanager
    def start(name, *, calls_limit=0):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "callees.toml").write_text(NOBODY_ANSWERS, "utf-8")
        limits = ("--calls-limit", calls_limit, "--minutes-limit", 0)
        options = (*limits, "--durations", 0.001, "--script", folder / "callees.toml")
        opening = fleet(folder, postgres_server, terminal_in=bare_terminal, sandbox_options=options)
        with opening as made:
            yield made

    return start


def write(made, name, people, *, tries=1, **pacing):
    """Write a campaign that calls everybody as often as it may, since nobody answers."""
    return write_campaign(
        made.folder / "campaigns" / name,
        [{"Phone": number, "Priority": 1} for number in people],
        schedule=SCHEDULE,
        calling_window=AT_ANY_HOUR,
        attempts={"max": tries, "retry": QUICK_RETRIES},
        pacing={"calls_at_once": 100, "calls_per_minute": "unlimited", **pacing},
    )


def dial(made, *names, shifts=1):
    """Run these campaigns, so many shifts each, to the end; return calls a second and the calls.

    From the first call to the last, by the sandbox's ledger.
    """
    made.run("deploy", "campaigns")
    before = {call["call_id"] for call in made.sandbox.ledger()}
    runs = [run for _ in range(shifts) for run in made.nights(*names)]
    wait_until(
        lambda: all(made.prefect.run(run)["state_type"] in ENDED for run in runs),
        seconds_max=SECONDS_MAX,
    )
    moments = sorted(
        datetime.fromisoformat(call["created_at"])
        for call in made.sandbox.ledger()
        if call["call_id"] not in before
    )
    return len(moments) / (moments[-1] - moments[0]).total_seconds(), len(moments)


def test_throughput_with_one_two_and_three_workers(machines):
    """Prints calls a second of so many workers with a campaign each, on one shared budget."""
    people, rates = iter(numbers(6 * CALLS, areas=AREAS)), []
    with machines("workers") as made:
        for workers in (1, 2, 3):
            names = [f"w{workers}-{number}" for number in range(workers)]
            for name in names:
                write(made, name, [next(people) for _ in range(CALLS)])
            made.start_worker("--limit", 1)
            rates.append(dial(made, *names)[0])
    told = ", ".join(
        f"{workers} workers: {rate:.0f} calls/s ({rate / rates[0]:.2f} times)"
        for workers, rate in enumerate(rates, start=1)
    )
    print(f"\n{os.cpu_count()} processors for all, {CALLS:,} calls a campaign; {told}")


def test_throughput_of_one_and_two_shifts_at_one_campaign(machines):
    """Prints calls a second of one worker, and of two that share one campaign and its limits."""
    people, rates = iter(numbers(2 * CALLS, areas=AREAS)), []
    with machines("shared") as made:
        for shifts in (1, 2):
            name = f"shared-{shifts}"
            write(made, name, [next(people) for _ in range(CALLS)], shifts_at_once=shifts)
            made.start_worker("--limit", 1)
            rates.append(dial(made, name, shifts=shifts)[0])
        shares = calls_by_shift(made, name)
    print(
        f"\n{os.cpu_count()} processors for all, {CALLS:,} calls of one campaign; "
        f"one shift: {rates[0]:.0f} calls/s, two: {rates[1]:.0f} "
        f"({rates[1] / rates[0]:.2f} times), which placed {' and '.join(map(str, shares))}"
    )


def calls_by_shift(made, campaign):
    """Return how many attempts each shift of a campaign made."""
    counted = (
        "SELECT count(*) FROM attempt JOIN campaign ON campaign.id = attempt.campaign_id "
        "WHERE campaign.name = %s GROUP BY attempt.shift_id ORDER BY 1"
    )
    with psycopg.connect(made.database_url) as connection:
        return [count for (count,) in connection.execute(counted, [campaign])]


def test_growth_with_contacts_waiting(machines):
    """Prints calls a second of one worker with few and with very many people waiting behind."""
    rates = []
    for waiting in WAITING:
        with machines(f"waiting-{waiting}", calls_limit=CALLS) as made:
            folder = write(made, "growth", numbers(CALLS, areas=AREAS))
            enroll(made, folder)
            with psycopg.connect(made.database_url, autocommit=True) as connection:
                connection.execute(WAITERS, [waiting])
                connection.execute("ANALYZE contact")
            made.start_worker("--limit", 1)
            rates.append(dial(made, "growth")[0])
    told = ", ".join(
        f"{waiting:,} waiting: {rate:.0f} calls/s ({rates[0] / rate:.2f} times as long)"
        for waiting, rate in zip(WAITING, rates, strict=True)
    )
    print(f"\n{os.cpu_count()} processors for all, one worker, {CALLS:,} calls; {told}")


def enroll(made, folder):
    """Take the campaign's list into the fleet's database, and dial nobody."""
    settings = load_settings(
        api_key="sandbox", base_url=made.sandbox.base_url, database_url=made.database_url
    )
    store = open_store(made.database_url)
    Workplace(settings=settings).enroll(store, load_campaign(folder), folder)
    store.close()


def test_prefects_database_after_a_long_campaign(machines):
    """Prints its size and task runs where dialing is fast, and where each call is a task."""
    with machines("database") as made:
        made.start_worker("--limit", 1)
        people = numbers(DATABASE_CALLS // TRIES + A_DAY, areas=AREAS)
        write(made, "fast", people[A_DAY:], tries=TRIES)
        write(made, "day", people[:A_DAY])
        empty = told_by_prefect(made)
        rate, calls = dial(made, "fast")
        fast = told_by_prefect(made)
        day_calls = dial(made, "day")[1]
        day = told_by_prefect(made)
    grown, events = ((day[each] - fast[each]) / day_calls for each in ("size", "events"))
    print(
        f"\nPrefect's database, PostgreSQL: {empty['size'] / MB:.1f} MB empty, "
        f"{fast['size'] / MB:.1f} MB and {fast['tasks'] - empty['tasks']} task runs after "
        f"{calls:,} calls at {rate:.0f} calls/s; the {day_calls} calls of a day at ordinary "
        f"limits: {day['tasks'] - fast['tasks']} task runs, {grown / 1_000:.1f} kB a call, of "
        f"which {events / 1_000:.1f} kB are events, which Prefect drops after seven days"
    )


def told_by_prefect(made):
    """Return the bytes of its database and of its events alone, and how many task runs it knows."""
    sizes = (
        "SELECT pg_database_size(current_database()), pg_total_relation_size('events') + "
        "pg_total_relation_size('event_resources')"
    )
    tasks = recorded_tasks(made)
    with psycopg.connect(made.prefect_database_url, autocommit=True) as connection:
        size, events = connection.execute(sizes).fetchone()
    return {"size": size, "events": events, "tasks": tasks}


def recorded_tasks(made):
    """Return how many task runs the server has, once it records no more."""
    seen = []

    def is_still():
        seen.append(get_json(f"{made.prefect.url}/task_runs/count", {}))
        return seen[-1] == seen[-2:][0]

    wait_until(is_still, looks=RECORDED_AFTER_LOOKS)
    return seen[-1]
