"""The table of fault points names crash points and tests that exist, for every fault."""

import re
from pathlib import Path

import pytest

from tests.crash_points import FAULT_POINTS

TESTS = Path(__file__).parents[1]
TABLE = TESTS / "fault_points.md"
SAID_WITH = {"F6": "F5", "F7": "F5", "F14": "F13"}
FAULTS = {f"F{number}" for number in range(24)} | {"F3b", "F3c", "F8b"}
DEFINED = {
    name
    for path in TESTS.rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
}


def rows():
    """Return the cells of each row."""
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| F")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_fault_has_crash_points_or_says_why_not_and_tests_that_exist(row):
    """Its points are those of `FAULT_POINTS`, so that none is listed which nobody strikes at."""
    number, _, points, tests = row
    named = set(re.findall(r"`(test_\w+)`", tests))
    assert named
    assert named <= DEFINED, named - DEFINED
    if number in FAULT_POINTS:
        assert tuple(re.findall(r"`([^`]+)`", points)) == FAULT_POINTS[number]
    else:
        assert re.fullmatch(r"- .{10,}\.", points)


def test_the_table_is_about_every_fault():
    """Each number of the list has a row, or stands in the row of another."""
    told = {row[0]: row[1] for row in rows()}
    assert FAULTS - told.keys() - SAID_WITH.keys() == set()
    assert all(each in told[row] for each, row in SAID_WITH.items())
    assert told.keys() >= FAULT_POINTS.keys()
