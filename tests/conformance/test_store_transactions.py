"""What transactions and dialing locks promise when threads, processes and SIGKILL come in."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event

import pytest

from inkbatch.adapters.store import open_store
from inkbatch.domain.budget import Need, Usage
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.errors import StoreError

PATIENCE_SECONDS = 30


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a process that talks by lines; it goes on when a line is sent to it."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def take_when_free(store, name):
    """Return the lock as soon as it can be taken; servers notice a death a moment later."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (lock := store.take_lock(name)) is None:
        assert time.monotonic() < deadline, "the lock of a dead process was never freed"
    return lock


def test_an_error_in_the_block_undoes_all_of_it(given):
    """Half a transaction is never kept, whatever was raised."""

    def hold_and_fail() -> None:
        with given.store.transaction() as tx:
            tx.hold("acme", until=given.now.replace(year=2030), reason="x", now=given.now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        hold_and_fail()
    with given.store.reading() as tx:
        assert tx.current_hold("acme", now=given.now) is None


def test_an_error_caught_inside_still_undoes_all_of_it(given):
    """Who goes on after a failed step learns at the end that nothing was kept."""
    campaign = given.campaign()

    def pause_and_go_on() -> None:
        with given.store.transaction() as tx:
            tx.set_campaign_state(campaign.id, CampaignState.PAUSED, reason=None, now=given.now)
            tx.reserve_budget(
                "acme",
                attempt_id="no such",
                campaign_id=1,
                need=Need(minutes=1.0, minutes_max=10.0),
                now=given.now,
            )
            with pytest.raises(StoreError):
                tx.usage("acme", now=given.now)

    with pytest.raises(StoreError, match="nothing of it is kept"):
        pause_and_go_on()
    with given.store.reading() as tx:
        assert tx.campaign_by_id(campaign.id).state is CampaignState.ACTIVE


def test_a_reading_transaction_refuses_to_write(given):
    """What only reads cannot change anything, by mistake or otherwise."""
    with given.store.reading() as tx:
        with pytest.raises(StoreError, match="only reads"):
            tx.release_budget("attempt-1")
        with pytest.raises(StoreError, match="only reads"):
            tx.enroll(1, given.call_list(given.row(2)), now=given.now)


def test_a_naive_time_is_refused(given):
    """A time without its zone never reaches the database."""
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 (the mistake that is tested)
    with pytest.raises(StoreError), given.store.transaction() as tx:
        tx.hold("acme", until=naive, reason="x", now=given.now)


def test_writers_of_one_organisation_take_turns(given):
    """Read, decide and write in one transaction: no update is lost between threads."""

    def add_calls(_worker: int) -> None:
        for _ in range(10):
            with given.store.transaction(organisation="acme") as tx:
                used = tx.usage("acme", now=given.now)
                one_more = Usage(calls=used.calls + 1, minutes=0.0)
                tx.set_unplaced_foreign_use(
                    "acme", one_more, until=given.now.replace(year=2030), now=given.now
                )

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add_calls, range(4)))
    with given.store.reading() as tx:
        assert tx.usage("acme", now=given.now).calls == 40


def test_a_reader_sees_one_state_while_another_writes(given):
    """What is read twice in one transaction agrees, and the next one sees what was written."""
    campaign = given.campaign()
    has_written = Event()

    def pause() -> None:
        with given.store.transaction() as tx:
            tx.set_campaign_state(campaign.id, CampaignState.PAUSED, reason=None, now=given.now)
            has_written.set()

    with ThreadPoolExecutor(1) as threads:
        with given.store.reading() as tx:
            assert tx.campaign_by_id(campaign.id).state is CampaignState.ACTIVE
            writing = threads.submit(pause)
            has_written.wait(PATIENCE_SECONDS)
            if given.store.engine.dialect.name == "postgresql":
                writing.result(PATIENCE_SECONDS)  # in SQLite the commit waits for the reader
            assert tx.campaign_by_id(campaign.id).state is CampaignState.ACTIVE
        writing.result(PATIENCE_SECONDS)
    with given.store.reading() as tx:
        assert tx.campaign_by_id(campaign.id).state is CampaignState.PAUSED


def test_a_lock_is_held_by_one_at_a_time(store, database_url):
    """Neither the same process nor another connection takes it twice; names do not collide."""
    lock = store.take_lock("campaign-1")
    assert lock is not None
    assert lock.is_held()
    other_store = open_store(database_url)
    assert store.take_lock("campaign-1") is None
    assert other_store.take_lock("campaign-1") is None
    assert other_store.take_lock("campaign/1") is not None
    assert other_store.take_lock("campaign:1") is not None
    lock.release()
    assert not lock.is_held()
    assert other_store.take_lock("campaign-1") is not None
    other_store.close()


def test_closing_the_store_frees_its_locks(store, database_url):
    """A process that is done with the store is in nobody's way."""
    other_store = open_store(database_url)
    lock = other_store.take_lock("campaign-1")
    other_store.close()
    assert lock is not None
    assert not lock.is_held()
    assert take_when_free(store, "campaign-1").is_held()


HOLD_A_LOCK = """
import sys
from inkbatch.adapters.store import open_store
store = open_store(sys.argv[1])
print(store.take_lock("campaign-1") is not None, flush=True)
sys.stdin.readline()
"""


def test_a_killed_process_frees_its_lock(store, database_url):
    """A free lock is proof that its shift is dead, so SIGKILL must free it and nothing else."""
    with start(HOLD_A_LOCK, database_url) as process:
        assert process.stdout.readline() == "True\n"
        assert store.take_lock("campaign-1") is None
        process.kill()
        process.wait()
        assert take_when_free(store, "campaign-1").is_held()


WRITE_AND_HANG = """
import sys
from datetime import UTC, datetime
from inkbatch.adapters.store import open_store
store, now = open_store(sys.argv[1]), datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
for number in range(20):
    with store.transaction(organisation="acme") as tx:
        tx.hold(f"kept-{number}", until=now.replace(year=2030), reason="x", now=now)
    print(number, flush=True)
with store.transaction(organisation="acme") as tx:
    tx.hold("half", until=now.replace(year=2030), reason="x", now=now)
    print("half", flush=True)
    sys.stdin.readline()
"""


def test_what_was_committed_survives_a_kill_and_nothing_else(given, database_url):
    """Every transaction that ended is there after SIGKILL, and the one under way never was."""
    with start(WRITE_AND_HANG, database_url) as process:
        lines = [process.stdout.readline().strip() for _ in range(21)]
        process.kill()
        process.wait()
    assert lines[-1] == "half"
    with given.store.transaction(organisation="acme") as tx:
        for number in lines[:-1]:
            assert tx.current_hold(f"kept-{number}", now=given.now) is not None
        assert tx.current_hold("half", now=given.now) is None
