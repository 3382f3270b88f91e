"""Several machines on one PostgreSQL and one Prefect server, of which some die at work."""

import os
import re
import time

import pytest

from tests.acceptance.books import attempts_in, contacts_in, disagreements
from tests.acceptance.conftest import QUICK_RETRIES
from tests.acceptance.terminal import SECONDS_MAX, wait_until
from tests.fleet import fleet
from tests.trial_campaigns import numbers, write_campaign

CAMPAIGNS = int(os.environ.get("FLEET_CAMPAIGNS", "3"))
CONTACTS = int(os.environ.get("FLEET_CONTACTS", "60"))
"""People of each campaign; `make fleet-test` takes 5 campaigns of 1,000."""

AREAS = re.findall(
    r"\d+",
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 "
    "239 240 248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 "
    "310 312 313 314",
)
SCHEDULE = {"cron": "0 9 1 1 *", "zone": "Europe/London"}
NIGHT_SECONDS = 10
CANCELED_CONTACTS = 40
OVER = {"reached", "exhausted"}


@pytest.fixture(scope="module")
def machines(tmp_path_factory, postgres_server, terminal_in):
    """A fleet without workers, whose callees pick up for an instant."""
    options = ("--calls-limit", 0, "--minutes-limit", 0, "--durations", 0.01)
    folder = tmp_path_factory.mktemp("fleet")
    with fleet(folder, postgres_server, terminal_in=terminal_in, sandbox_options=options) as made:
        yield made


def test_machines_that_die_sleep_or_lose_their_server_call_nobody_twice(machines):
    """A worker is killed, one stands still, the server restarts: all are called, nobody twice."""
    began_at = time.monotonic()
    people = numbers(CAMPAIGNS * CONTACTS, areas=AREAS)
    for number in range(CAMPAIGNS):
        write_campaign(
            machines.folder / "campaigns" / f"c{number}",
            people[number::CAMPAIGNS],
            schedule=SCHEDULE,
            attempts={"max": 2, "retry": QUICK_RETRIES},
            pacing={"calls_at_once": 5, "calls_per_minute": "unlimited"},
        )
    machines.run("deploy", "campaigns")
    for _ in range(3):
        machines.start_worker()
    machines.nights()
    total = CAMPAIGNS * CONTACTS

    def called(share):
        return len(machines.sandbox.ledger()) >= share * total

    def all_are_over():
        states = [contact["state"] for contact in contacts_in(machines.database_url)]
        return len(states) == total and set(states) <= OVER

    wait_until(lambda: called(0.1))
    machines.kill_worker(machines.busiest_worker())
    night_after_night(machines, lambda: called(0.3))
    with machines.stopped_worker(machines.busiest_worker()):
        machines.restart_server()
    night_after_night(machines, all_are_over)
    attempts, ledger = attempts_in(machines.database_url), machines.sandbox.ledger()
    assert disagreements(ledger, attempts) == []
    assert len(contacts_in(machines.database_url)) == total
    assert machines.sandbox.answers_by_status().get(429, 0) == 0
    print(
        f"{CAMPAIGNS} campaigns, {total} contacts, {len(ledger)} calls, 0 doubles, 0 lost, "
        f"0 over budget, {time.monotonic() - began_at:.0f} seconds"
    )


def test_a_run_that_is_canceled_on_prefects_page_stops_and_the_next_goes_on(machines):
    """Its worker ends it too; whoever it was about to call is called by the next run, once."""
    people = numbers(CANCELED_CONTACTS, areas=("646",))
    folder = machines.folder / "canceled"
    write_campaign(
        folder / "canceled",
        people,
        schedule=SCHEDULE,
        attempts={"max": 1, "retry": {}},
        pacing={"calls_at_once": 1, "calls_per_minute": "unlimited"},
    )
    machines.run("deploy", "canceled")
    if not machines.workers:
        machines.start_worker()

    def calls():
        return [call for call in machines.sandbox.ledger() if call["to_number"] in people]

    def is_over(run):
        return machines.prefect.run(run)["state_type"] in ("CANCELLED", "COMPLETED", "CRASHED")

    (run,) = machines.nights("canceled")
    wait_until(lambda: len(calls()) > 2)
    machines.prefect.cancel(run)
    canceled_at = len(calls())
    wait_until(lambda: is_over(run))
    assert machines.prefect.run(run)["state_type"] == "CANCELLED"
    assert len(calls()) <= canceled_at + 1  # the one that had been decided on
    assert len(calls()) < CANCELED_CONTACTS

    (following,) = machines.nights("canceled")
    wait_until(lambda: is_over(following))
    ours = [
        attempt
        for attempt in attempts_in(machines.database_url)
        if attempt["contact_number"] in people
    ]
    assert disagreements(calls(), ours) == []
    assert len(calls()) == CANCELED_CONTACTS
    assert {attempt["state"] for attempt in ours} == {"ended"}


def night_after_night(machines, condition):
    """Start nights as a schedule does, until it holds: a run that was killed is never continued."""
    started_at = float("-inf")

    def holds():
        nonlocal started_at
        if condition():
            return True
        if time.monotonic() - started_at > NIGHT_SECONDS:
            machines.nights()
            started_at = time.monotonic()
        return False

    wait_until(holds, seconds_max=SECONDS_MAX + CAMPAIGNS * CONTACTS)
