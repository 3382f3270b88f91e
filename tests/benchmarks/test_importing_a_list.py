"""Importing a long list into SQLite, beside reading and inserting it bare and beside a naive loop.

Each measures itself in a process of its own. INKBATCH_BENCHMARK_ROWS sets the rows of the text
file and of the Parquet file (1,000,000 is what the README tells of).
"""

import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

import pandas as pd
import phonenumbers
import python_calamine
from sqlmodel import Field, Session, SQLModel, create_engine

from inkbatch.settings import Settings
from inkbatch.wiring import Workplace, load_campaign

ROWS = int(os.environ.get("INKBATCH_BENCHMARK_ROWS", "200000"))
WORKBOOK_ROWS, NAIVE_ROWS, ROUNDS = 100_000, 10_000, 5
BARE = ("bare", "calamine")

CAMPAIGN = """
name = "benchmark"
call_list = "{file}"
default_region = "US"
from_numbers = ["+14155550100"]
[calling_window]
weekdays = ["09:00-20:00"]
"""


class Way(NamedTuple):
    """One way to take a file of so many rows; the bare one before it is its rival."""

    label: str
    name: str
    file: str
    rows: int


class Measured(NamedTuple):
    """What one process said of itself and its children."""

    seconds: float
    peak_mib: float


def test_importing_a_long_list(tmp_path, capsys):
    """Prints rows per second, peak memory and how many times as long as the bare way it takes.

    There are fewer numbers reserved for examples than rows, so these are drawn at random when
    the benchmark runs; they are stored in a file that vanishes, and nobody is dialed.
    """
    frame = pd.DataFrame({"Name": [f"Person {row}" for row in range(ROWS)], "Phone": _numbers()})
    frame.to_csv(tmp_path / "list.csv", index=False)
    frame.to_parquet(tmp_path / "list.parquet")
    frame[:WORKBOOK_ROWS].to_excel(tmp_path / "list.xlsx", index=False)
    table_rows, workbook_rows = len(frame), min(ROWS, WORKBOOK_ROWS)
    ways = (
        Way("read_csv and executemany", "bare", "list.csv", table_rows),
        Way("inkbatch, CSV", "inkbatch", "list.csv", table_rows),
        Way("inkbatch, Parquet", "inkbatch", "list.parquet", table_rows),
        Way("phonenumbers and an ORM, row by row", "naive", "list.csv", NAIVE_ROWS),
        Way("calamine alone, XLSX", "calamine", "list.xlsx", workbook_rows),
        Way("inkbatch, XLSX, reading only", "read", "list.xlsx", workbook_rows),
    )
    rounds = [_round(ways, tmp_path, number) for number in range(ROUNDS)]
    with capsys.disabled():
        print(f"\nimporting {ROWS} rows into SQLite (medians of {ROUNDS} rounds)")
        print(f"  {'':36} rows/s  microseconds a row  times the bare way  peak MiB")
        for place, way in enumerate(ways):
            rival = next(at for at in range(place, -1, -1) if ways[at].name in BARE)
            per_row = median(each[place].seconds for each in rounds) / way.rows
            times = median(
                each[place].seconds / way.rows / (each[rival].seconds / ways[rival].rows)
                for each in rounds
            )
            peak = max(each[place].peak_mib for each in rounds)
            print(
                f"  {way.label:36} {1 / per_row:6.0f} {per_row * 1e6:19.1f} {times:19.2f}"
                f" {peak:9.0f}"
            )


def _round(ways: tuple[Way, ...], folder: Path, number: int) -> list[Measured]:
    """Let each way measure itself once: a machine that slows down for a while slows all of them.

    Every other round goes backwards: what one way leaves behind does not always slow the same one.
    """
    order = ways if number % 2 == 0 else ways[::-1]
    found = {way: _measured(way, folder, number) for way in order}
    return [found[way] for way in ways]


def _numbers() -> list[str]:
    random, found = Random(7), dict[str, None]()
    areas = [str(area) for area in range(201, 990) if _is_area(area)]
    while len(found) < ROWS:
        area, exchange, last = random.choice(areas), random.randrange(200, 1000), random.random()
        found[f"({area}) {exchange}-{int(last * 10_000):04d}"] = None
    return list(found)


def _is_area(area: int) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550100"))


def _measured(way: Way, folder: Path, number: int) -> Measured:
    """Let a fresh process measure itself."""
    own = folder / f"{way.name}-{way.file}-{number}"
    command = [sys.executable, __file__, way.name, str(folder / way.file), str(own)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    shutil.rmtree(own)
    seconds, peak = told.stdout.split()
    return Measured(float(seconds), float(peak))


def _inkbatch(file: Path, folder: Path) -> Callable[[], object]:
    (folder / "campaign.toml").write_text(CAMPAIGN.format(file=file))
    workplace = Workplace(settings=Settings(database_url=f"sqlite:///{folder / 'inkbatch.db'}"))
    store, campaign = workplace.open_store(), load_campaign(folder)
    return lambda: workplace.enroll(store, campaign, folder)


def _read(file: Path, _folder: Path) -> Callable[[], object]:
    from inkbatch.adapters.call_lists.tables import read_table  # noqa: PLC0415 (as a run does)

    return lambda: sum(1 for _ in read_table(file).rows())


def _calamine(file: Path, _folder: Path) -> Callable[[], object]:
    return lambda: python_calamine.load_workbook(file).get_sheet_by_index(0).to_python()


def _bare(file: Path, folder: Path) -> Callable[[], object]:
    def work() -> None:
        rows = pd.read_csv(file, dtype=str)
        with sqlite3.connect(folder / "bare.db") as database:
            database.execute("CREATE TABLE contact (name TEXT, phone TEXT)")
            database.executemany(
                "INSERT INTO contact VALUES (?, ?)", rows.itertuples(index=False, name=None)
            )

    return work


class Person(SQLModel, table=True):
    """What a naive import stores."""

    __tablename__ = "naive_person"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    phone: str


def _naive(file: Path, folder: Path) -> Callable[[], object]:
    engine = create_engine(f"sqlite:///{folder / 'naive.db'}")
    Person.__table__.create(engine)  # type: ignore[attr-defined]  # SQLModel makes it

    def work() -> None:
        rows = pd.read_csv(file, dtype=str, nrows=NAIVE_ROWS)
        with Session(engine) as session:
            for row in rows.itertuples():
                number = phonenumbers.parse(row.Phone, "US")
                if phonenumbers.is_valid_number(number):
                    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
                    session.add(Person(name=row.Name, phone=e164))
            session.commit()

    return work


def _peak_mib() -> float:
    """Return the process's own peak and that of its largest child, as if both came at once.

    `getrusage` would tell the peak of a parent if it is higher, so that of a child may be less.
    """
    status = Path("/proc/self/status").read_text()
    own = float(re.search(r"VmHWM:\s+(\d+) kB", status)[1])  # type: ignore[index]  # Linux always tells it
    return (own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


WAYS = {
    "inkbatch": _inkbatch,
    "bare": _bare,
    "naive": _naive,
    "read": _read,
    "calamine": _calamine,
}

if __name__ == "__main__":
    way, file, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir()
    work = WAYS[way](file, folder)
    started = time.perf_counter()
    work()
    print(time.perf_counter() - started, end=" ")
    print(_peak_mib())
