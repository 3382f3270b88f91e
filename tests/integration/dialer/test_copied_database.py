"""A database that was restored, copied or moved calls nobody whom another copy has called."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from inkbatch.adapters.store import backup, open_store
from inkbatch.dialer.run import run_shift
from inkbatch.domain.errors import StoreError
from tests.trial_campaigns import attempts_of, callees, numbers


def adopt(path):
    store = open_store(f"sqlite:///{path}")
    store.adopt()
    store.close()


@pytest.fixture
async def trial(campaign, rehearse, bounded):
    """Six people of whom three are called."""
    trial = await rehearse(campaign(numbers(6)), population=callees(seed=5))

    def stop(result):
        bounded(result)
        if len(trial.sandbox.ledger()) == 3:
            shift.stopping.set()

    async with trial.shift() as shift:
        await run_shift(shift, linger=None, on_pass=stop)
    assert len(trial.sandbox.ledger()) == 3
    return trial


@pytest.fixture
async def restore(trial, bounded, tmp_path):
    """Put the state of now in the place of one in which all six were called."""
    saved = backup(trial.workplace.settings.database_url, tmp_path / "saved.db")
    await trial.run(on_pass=bounded)
    assert len(trial.sandbox.ledger()) == 6
    last = attempts_of(trial)[-1]

    def restore():
        shutil.copy(saved, tmp_path / "trial.db")
        return last

    return restore


async def test_a_restored_backup_is_not_dialed_before_somebody_says_so(trial, restore, bounded):
    """After the backup three more people were called, which it does not know."""
    restore()

    with pytest.raises(StoreError, match=r"restored from a backup.*inkbatch db adopt"):
        await trial.run(on_pass=bounded)

    assert len(trial.sandbox.ledger()) == 6


async def test_an_adopted_backup_calls_nobody_again_whom_the_original_called(
    trial, restore, bounded, tmp_path
):
    """The calls of the last 48 hours tell who was called since: they wait for a person."""
    restore()
    adopt(tmp_path / "trial.db")
    await trial.clock.sleep_until(trial.clock.now() + timedelta(hours=30))

    await trial.run(on_pass=bounded)

    assert len(trial.sandbox.ledger()) == 6
    assert trial.counts().contacts == {"reached": 3, "review": 3}


async def test_without_that_comparison_they_would_be_called_twice(
    trial, restore, bounded, tmp_path
):
    """The control: days later the list is not read so far back, and three are called again."""
    restore()
    adopt(tmp_path / "trial.db")
    await trial.clock.sleep_until(trial.clock.now() + timedelta(days=4))

    await trial.run(on_pass=bounded)

    assert len(trial.sandbox.ledger()) == 9


async def test_a_copy_beside_the_original_is_not_dialed(trial, rehearse, bounded, tmp_path):
    """Whoever copies the file to try something calls nobody from the copy by accident."""
    shutil.copy(tmp_path / "trial.db", tmp_path / "copy.db")
    copied = await rehearse(trial.folder, database="copy.db", population=callees(seed=5))

    with pytest.raises(StoreError, match="copied, moved or restored"):
        await copied.run(on_pass=bounded)
    await trial.run(on_pass=bounded)

    assert copied.sandbox.ledger() == ()
    assert trial.counts().contacts == {"reached": 6}


PLAN = """
    INSERT INTO attempt (id, campaign_id, contact_id, number, from_number, ordinal, state,
        shift_id, predicted_minutes, created_at, looks)
    SELECT ?, campaign_id, ?, ?, from_number, 1, 'planned', shift_id, 1, created_at, 0
    FROM attempt LIMIT 1
"""


async def test_what_was_only_planned_in_the_backup_is_not_sent_again(
    trial, restore, bounded, tmp_path
):
    """Its id went out after the backup; the plan is withdrawn instead of being sent twice."""
    sent = restore()
    with closing(sqlite3.connect(tmp_path / "trial.db")) as connection, connection:
        connection.execute(PLAN, (sent.id, sent.contact_id, sent.number))
    adopt(tmp_path / "trial.db")

    await trial.run(on_pass=bounded)

    assert len(trial.sandbox.ledger()) == 6
    (planned,) = [each for each in attempts_of(trial) if each.id == sent.id]
    assert planned.state == "withdrawn"


async def test_another_database_with_the_same_people_goes_its_own_way(trial, bounded, tmp_path):
    """Who starts over with a new one, as in rehearsing, finds nobody set aside."""
    fresh = open_store(f"sqlite:///{tmp_path / 'fresh.db'}")

    await replace(trial, desk=replace(trial.desk, store=fresh)).run(on_pass=bounded)

    with fresh.reading() as tx:
        counts = tx.counts(1, now=trial.clock.now())
    fresh.close()
    assert counts.contacts == {"reached": 6}
    assert len(trial.sandbox.ledger()) == 9
