"""After an upgrade a campaign goes on where it stood, from each revision that there ever was."""

from dataclasses import replace

import pytest

from inkbatch.adapters.store import current_revision
from inkbatch.adapters.store.revisions import REVISIONS
from tests import faults
from tests.ledger_oracle import by_number
from tests.older_databases import write_older_database
from tests.trial_campaigns import attempts_of, callees, numbers

PEOPLE = 8
LOST, CUT = (3, 5), 6
"""The answers to these dials are lost; while the last is under way the power goes."""

STATES = {"ended", "placed", "unconfirmed", "reserved"}


def spoiled(dial):
    """Return what spoils a dial."""
    return faults.times_out if dial in LOST else faults.power_cut if dial == CUT else None


@pytest.fixture
async def stopped(campaign, rehearse):
    """A campaign in the middle of its night, whose machine was switched off for the upgrade."""
    folder = campaign(numbers(PEOPLE), pacing={"calls_at_once": 3, "calls_per_minute": "unlimited"})
    trial = await rehearse(folder, dials=spoiled, population=callees(seed=5))
    with pytest.raises(faults.PowerCut):
        await trial.run()
    assert {attempt.state for attempt in attempts_of(trial)} >= STATES
    return trial


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_run_goes_on_after_an_upgrade_and_calls_nobody_twice(
    stopped, bounded, tmp_path, revision
):
    """Calls in progress, a lost answer and an intent of a dead process are known afterwards."""
    source, target = tmp_path / "trial.db", tmp_path / f"{revision}.db"
    write_older_database(source, target, revision=revision)
    url = f"sqlite:///{target}"
    assert current_revision(url) == revision
    workplace = stopped.workplace
    settings = workplace.settings.model_copy(update={"database_url": url})
    workplace = replace(workplace, settings=settings)
    store = workplace.open_store()
    store.adopt()
    store.close()

    async with workplace.desk() as desk:
        trial = replace(stopped, workplace=workplace, desk=desk)
        result = await trial.run(on_pass=bounded)

        assert (result.problem, result.wake_at) == (None, None)
        assert current_revision(url) == REVISIONS[-1]
        calls = {number: len(made) for number, made in by_number(trial.sandbox.ledger()).items()}
        assert max(calls.values()) == 1, calls
        counts = trial.counts()
        assert counts.contacts == {"reached": PEOPLE}
        assert sum(counts.rows.values()) == PEOPLE
        assert not counts.open_attempts
