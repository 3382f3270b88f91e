"""Processes that end in the middle of dialing: killed, interrupted, or two at once."""

import signal

import pytest

from inkbatch.domain.errors import StoreError
from tests.acceptance.books import attempts_in, disagreements, miscounts
from tests.acceptance.conftest import AREAS
from tests.acceptance.terminal import is_running, kill_group, wait_until
from tests.trial_campaigns import numbers

CONTACTS = 12
KILLED_AT = (1, 4, 8)
"""Calls in the ledger at which `inkbatch run` is killed, one life after the other."""


@pytest.fixture
def sandbox(sandbox_at):
    """Each test has its own: calls that last long enough to be killed in the middle."""
    with sandbox_at("--durations", 0.02) as running:
        yield running


def test_killed_runs_lose_nobody_and_dial_nobody_twice(terminal, sandbox, campaign, database_url):
    """SIGKILL at several moments, and the next run goes on: books and ledger agree at the end."""
    database = {"INKBATCH_DATABASE_URL": database_url}
    folder = campaign(CONTACTS, calls_at_once=3)
    for calls in KILLED_AT:
        with terminal.started("run", folder, **database) as process:
            sandbox.wait_for_calls(calls, process=process)
            kill_group(process)
    last = terminal.run("run", folder, "--json", **database)
    assert last.code == 0, last.err
    ledger, attempts = sandbox.ledger(), attempts_in(database_url)
    assert disagreements(ledger, attempts) == []
    assert miscounts(last.json["counts"], rows=CONTACTS, attempts=len(attempts)) == []
    assert not set(last.json["counts"]["contacts"]) & {"due", "waiting", "in_call"}


def test_a_call_whose_run_died_before_the_answer_is_found_and_not_dialed_again(
    terminal, sandbox_at, campaign, database_url, tmp_path
):
    """Killed between intent and answer: the call is looked up in the call list, never repeated."""
    (person,) = numbers(1, areas=AREAS)
    script = tmp_path / "callees.toml"
    script.write_text(f'[callees]\n"{person}" = ["no_answer"]\n', "utf-8")
    folder = campaign(1, attempts={"max": 2, "retry": {"no_answer": "6s"}})
    with sandbox_at("--durations", 0.01, "--script", script) as sandbox:
        there = {"INKBATCH_DATABASE_URL": database_url, "INKBATCH_BASE_URL": sandbox.base_url}
        with terminal.started("run", folder, **there) as process:
            wait_until(lambda: is_running(process) and in_state("ended", database_url) == 1)
            with sandbox.held_up():
                # Seen for a second: by then the requests have left, and nothing can answer them.
                wait_until(lambda: in_state("reserved", database_url) == 1, looks=20)
                kill_group(process)
        assert in_state("reserved", database_url) == 1
        last = terminal.run("run", folder, "--json", **there)
        assert last.code == 0, last.err
        assert len(sandbox.ledger()) == 2
        assert disagreements(sandbox.ledger(), attempts_in(database_url)) == []
        assert last.json["counts"]["contacts"] == {"exhausted": 1}


def test_a_run_ends_in_time_although_inkbox_does_not_answer(
    terminal, sandbox, campaign, sqlite_url
):
    """Told to end in the middle of a request: soon over, one sentence, and nobody called twice."""
    folder = campaign(3, calls_at_once=1, attempts={"max": 1})
    there = {"INKBATCH_DATABASE_URL": sqlite_url}
    with terminal.started("run", folder, **there) as process:
        sandbox.wait_for_calls(1, process=process)
        with sandbox.held_up():
            wait_until(lambda: is_running(process), looks=20)  # a request is under way by then
            process.send_signal(signal.SIGTERM)
            stopped = terminal.end_of(process, seconds_max=UNANSWERED_SECONDS)
    assert (stopped.code, f"inkbatch run {folder}" in stopped.err) == (1, True)
    assert "Traceback" not in stopped.err
    assert terminal.run("run", folder, **there).code == 0
    assert disagreements(sandbox.ledger(), attempts_in(sqlite_url)) == []
    assert len(sandbox.ledger()) == 3


UNANSWERED_SECONDS = 25
"""Less than the half minute for which a place-call waits for its answer."""


def in_state(state, database_url):
    """Return how many attempts are in a state."""
    try:
        return [attempt["state"] for attempt in attempts_in(database_url)].count(state)
    except StoreError:
        return 0  # the run has not made the tables yet


def test_an_interrupted_run_says_how_to_go_on_and_its_next_run_ends_the_campaign(
    terminal, sandbox, campaign, sqlite_url
):
    """Ctrl-C stops before the next dial: no traceback, nothing open that nobody knows of."""
    folder = campaign(CONTACTS, calls_at_once=2, attempts={"max": 1})
    database = {"INKBATCH_DATABASE_URL": sqlite_url}
    with terminal.started("run", folder, **database) as process:
        sandbox.wait_for_calls(3, process=process)
        process.send_signal(signal.SIGINT)
        stopped = terminal.end_of(process)
    assert "Traceback" not in stopped.err
    assert f"inkbatch run {folder}" in stopped.out
    dialed = sandbox.ledger()
    assert len(dialed) < CONTACTS
    assert disagreements(dialed, attempts_in(sqlite_url)) == []
    assert terminal.run("run", folder, **database).code == 0
    assert disagreements(sandbox.ledger(), attempts_in(sqlite_url)) == []


def test_a_second_run_of_the_same_campaign_says_busy_and_dials_nothing(
    terminal, sandbox_at, campaign, sqlite_url
):
    """Only one process dials a campaign; the other one ends with a sentence."""
    folder = campaign(CONTACTS, calls_at_once=1, attempts={"max": 1})
    with sandbox_at("--durations", 1) as sandbox:
        there = {"INKBATCH_DATABASE_URL": sqlite_url, "INKBATCH_BASE_URL": sandbox.base_url}
        with terminal.started("run", folder, **there) as first:
            sandbox.wait_for_calls(1, process=first)
            second = terminal.run("run", folder, **there)
            assert (second.code, second.out) == (1, "")
            assert "being dialed by another process" in second.err
            assert first.poll() is None
            first.send_signal(signal.SIGTERM)
            assert f"inkbatch run {folder}" in terminal.end_of(first).out
        assert disagreements(sandbox.ledger(), attempts_in(sqlite_url)) == []
