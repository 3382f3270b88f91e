"""Figures, page and frames over many attempts, beside one SQL aggregation and bare ADBC.

Run with `-s`; INKBATCH_BENCHMARK_ATTEMPTS=1000000 says how many, 100,000 without it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, insert

from inkbatch.adapters.reports import (
    Wanted,
    as_frame,
    attempts_table,
    campaign_figures,
    contacts_table,
    export,
    render,
)
from inkbatch.adapters.reports.talks import TALKS_MAX, Talks, latest_talks
from inkbatch.adapters.store import SqlStore, open_store
from inkbatch.adapters.store.rules import rules_as_json
from inkbatch.adapters.store.tables import (
    attempt,
    attempt_result,
    budget_entry,
    campaign,
    contact,
    list_file,
    shift,
)
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.campaign import CampaignState
from inkbatch.ports import CampaignRecord

ATTEMPTS = int(os.environ.get("INKBATCH_BENCHMARK_ATTEMPTS", "100000"))
CONTACTS = ATTEMPTS * 2 // 5
START = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
NOW = START + timedelta(days=ATTEMPTS // 1_000 + 20)
DAY = timedelta(days=1)
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
SCATTER = 0x9E3779B97F4A7C15F39CC0605CEDC835
WORDS = {
    "answered": [
        ("confirmed", "success"),
        ("cannot come", "success"),
        ("call later", "call_back"),
        ("wrong person", "none"),
        ("no more calls", "do_not_call"),
    ],
    "voicemail": [("left a message", "none")],
}
OUTCOMES = ("answered", "voicemail", "no_answer", "no_answer", "rejected", "failed")
WINDOW = CallingWindow(weekdays=((Span(9 * 60, 19 * 60),),) * 7)
RULES = {
    "window": rules_as_json(WINDOW),
    "retry": {"attempts_max": 3},
    "budget": {"head_room": {"calls": 0, "minutes": 0.0}, "predicted_minutes": 1.0},
}
RECORD = CampaignRecord(
    id=1,
    organisation="acme",
    name="large",
    folder="campaigns/large",
    state=CampaignState.ACTIVE,
    state_reason=None,
    changed_at=START,
)

WANTED = Wanted(campaign_ids=[RECORD.id])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    path: Path = tmp_path_factory.mktemp("reports") / "inkbatch.db"
    store = open_store(f"sqlite:///{path}")
    fill(store.engine)
    yield store
    store.close()


def fill(engine: Engine) -> None:
    """Write two contacts for five attempts, a thousand of which are made a day."""
    record = {
        "id": 1,
        "organisation": "acme",
        "name": "large",
        "folder": "campaigns/large",
        "state": "active",
        "priority": 0,
        "rules": RULES,
        "changed_at": START,
    }
    owner = {"id": "shift", "campaign_id": 1, "lock_name": "acme", "host": "here", "pid": 1}
    with engine.begin() as connection:
        connection.execute(insert(campaign), record)
        connection.execute(insert(shift), owner | {"started_at": START})
        for table, values in (
            (list_file, iter([FILE])),
            (contact, contacts()),
            (attempt, attempts()),
            (budget_entry, entries()),
            (attempt_result, results()),
        ):
            load(connection, table, values)


def load(connection: Connection, table: Table, values: Iterator[dict[str, Any]]) -> None:
    """Write rows as SQLite keeps them: three times as fast as with SQLAlchemy's conversions."""
    first = next(values)
    names, marks = ", ".join(f'"{name}"' for name in first), ", ".join("?" * len(first))
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 (our own names)
    stored = (tuple(map(as_kept, row.values())) for row in chain([first], values))
    while chunk := list(islice(stored, 50_000)):
        connection.exec_driver_sql(statement, chunk)


