"""Two `inkbatch run` at one campaign: they share it, and one goes on where the other is killed."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from inkbatch.sandbox import phone_number_id
from tests.acceptance.books import attempts_in, contacts_in, disagreements, rows_of
from tests.acceptance.terminal import PretendInkbox, Terminal, is_running, kill_group, wait_until
from tests.trial_campaigns import FROM_NUMBERS

CONTACTS = 24
BUDGET_CALLS = 11
PACING = {"calls_at_once": 8, "calls_per_minute": "unlimited", "shifts_at_once": 2}
OVER = {"reached", "exhausted", "review"}

OPEN_BY_PROCESS = """
    SELECT shift.pid FROM attempt JOIN shift ON shift.id = attempt.shift_id
    WHERE attempt.state IN ('reserved', 'placed', 'unconfirmed')
"""


@dataclass(frozen=True)
class Shared:
    """Two processes that have both begun before anybody was dialed."""

    processes: tuple
    sandbox: PretendInkbox
    terminal: Terminal
    database_url: str

    def open_by_process(self):
        """Return how many attempts of each process are open, by its id."""
        return Counter(row["pid"] for row in rows_of(self.database_url, OPEN_BY_PROCESS))

    def end(self, process):
        """Wait for a process to end well."""
        said = self.terminal.end_of(process)
        assert said.code == 0, said


@pytest.fixture
def shared(campaign, sandbox_at, terminal, database_url):
    """Let two processes run at one campaign, on a sandbox that lets through so many calls."""
    own = {"number": FROM_NUMBERS[0], "phone_number_id": str(phone_number_id(FROM_NUMBERS[0]))}
    folder = campaign(CONTACTS, pacing=PACING, attempts={"max": 1}, from_numbers=[own])

    def have_begun(*processes):
        begun = {row["pid"] for row in rows_of(database_url, "SELECT pid FROM shift")}
        return all(map(is_running, processes)) and begun == {each.pid for each in processes}

    @contextmanager
    def start(calls_limit):
        with sandbox_at("--calls-limit", calls_limit, "--durations", 0.03) as sandbox:
            there = {
                "INKBATCH_DATABASE_URL": database_url,
                "INKBATCH_BASE_URL": sandbox.base_url,
                "INKBATCH_LINGER_SECONDS": "5",
            }
            run = terminal.started("run", folder, "--no-wait", **there)
            again = terminal.started("run", folder, "--no-wait", **there)
            with run as first, again as second:
                with sandbox.held_up():
                    wait_until(lambda: have_begun(first, second))
                yield Shared((first, second), sandbox, terminal, database_url)

    return start


def test_one_is_killed_and_the_other_ends_the_campaign(shared):
    """Both dial, nobody is dialed twice, and what the dead one had open comes to its end."""
    with shared(CONTACTS) as both:
        wait_until(lambda: both.open_by_process().total() >= PACING["calls_at_once"] // 2)
        ((busiest, _),) = both.open_by_process().most_common(1)
        killed, staying = sorted(both.processes, key=lambda each: each.pid != busiest)
        kill_group(killed)
        assert both.open_by_process()[killed.pid]
        both.end(staying)
        ledger, attempts = both.sandbox.ledger(), attempts_in(both.database_url)
        refused = both.sandbox.answers_by_status().get(429, 0)

    assert disagreements(ledger, attempts) == []
    assert max(Counter(call["to_number"] for call in ledger).values()) == 1
    assert {attempt["state"] for attempt in attempts} == {"ended"}
    assert len({attempt["shift_id"] for attempt in attempts}) == len(both.processes)
    states = Counter(contact["state"] for contact in contacts_in(both.database_url))
    assert (set(states) <= OVER, sum(states.values()), refused) == (True, CONTACTS, 0)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_both_together_never_pass_the_budget(shared):
    """The last calls of the day are divided between them to the call, and neither is refused."""
    with shared(BUDGET_CALLS) as both:
        for process in both.processes:
            both.end(process)
        dialed, refused = len(both.sandbox.ledger()), both.sandbox.answers_by_status().get(429, 0)

    assert (dialed, refused) == (BUDGET_CALLS, 0)
    states = Counter(contact["state"] for contact in contacts_in(both.database_url))
    assert states["waiting"] == CONTACTS - BUDGET_CALLS
