"""`inkbatch demo` as a stranger runs it, and what its own database says of the rules."""

import re
import tomllib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from tests.acceptance.books import rows_of
from tests.acceptance.terminal import group_is_alive

pytestmark = pytest.mark.timeout(900)

ROOT = Path(__file__).parents[2]
CAMPAIGN = ROOT / "campaigns" / "appointment_reminder"
README = (ROOT / "README.md").read_text("utf-8")
DAY = timedelta(hours=24)
CALLS = """
    SELECT call_record.created_at, call_record.started_at, call_record.ended_at,
        contact.number, contact.zones, contact.state
    FROM call_record JOIN attempt ON attempt.id = call_record.attempt_id
    JOIN contact ON contact.id = attempt.contact_id
    ORDER BY call_record.created_at
"""


@dataclass(frozen=True)
class Demo:
    """What one demo said and left behind."""

    code: int
    out: str
    err: str
    folder: Path
    left_running: bool

    @property
    def calls(self):
        """Every call that was placed, oldest first, with its contact; times are aware."""
        return [
            {key: _moment(value) if key.endswith("_at") else value for key, value in row.items()}
            for row in rows_of(f"sqlite:///{self.folder}/demo.db", CALLS)
        ]


@pytest.fixture(scope="module")
def demo(terminal_in, tmp_path_factory):
    """One demo, as the README's command runs it."""
    folder = tmp_path_factory.mktemp("demo")
    terminal = terminal_in(folder)
    with terminal.started("demo") as process:
        said = terminal.end_of(process, seconds_max=800)
        left_running = group_is_alive(process)
    return Demo(said.code, said.out, said.err, folder / "reports" / "demo", left_running)


@pytest.fixture(scope="module")
def rules():
    """The campaign's file, read by nothing but tomllib."""
    return tomllib.loads((CAMPAIGN / "campaign.toml").read_text("utf-8"))


def test_demo_ends_well_and_its_summary_adds_up_to_the_rows_of_the_file(demo):
    """Nothing lost: the states of contacts and the rows that became none are all rows."""
    assert (demo.code, demo.err) == (0, "")
    with closing(openpyxl.load_workbook(CAMPAIGN / "call_list.xlsx")) as book:
        rows = book.worksheets[0].max_row - 1
    parts, total = summary_table(demo.out, "Rows of the call list", "rows")
    assert total == sum(parts.values()) == rows
    assert not parts.keys() & {"due", "waiting", "in call"}
    parts, total = summary_table(demo.out, "Attempts", "attempts")
    assert total == sum(parts.values()) >= len(demo.calls)


def test_demo_keeps_the_limits_of_every_rolling_24_hours(demo):
    """At most 100 calls and 100 minutes, counted afresh from the calls; nothing was refused."""
    calls = demo.calls
    assert len(calls) > 100, "a demo that fits into one day shows nothing of the limit"
    for moment in [call["created_at"] for call in calls]:
        assert sum(moment - DAY < call["created_at"] <= moment for call in calls) <= 100
    for moment in [call["ended_at"] for call in calls]:
        assert sum((talk(call, moment) for call in calls), timedelta()) <= timedelta(minutes=100)
    assert "0 requests over the limit" in demo.out


def test_demo_calls_nobody_outside_the_calling_window(demo, rules):
    """Open in every zone the contact may live in, by zoneinfo and the campaign's own file."""
    assert [call for call in demo.calls if not may_ring(call, rules["calling_window"])] == []


def test_demo_calls_nobody_too_often_or_too_soon_or_who_is_suppressed(demo, rules):
    """The caps of the campaign and its do-not-call file, from the calls alone."""
    caps = [(cap["attempts"], hours(cap["period"])) for cap in rules["attempts"]["per"]]
    never = re.findall(r"\d+", (CAMPAIGN / "do_not_call.csv").read_text("utf-8"))
    for number in {call["number"] for call in demo.calls}:
        times = [call["created_at"] for call in demo.calls if call["number"] == number]
        assert len(times) <= rules["attempts"]["max"]
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
    transcript = README.split("<!-- demo -->")[1]
    shown = [line.strip() for line in transcript.splitlines() if line.startswith("    ")]
    assert len(shown) >= 10
    assert [line for line in shown[1:] if line not in demo.out] == []


def summary_table(out, title, total):
    """Return the lines of a printed table as numbers by name, and the number in its last line."""
    lines = out.split(title, 1)[1].splitlines()
    numbers = {}
    for line in lines:
        found = re.fullmatch(r"\W*([a-z][a-z ]*?)\W+(\d+)\W*", line)
        if found and found[1] == total:
            return numbers, int(found[2])
        if found:
            numbers[found[1]] = int(found[2])
    raise AssertionError(f"no line {total} under {title} in:\n{out}")


def talk(call, moment):
    """Return how long this call was talked within the 24 hours before a moment."""
    if call["started_at"] is None:
        return timedelta()
    return max(min(call["ended_at"], moment) - max(call["started_at"], moment - DAY), timedelta())


def may_ring(call, window):
    """Whether the calling window is open in every candidate zone of the contact."""
    return all(
        is_open(call["created_at"].astimezone(ZoneInfo(zone)), window) for zone in zones_of(call)
    )


def zones_of(call):
    """Return the candidate zones of the contact who was called."""
    return call["zones"].split("|")


def is_open(local, window):
    """Whether a local time lies in one of its day's spans."""
    days = window["weekends" if local.weekday() > 4 and "weekends" in window else "weekdays"]
    spans = window.get(f"{local:%A}".lower(), days)
    spans = window["exceptions"].get(f"{local:%Y-%m-%d}", spans)
    return any(
        start <= f"{local:%H:%M}" < end for start, end in (span.split("-") for span in spans)
    )


def hours(text):
    """Read `20h` or `14d`."""
    return timedelta(**{{"h": "hours", "d": "days"}[text[-1]]: int(text[:-1])})


def _moment(value):
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)