def as_kept(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return json.dumps(value) if isinstance(value, dict | list) else value


FILE = {
    "id": 1,
    "campaign_id": 1,
    "name": "people.csv",
    "sha256": "0" * 64,
    "enrolled_at": START,
    "plain_rows": CONTACTS,
}


def contacts() -> Iterator[dict[str, Any]]:
    for number in range(CONTACTS):
        yield {
            "id": number + 1,
            "campaign_id": 1,
            "number": f"+1{200_555_0000 + number}",
            "zones": ZONES[number % 4],
            "fields": {"first_name": "Ada", "city": "Springfield"},
            "row_number": number + 2,
            "priority": 0,
            "state": ("waiting", "reached", "exhausted")[number % 3],
            "waits_until": START,
            "why": "try 2 of 3 came to no_answer",
            "attempts_used": 2,
            "enrolled_at": START,
            "file_id": 1,
        }


def attempts() -> Iterator[dict[str, Any]]:
    random = Random(7)
    for number in range(ATTEMPTS):
        at = reserved_at(number)
        came_to = outcome(number)
        yield {
            "id": id_of(number),
            "campaign_id": 1,
            "contact_id": number % CONTACTS + 1,
            "number": f"+1{200_555_0000 + number % CONTACTS}",
            "from_number": "+14155550100",
            "ordinal": number // CONTACTS + 1,
            "state": "ended",
            "shift_id": "shift",
            "predicted_minutes": 1.0,
            "created_at": at,
            "reserved_at": at,
            "placed_at": at,
            "ended_at": at + timedelta(minutes=1),
            "looks": 0,
            "call_id": f"call-{number}",
            "disposition": came_to,
            "talk_minutes": random.uniform(0.5, 3.0) if came_to == "answered" else 0.0,
        }


def entries() -> Iterator[dict[str, Any]]:
    for number in range(ATTEMPTS):
        at = reserved_at(number)
        yield {
            "organisation": "acme",
            "source": "attempt",
            "attempt_id": id_of(number),
            "calls": 1,
            "minutes": 0.7,
            "counts_from": at,
            "calls_until": at + DAY,
            "minutes_until": at + DAY + timedelta(minutes=1),
        }


def results() -> Iterator[dict[str, Any]]:
    """What the agent told wherever something picked up, once in a hundred times twice.

    One of ten with a talk of 1,500 characters; the last thousand attempts without.
    """
    said = [{"party": "local", "text": "x" * 150, "ts_ms": 900 * turn} for turn in range(10)]
    for number in range(ATTEMPTS):
        words = WORDS.get(outcome(number), ())
        for place in range(2 if number % 100 == 0 else 1) if words else ():
            word, effect = words[number // 3 % len(words)]
            talked = number % 10 == 0 and number < ATTEMPTS - 1_000
            yield {
                "attempt_id": id_of(number),
                "result_id": f"result {place}",
                "contact_id": number % CONTACTS + 1,
                "campaign_id": 1,
                "word": word,
                "effect": effect,
                "call_back_at": reserved_at(number) + DAY if effect == "call_back" else None,
                "fields": {},
                "transcript": said if talked else [],
                "posted_at": reserved_at(number),
            }


def id_of(number: int) -> str:
    """As scattered as the ids of real attempts."""
    return f"{number * SCATTER % 2**128:032x}"


def outcome(number: int) -> str:
    return OUTCOMES[number * SCATTER % 2**64 // 7 % len(OUTCOMES)]


def reserved_at(number: int) -> datetime:
    """A thousand a day, spread over ten hours."""
    day, place = divmod(number, 1_000)
    return START + timedelta(days=day, seconds=36 * place)


def seconds(work: Callable[[], object]) -> float:
    before = perf_counter()
    work()
    return perf_counter() - before


def one_raw_pass(engine: Engine) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(
            "SELECT disposition, ordinal, count(*), sum(talk_minutes) FROM attempt "
            "WHERE campaign_id = 1 GROUP BY disposition, ordinal"
        ).all()


def one_pass_by_hour(engine: Engine) -> object:
    """The pass that tells what each try came to at each hour, still without time zones."""
    with engine.connect() as connection:
        return connection.exec_driver_sql(
            "SELECT disposition, ordinal, strftime('%w%H', reserved_at), count(*), "
            "sum(talk_minutes), min(reserved_at), max(reserved_at) FROM attempt "
            "WHERE campaign_id = 1 GROUP BY 1, 2, 3"
        ).all()


BARE = """
import sys
from adbc_driver_sqlite import dbapi
with dbapi.connect(sys.argv[1]) as connection, connection.cursor() as cursor:
    cursor.execute("SELECT * FROM attempt WHERE campaign_id = 1")
    cursor.fetch_arrow_table().to_pandas()
"""


def bare_adbc(engine: Engine) -> None:
    """The whole table untyped, in a process of its own as the frames have it."""
    uri = f"{Path(engine.url.database or '').as_uri()}?mode=ro"
    subprocess.run([sys.executable, "-c", BARE, uri], check=True)


WHOLE_REPORT = """
import sys, tempfile
from datetime import datetime
from pathlib import Path
from inkbatch.adapters.reports import write_report
from inkbatch.adapters.store import open_store
store = open_store(sys.argv[1])
with store.reading() as tx:
    record = tx.campaign("large")
with tempfile.TemporaryDirectory() as folder:
    write_report(store.engine, record, to=Path(folder), now=datetime.fromisoformat(sys.argv[2]))
# Not its ru_maxrss, which begins with what the process that started it had.
told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(told["VmHWM"].split()[0]) * 1024 // 1_000_000)
"""


def megabytes_of_a_report(engine: Engine) -> int:
    """The most memory of a process that writes the report and does nothing else."""
    command = [sys.executable, "-c", WHOLE_REPORT, str(engine.url), NOW.isoformat()]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout)


def talks_of(engine: Engine) -> Talks:
    with engine.connect() as connection:
        return latest_talks(connection, RECORD.id)


@pytest.mark.timeout(900)
def test_report_over_many_attempts(store: SqlStore, tmp_path: Path) -> None:
    """What a report costs, beside the one aggregation that no report can do without."""
    engine = store.engine
    figures = campaign_figures(engine, RECORD, now=NOW)
    assert figures.attempts_ended == ATTEMPTS
    assert len(talks_of(engine).shown) == TALKS_MAX
    work: dict[str, Callable[[], object]] = {
        "one raw aggregation": lambda: one_raw_pass(engine),
        "figures": lambda: campaign_figures(engine, RECORD, now=NOW),
        "one aggregation by hour": lambda: one_pass_by_hour(engine),
        "bare ADBC to Arrow to pandas": lambda: bare_adbc(engine),
        "latest talks": lambda: talks_of(engine),
        "page from figures": lambda: render(figures),
        "frame of attempts": lambda: as_frame(attempts_table(engine, WANTED)),
        "frame of contacts": lambda: as_frame(contacts_table(engine, WANTED, now=NOW)),
    }
    work |= {
        f"attempts to .{ending}": lambda to=tmp_path / f"attempts.{ending}": export(
            engine, RECORD, what="attempts", to=to, now=NOW
        )
        for ending in ("csv", "parquet", "xlsx")
    }
    print(f"\n{ATTEMPTS:,} attempts of {CONTACTS:,} contacts, page {len(render(figures)):,} bytes")
    took: dict[str, float] = {}
    for name, each in work.items():
        rounds = 1 if name.startswith("attempts to") else 3
        took[name] = min(seconds(each) for _ in range(rounds))
        print(f"{name:>28} {took[name]:7.3f} s")
    figures_took = took["figures"]
    for rival in ("one raw aggregation", "one aggregation by hour"):
        print(f"figures take {figures_took / took[rival]:.1f} times {rival}")
    print(f"a process that writes the report takes {megabytes_of_a_report(engine)} MB")
