"""What it takes to take over from a process that died with very many calls under way.

The rival is what a rescuer would do that asks for each call by itself: one statement an attempt.
"""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from inkbatch.adapters.store import open_store
from inkbatch.dialer.reconcile import reconcile, recover
from inkbatch.dialer.rounds import look_around
from inkbatch.domain.attempt import AttemptState
from inkbatch.testing import rehearsal
from tests.conformance.conftest import FROM_NUMBER, NOW, Given
from tests.trial_campaigns import write_campaign

OPEN = 10_000
AREAS = 100


class Listed:
    """Answers with the calls of all attempts, page by page, as fast as memory gives them."""

    skew = timedelta()

    def __init__(self, calls):
        self._calls = calls

    async def list_calls(self, _, *, limit, offset):
        """Return one page, newest first."""
        return self._calls[offset : offset + limit]


def fill(store, record, shift_id):
    """Write down so many intents of one dead shift, and return them."""
    given = Given(store)
    rows = [
        given.row(2 + i, number=f"+1{212 + i // AREAS}55501{i % AREAS:02d}") for i in range(OPEN)
    ]
    with store.transaction() as tx:
        tx.enroll(record.id, given.call_list(*rows), now=NOW)
        due = tx.due_contacts(record.id, zones=[rows[0].zones], now=NOW, limit=OPEN)
        intents = [
            given.planned(contact, f"attempt-{contact.id}", shift_id=shift_id).reserve(
                at=NOW, shift_id=shift_id, from_number=FROM_NUMBER
            )
            for contact in due
        ]
        assert tx.add_attempts(intents)
    return intents


def one_by_one(store, placed):
    """Write each attempt by a statement of its own."""
    with store.transaction() as tx:
        for each in placed:
            assert tx.advance(each.look_again(at=NOW), from_state=AttemptState.PLACED)


@pytest.fixture
async def shift(database_url, tmp_path):
    """A shift of a campaign on this database, with one dead shift before it."""
    folder = write_campaign(tmp_path / "trial", ["+12125550100"], from_numbers=[FROM_NUMBER])
    async with rehearsal(folder, start=NOW, database=tmp_path / "unused.db") as trial:
        store = open_store(database_url)
        there = replace(trial, desk=replace(trial.desk, store=store))
        async with there.shift() as alive:
            yield alive
        store.close()


async def test_taking_over_ten_thousand_open_attempts(shift):
    """Prints what taking over takes beside the same one by one, for each database."""
    given = Given(shift.store)
    other = given.campaign("dead", organisation=shift.organisation)
    dead = given.shift(other, "dead")
    intents = fill(shift.store, other, dead)
    calls = [
        given.call(
            f"call-{each.id}",
            remote_number=each.number,
            client_websocket_url=f"wss://agent.example/ws?inkbatch_attempt={each.id}",
        )
        for each in intents
    ]
    shift = replace(shift, telephony=Listed(calls[::-1]))

    began = time.perf_counter()
    recovered, _ = recover(shift)
    took_over = time.perf_counter()
    await shift.clock.sleep_until(NOW + timedelta(seconds=5))
    found = await reconcile(shift, look_around(shift))
    looked_up = time.perf_counter()

    assert (recovered, found) == (OPEN, OPEN)
    with shift.store.reading() as tx:
        placed = tx.open_attempts(AttemptState.PLACED, campaign_id=other.id)
    singly = _seconds(one_by_one, shift.store, placed)
    print(
        f"\nrecovering {OPEN:,} open attempts, {shift.store.engine.dialect.name}: "
        f"{took_over - began:.2f} s to take over (one by one {singly:.2f} s), "
        f"{looked_up - took_over:.2f} s to read and bind their calls"
    )


def _seconds(work, *arguments):
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began
