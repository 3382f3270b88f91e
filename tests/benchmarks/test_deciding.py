"""What a pass asks of contacts before it dials, with few and with very many people waiting.

The rival is what was asked before: all waiting contacts grouped by their zones.
"""

import time
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import func, insert, select

from inkbatch.adapters.store.tables import campaign, contact

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
ZONES = [("America/New_York",), ("America/Denver", "America/Phoenix"), ("Pacific/Honolulu",)]
FEW, MANY = 1_000, 1_000_000
AT_ONCE = 50_000
ROUNDS = 15


def fill(store, *, campaign_id, contacts):
    """Let so many contacts wait, all due."""
    row = {"id": campaign_id, "organisation": "acme", "name": f"of {contacts}", "folder": ""}
    with store.engine.begin() as connection:
        connection.execute(
            insert(campaign).values(**row, state="active", priority=0, rules={}, changed_at=NOW)
        )
        for start in range(0, contacts, AT_ONCE):
            rows = [
                {
                    "campaign_id": campaign_id,
                    "number": f"+1{campaign_id}{place:09d}",
                    "zones": "|".join(ZONES[place % len(ZONES)]),
                    "fields": {},
                    "row_number": place,
                    "priority": place % 3,
                    "expires_at": NOW + timedelta(days=1 + place % 30) if place % 2 else None,
                    "state": "waiting",
                    "waits_until": NOW,
                    "why": "new",
                    "attempts_used": place % 4,
                    "enrolled_at": NOW,
                }
                for place in range(start, min(start + AT_ONCE, contacts))
            ]
            connection.execute(insert(contact), rows)
        if store.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE contact")


def decide(store, campaign_id):
    """Ask as `choose` does, and as the pass of another campaign does."""
    with store.reading() as tx:
        tx.zone_queues(campaign_id)
        groups = tx.waiting_groups(campaign_id)
        tx.deadline_groups(campaign_id, before=NOW + timedelta(hours=24), limit=200)
        tx.contacts_in_turn(campaign_id, [[group] for group in groups], now=NOW, limit=50)
        tx.contacts_in_turn(campaign_id, [groups], now=NOW, limit=50)
        tx.answer_tallies(campaign_id)
        tx.count_due(campaign_id, zones=ZONES, before=NOW + timedelta(hours=24), limit=100)


def group_all(store, campaign_id):
    """Ask as was asked before."""
    query = (
        select(contact.c.zones, func.min(contact.c.waits_until), func.count())
        .where(contact.c.campaign_id == campaign_id, contact.c.state == "waiting")
        .group_by(contact.c.zones)
    )
    with store.engine.connect() as connection:
        connection.execute(query).all()


def milliseconds(ask, store, campaign_id):
    """Return the median of several rounds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask(store, campaign_id)
        taken.append(time.perf_counter() - began)
    return 1000 * median(taken)


def test_deciding_with_a_million_contacts_waiting(store):
    """Prints both databases' figures and their ratio."""
    for campaign_id, contacts in ((1, FEW), (2, MANY)):
        fill(store, campaign_id=campaign_id, contacts=contacts)
    few, many = (milliseconds(decide, store, campaign_id) for campaign_id in (1, 2))
    grouped = [milliseconds(group_all, store, campaign_id) for campaign_id in (1, 2)]
    print(
        f"\ndeciding, {store.engine.dialect.name}: {few:.1f} ms with {FEW:,} contacts waiting, "
        f"{many:.1f} ms with {MANY:,}: {many / few:.2f} times; grouping them all: "
        f"{grouped[0]:.1f} and {grouped[1]:.1f} ms, {grouped[1] / grouped[0]:.0f} times"
    )
