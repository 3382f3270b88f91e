"""A whole demo as a process, and what its output and its own database say."""

import re
import tomllib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl

from tests.acceptance.books import rows_of
from tests.acceptance.terminal import group_is_alive

ROOT = Path(__file__).parents[2]
CAMPAIGN = ROOT / "campaigns" / "appointment_reminder"
RULES = tomllib.loads((CAMPAIGN / "campaign.toml").read_text("utf-8"))
"""The campaign's file, read by nothing but tomllib."""

DAY = timedelta(hours=24)
SECONDS_MAX = 800
CALLS = """
    SELECT call_record.created_at, call_record.started_at, call_record.ended_at,
        contact.number, contact.zones, contact.state, call_record.client_websocket_url
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
        return self.rows(CALLS)

    @property
    def page(self):
        """The report."""
        return (self.folder / "report.html").read_text("utf-8")

    def rows(self, query):
        """Ask the demo's own database; times are aware."""
        return [
            {key: _moment(value) if key.endswith("_at") else value for key, value in row.items()}
            for row in rows_of(f"sqlite:///{self.folder}/demo.db", query)
        ]


def live_through(terminal, *words):
    """Run `inkbatch WORDS` to its end, as the README's command does."""
    with terminal.started(*words) as process:
        said = terminal.end_of(process, seconds_max=SECONDS_MAX)
        left_running = group_is_alive(process)
    return Demo(said.code, said.out, said.err, terminal.folder / "reports" / "demo", left_running)


def shown_in_the_readme(name):
    """Return the lines that the README shows of a demo, without the command."""
    transcript = (ROOT / "README.md").read_text("utf-8").split(f"<!-- {name} -->")[1]
    return [line.strip() for line in transcript.splitlines() if line.startswith("    ")][1:]


def rows_of_the_list():
    """Return how many rows the campaign's call list has, header apart."""
    with closing(openpyxl.load_workbook(CAMPAIGN / "call_list.xlsx")) as book:
        return book.worksheets[0].max_row - 1


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


def _moment(value):
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)
