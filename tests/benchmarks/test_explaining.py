"""why, explain and plan over a long list, beside the query that people write to find out.

INKBATCH_BENCHMARK_ROWS sets the contacts (1,000,000 is what the README tells of).
"""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import func, select, update

from inkbatch.adapters.clock import RealClock
from inkbatch.adapters.store import tables
from inkbatch.dialer.explain import outlook, told_of_number
from inkbatch.dialer.shift import Timing
from inkbatch.domain.budget import Limits
from inkbatch.domain.call_list import CallList
from inkbatch.domain.row_batch import PlainRows, RowBatch
from inkbatch.settings import Settings
from inkbatch.showing import foresee, why_now
from inkbatch.wiring import Workplace, load_campaign
from tests.trial_campaigns import write_campaign

CONTACTS = int(os.environ.get("INKBATCH_BENCHMARK_ROWS", "200000"))
BATCH, ROUNDS = 10_000, 5
ZONES = tuple(
    (f"America/{city}",) for city in ("New_York", "Chicago", "Denver", "Phoenix", "Los_Angeles")
)


def test_explaining_over_a_long_list(tmp_path, capsys):
    """Prints milliseconds of each, and how many times as long as the plain query it takes.

    A tenth of the contacts was tried before. Numbers beyond the reserved ones are made up by
    counting, stored in a file that vanishes, and nobody is dialed.
    """
    folder = write_campaign(tmp_path / "long", ["+12125550100"], pacing=None)
    workplace = Workplace(settings=Settings(database_url=f"sqlite:///{tmp_path / 'long.db'}"))
    store, campaign = workplace.open_store(), load_campaign(folder)
    record = _filled(store, campaign, folder)
    clock = RealClock()

    def explain():
        with store.reading() as tx:
            (told,) = told_of_number(tx, _number(CONTACTS // 2))
        return outlook(store, campaign, told, clock=clock)

    def naive():
        contact = tables.contact.c
        counted = select(contact.state, contact.why, func.count()).group_by(
            contact.state, contact.why
        )
        with store.engine.connect() as connection:
            return connection.execute(counted).all()

    def plan(limit):
        return asyncio.run(foresee(store, record, clock=clock, timing=Timing(), limit=limit))

    ways = {
        "SELECT state, why, COUNT(*)": naive,
        "inkbatch why": lambda: why_now(store, record, clock=clock),
        "inkbatch explain": explain,
        "inkbatch plan, 25 calls": lambda: plan(25),
        "inkbatch plan, 100 calls": lambda: plan(100),
    }
    took = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            took[name].append(time.perf_counter() - began)
    rival = median(took["SELECT state, why, COUNT(*)"])
    with capsys.disabled():
        print(f"\nexplaining over {CONTACTS:,} contacts in SQLite (medians of {ROUNDS})")
        for name, seconds in took.items():
            print(f"  {name:30} {median(seconds) * 1000:8.0f} ms {median(seconds) / rival:8.2f}")
    store.close()


def _filled(store, campaign, folder):
    now = datetime.now(UTC)
    with store.transaction() as tx:
        record = tx.save_campaign(campaign, organisation="long", folder=str(folder), now=now)
        tx.set_limits("long", Limits(calls=100, minutes=100.0), now=now)
        batches = (RowBatch(plain=_plain(start)) for start in range(0, CONTACTS, BATCH))
        call_list = CallList(name="long.csv", sha256="a" * 64, columns=("phone",), batches=batches)
        tx.enroll(record.id, call_list, now=now)
    contact = tables.contact.c
    tried = (
        update(tables.contact)
        .where(contact.id % 10 == 0)
        .values(waits_until=now + timedelta(days=1), why="try 1 of 4 came to no_answer")
    )
    with store.engine.begin() as connection:
        connection.execute(tried)
    return record


def _number(place):
    return f"+1212{place + 2_000_000:07d}"


def _plain(start):
    places = range(start, min(start + BATCH, CONTACTS))
    return PlainRows(
        row_numbers=[place + 2 for place in places],
        numbers=[_number(place) for place in places],
        number_types=[None for _ in places],
        zones=[ZONES[place % len(ZONES)] for place in places],
        fields={"name": [f"Person {place}" for place in places]},
    )
