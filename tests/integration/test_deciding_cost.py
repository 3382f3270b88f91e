"""What a pass asks of contacts costs the same however many of them wait."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.adapters.store import open_store
from inkbatch.adapters.store.tables import campaign, contact

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
ZONES = [("America/New_York",), ("America/Denver", "America/Phoenix"), ("Pacific/Honolulu",)]
FEW, MANY = 600, 60_000
STEP = 10
"""SQLite tells each time it has done so many instructions."""


def waiting(count, *, until, priorities):
    """Contacts that take turns among zones and priorities."""
    return [
        {
            "campaign_id": 1,
            "number": f"+1212{place:07d}",
            "zones": "|".join(ZONES[place % len(ZONES)]),
            "fields": {},
            "row_number": place,
            "priority": place % priorities,
            "state": "waiting",
            "waits_until": until,
            "why": "new",
            "attempts_used": place % 4,
            "expires_at": NOW + timedelta(hours=place % 48) if place % 2 else None,
            "enrolled_at": NOW,
        }
        for place in range(count)
    ]


def decide(tx):
    """Ask what a pass asks of contacts, another campaign's pass included."""
    tx.zone_queues(1)
    tx.due_contacts(1, zones=ZONES, now=NOW, limit=5)
    groups = tx.waiting_groups(1)
    tx.contacts_in_turn(1, [[group] for group in groups], now=NOW, limit=5)
    urgent = tx.deadline_groups(1, before=NOW + timedelta(hours=24), limit=100)
    tx.contacts_in_turn(1, [[group] for group in urgent], now=NOW, limit=5)
    tx.answer_tallies(1)
    tx.count_waiting(1, limit=100)
    tx.count_due(1, zones=ZONES, before=NOW + timedelta(hours=24), limit=100)


def instructions(url, contacts):
    """Return how many instructions SQLite takes to decide with these contacts."""
    store, steps = open_store(url), []
    with store.engine.begin() as connection:
        row = {"id": 1, "organisation": "acme", "name": "trial", "folder": "", "state": "active"}
        connection.execute(campaign.insert().values(**row, priority=0, rules={}, changed_at=NOW))
        connection.execute(contact.insert(), contacts)
    with store.reading() as tx:
        driver = tx._connection.connection.driver_connection  # noqa: SLF001 (only SQLite counts)
        driver.set_progress_handler(lambda: steps.append(1), STEP)
        decide(tx)
        driver.set_progress_handler(None, STEP)
    store.close()
    return len(steps)


@pytest.mark.parametrize("until", [NOW, NOW + timedelta(days=2)], ids=["due", "later"])
@pytest.mark.parametrize("priorities", [1, 20])
def test_deciding_takes_no_more_with_a_hundred_times_as_many_contacts(tmp_path, until, priorities):
    """Counted in instructions of SQLite, so that no clock is asked."""
    taken = [
        instructions(
            f"sqlite:///{tmp_path / f'{count}.db'}",
            waiting(count, until=until, priorities=priorities),
        )
        for count in (FEW, MANY)
    ]
    assert 0 < taken[1] <= 1.2 * taken[0]
