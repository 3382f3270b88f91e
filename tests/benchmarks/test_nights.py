"""A campaign of 10,000 contacts lived through, night after night, under a virtual clock.

::

    python -m tests.benchmarks.test_nights

The real dialer and an SQLite file in which each intent is durable; of Inkbox the sandbox's exchange
without HTTP. What it costs is what a user's machine does in those nights, less waiting and network.
"""

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time

import phonenumbers
import pytest

from inkbatch.adapters.store import upgrade
from inkbatch.sandbox import Population
from tests.benchmarks.weeks import Week, inkbatch_in, live

NIGHTS, CONTACTS = 120, 10_000
POSSIBLE_AREAS = map(str, range(201, 990))


def valid_areas(count):
    """Return the first area codes that there are; the numbers in them are reserved ones."""
    valid = (
        area
        for area in POSSIBLE_AREAS
        if phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550100"))
    )
    return tuple(area for area, _ in zip(valid, range(count), strict=False))


EVENINGS = Week(
    name="5 calls at once of at most 3 minutes, 20 a minute",
    hours=("17:00-20:00",),
    areas=valid_areas(CONTACTS // 100),
    minutes_max=3.0,
    population=Population(max_duration=timedelta(minutes=3)),
    calls_per_minute=20,
    days=NIGHTS,
)
MORE_AT_ONCE = "20 calls at once of at most 3 minutes"
WEEKS = (
    EVENINGS,
    replace(EVENINGS, name=MORE_AT_ONCE, calls_at_once=20, calls_per_minute=None),
)


@pytest.mark.timeout(3600)
def test_a_hundred_and_twenty_nights(tmp_path, sqlite_template):
    """Prints the seconds that they take, with the pacing that campaigns have and without any."""
    print()
    for number, week in enumerate(WEEKS):
        tell(week, tmp_path / f"{number}", sqlite_template)


def tell(week, folder, template):
    """Live through the nights and print what they took."""
    began, worked = perf_counter(), process_time()
    lived = live(week, inkbatch_in(folder, template), seed=1)
    seconds, worked = perf_counter() - began, process_time() - worked
    print(
        f"{week.days} nights, {CONTACTS:,} contacts, {week.name}: {seconds:.1f} s "
        f"({worked:.1f} s of a core), {len(lived.ours):,} calls, "
        f"{len(lived.ours) / seconds:.0f} a second"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        upgrade(f"sqlite:///{folder / 'template.db'}")
        for number, week in enumerate(WEEKS):
            tell(week, folder / f"{number}", folder / "template.db")
