"""`inkbatch demo` as a stranger runs it, and what its own database says of the rules."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest

from tests.acceptance.demos import (
    CAMPAIGN,
    DAY,
    RULES,
    live_through,
    may_ring,
    rows_of_the_list,
    shown_in_the_readme,
    summary_table,
)

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def demo(terminal_in, tmp_path_factory):
    """One demo, as the README's command runs it."""
    return live_through(terminal_in(tmp_path_factory.mktemp("demo")), "demo")


def test_demo_ends_well_and_its_summary_adds_up_to_the_rows_of_the_file(demo):
    """Nothing lost: the states of contacts and the rows that became none are all rows."""
    assert (demo.code, demo.err) == (0, "")
    parts, total = summary_table(demo.out, "Rows of the call list", "rows")
    assert total == sum(parts.values()) == rows_of_the_list()
    assert not parts.keys() & {"due", "waiting", "in call"}
    parts, total = summary_table(demo.out, "Attempts", "attempts")
    assert total == sum(parts.values()) >= len(demo.calls)


def test_the_analysis_that_ships_runs_over_the_demo_and_finds_the_same(demo):
    """Every cell of the script, by the frames that the README names."""
    ended = subprocess.run(
        [sys.executable, CAMPAIGN / "analysis.py"],
        env={"PATH": os.defpath, "INKBATCH_DATABASE_URL": f"sqlite:///{demo.folder}/demo.db"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    states, _ = summary_table(demo.out, "Rows of the call list", "rows")
    assert re.search(rf"reached +{states['reached']}\n", ended.stdout)
    busiest = re.search(r"Busiest 24 hours in the sandbox's ledger: (\d+) calls", demo.out)
    assert f"most calls in any 24 hours: {busiest[1]}\n" in ended.stdout


def test_demo_keeps_the_limits_of_every_rolling_24_hours(demo):
    """At most 100 calls and 100 minutes, counted afresh from the calls; nothing was refused."""
    calls = demo.calls
    assert len(calls) > 100, "a demo that fits into one day shows nothing of the limit"
    for moment in [call["created_at"] for call in calls]:
        assert sum(moment - DAY < call["created_at"] <= moment for call in calls) <= 100
    for moment in [call["ended_at"] for call in calls]:
        assert sum((talk(call, moment) for call in calls), timedelta()) <= timedelta(minutes=100)
    assert "0 requests over the limit" in demo.out


def test_demo_calls_nobody_outside_the_calling_window(demo):
    """Open in every zone the contact may live in, by zoneinfo and the campaign's own file."""
    assert [call for call in demo.calls if not may_ring(call, RULES["calling_window"])] == []


def test_demo_calls_nobody_too_often_or_too_soon_or_who_is_suppressed(demo):
    """The caps of the campaign and its do-not-call file, from the calls alone."""
    caps = [(cap["attempts"], hours(cap["period"])) for cap in RULES["attempts"]["per"]]
    never = re.findall(r"\d+", (CAMPAIGN / "do_not_call.csv").read_text("utf-8"))
    for number in {call["number"] for call in demo.calls}:
        times = [call["created_at"] for call in demo.calls if call["number"] == number]
        assert len(times) <= RULES["attempts"]["max"]
        assert number.lstrip("+") not in never
        for attempts, period in caps:
            beyond = zip(times, times[attempts:], strict=False)
            assert all(later - earlier >= period for earlier, later in beyond)


def test_demo_writes_a_report_that_opens_offline_and_exports(demo):
    """One self-contained page; nothing in it is fetched from anywhere."""
    page = (demo.folder / "report.html").read_text("utf-8")
    assert not re.findall(
        r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|@import|url\(\s*['"]?http""", page
    )
    assert (demo.folder / "contacts.xlsx").stat().st_size
    assert (demo.folder / "attempts.parquet").stat().st_size


def test_demo_leaves_no_process_behind(demo):
    """Its Prefect server ends with it."""
    assert not demo.left_running


def test_the_same_seed_gives_the_demo_that_the_readme_shows(demo):
    """On every machine and every day; so the transcript stays true, too."""
    shown = shown_in_the_readme("demo")
    assert len(shown) >= 10
    assert [line for line in shown if line not in demo.out] == []


def talk(call, moment):
    """Return how long this call was talked within the 24 hours before a moment."""
    if call["started_at"] is None:
        return timedelta()
    return max(min(call["ended_at"], moment) - max(call["started_at"], moment - DAY), timedelta())


def hours(text):
    """Read `20h` or `14d`."""
    return timedelta(**{{"h": "hours", "d": "days"}[text[-1]]: int(text[:-1])})
