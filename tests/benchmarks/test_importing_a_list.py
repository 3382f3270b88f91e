"""Importing 100,000 rows into SQLite, beside reading and inserting them bare."""

import sqlite3
import time
from itertools import cycle, islice, product
from pathlib import Path

import pandas as pd
import phonenumbers

from inkbatch.settings import Settings
from inkbatch.wiring import Workplace, load_campaign

ROWS, ROUNDS = 100_000, 3

CAMPAIGN = """
name = "benchmark"
call_list = "list.csv"
default_region = "US"
from_numbers = ["+14155550100"]
[calling_window]
weekdays = ["09:00-20:00"]
"""


def test_importing_100k_rows(tmp_path, capsys):
    """Prints rows per second of the whole import and of the bare one, pair by pair in one run.

    There are fewer numbers reserved for examples than rows, so the later rows are duplicates.
    """
    (tmp_path / "campaign.toml").write_text(CAMPAIGN)
    _write_list(tmp_path / "list.csv")
    pairs = [
        (_seconds_of_import(tmp_path, round_number), _seconds_bare(tmp_path, round_number))
        for round_number in range(ROUNDS)
    ]
    with capsys.disabled():
        print(f"\nimporting {ROWS} rows (CSV to SQLite), rows per second")
        print("  inkbatch   read_csv + executemany   times as long")
        for ours, bare in pairs:
            print(f"  {ROWS / ours:8.0f} {ROWS / bare:24.0f} {ours / bare:15.1f}")


def _write_list(path: Path) -> None:
    areas = [area for area in map(str, range(201, 990)) if _is_reserved_in(area)]
    numbers = [f"({area}) 555-01{last:02d}" for area, last in product(areas, range(100))]
    rows = (f"Person {row},{number}" for row, number in enumerate(islice(cycle(numbers), ROWS)))
    path.write_text("Name,Phone\n" + "\n".join(rows))


def _is_reserved_in(area: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550100"))


def _seconds_of_import(folder: Path, round_number: int) -> float:
    url = f"sqlite:///{folder / f'{round_number}.db'}"
    workplace = Workplace(settings=Settings(database_url=url))
    store = workplace.open_store()
    started = time.perf_counter()
    enrolment = workplace.enroll(store, load_campaign(folder), folder)
    seconds = time.perf_counter() - started
    assert enrolment.enrolled.rows == ROWS
    store.close()
    return seconds


def _seconds_bare(folder: Path, round_number: int) -> float:
    started = time.perf_counter()
    rows = pd.read_csv(folder / "list.csv", dtype=str)
    with sqlite3.connect(folder / f"bare{round_number}.db") as database:
        database.execute("CREATE TABLE contact (name TEXT, phone TEXT)")
        database.executemany("INSERT INTO contact VALUES (?, ?)", rows.itertuples(index=False))
    return time.perf_counter() - started
