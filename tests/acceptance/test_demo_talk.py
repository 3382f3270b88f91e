"""`inkbatch demo --talk`: eight calls are really talked, and what the agent says of them acts."""

import json
import re
import signal
from collections import Counter
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urlsplit

import pytest

from tests.acceptance.demos import (
    RULES,
    live_through,
    may_ring,
    rows_of_the_list,
    shown_in_the_readme,
    summary_table,
)
from tests.acceptance.terminal import group_is_alive

pytestmark = pytest.mark.timeout(900)

LATEST = datetime.max.replace(tzinfo=UTC)
TALKED = 8
LINE = re.compile(
    r"[0-9:]{8} UTC  (?P<number>\+1•{7}\d{4})  (?P<word>[a-z ]+?)(?: \((?P<effect>\w+)\))?"
    r"  (?P<turns>\d+) turns, \d+ s  posted"
)
RESULTS = """
    SELECT attempt_result.*, contact.number, contact.state, attempt.talk_minutes,
        call_record.started_at
    FROM attempt_result JOIN attempt ON attempt.id = attempt_result.attempt_id
    JOIN contact ON contact.id = attempt.contact_id
    JOIN call_record ON call_record.attempt_id = attempt.id
    ORDER BY attempt_result.sequence
"""


@pytest.fixture(scope="module")
def demo(terminal_in, tmp_path_factory):
    """One demo that talks, as the README's command runs it."""
    return live_through(terminal_in(tmp_path_factory.mktemp("talk")), "demo", "--talk")


@pytest.fixture(scope="module")
def results(demo):
    """What the agent posted, as the demo's database has it, in the order it came."""
    return [row | {"transcript": json.loads(row["transcript"])} for row in demo.rows(RESULTS)]


def test_eight_calls_are_talked_and_every_row_is_accounted_for(demo, results):
    """The demo ends well, each talk has a line, a result and both parties' words."""
    assert (demo.code, demo.err) == (0, "")
    parts, total = summary_table(demo.out, "Rows of the call list", "rows")
    assert total == sum(parts.values()) == rows_of_the_list() == 274
    assert len({result["attempt_id"] for result in results}) == len(results) == TALKED
    for result in results:
        assert {spoken["party"] for spoken in result["transcript"]} == {"local", "remote"}
        assert result["talk_minutes"] > 0


def test_what_is_said_on_the_line_is_what_is_stored(demo, results):
    """Masked number, word, effect and the callee's turns, call by call."""
    lines = [found.groupdict() for found in map(LINE.fullmatch, demo.out.splitlines()) if found]
    said = Counter((line["number"], line["word"], line["effect"], line["turns"]) for line in lines)
    assert said == Counter(
        (
            f"+1{'•' * 7}{result['number'][-4:]}",
            result["word"].replace("_", " "),
            result["effect"],
            f"{sum(spoken['party'] == 'remote' for spoken in result['transcript'])}",
        )
        for result in results
    )


def test_results_act_on_contacts_and_on_the_suppression_list(demo, results):
    """A success is reached; an opt-out is suppressed at once, and never called again."""
    states = {"success": "reached", "do_not_call": "suppressed"}
    assert {result["effect"] for result in results} == states.keys()
    for result in results:
        assert result["state"] == states[result["effect"]]
    opted_out = {
        result["number"]: result["posted_at"]
        for result in results
        if result["effect"] == "do_not_call"
    }
    listed = {
        row["number"]: row["added_at"]
        for row in demo.rows("SELECT * FROM suppressed_number WHERE source LIKE '%, attempt %'")
    }
    assert listed == opted_out
    late = [
        call for call in demo.calls if call["created_at"] > opted_out.get(call["number"], LATEST)
    ]
    assert late == []


def test_the_report_counts_the_results_and_shows_what_was_said(demo, results):
    """Each talk stands there with all its words, and its number masked."""
    page = " ".join(unescape(re.sub(r"<[^>]+>", " ", demo.page)).split())
    for word, count in Counter(result["word"] for result in results).items():
        effects = {"confirmed": "reached", "do_not_call": "never call again"}
        assert f" {word} {effects[word]} {count} " in page
    assert demo.page.count('<details class="talk">') == TALKED
    for result in results:
        for spoken in result["transcript"]:
            assert " ".join(spoken["text"].split()) in page
        assert result["number"] not in demo.page
        assert f"+1{'•' * 7}{result['number'][-4:]} {result['word']}" in page


def test_the_sandbox_connects_to_agents_on_loopback_alone(demo):
    """The sample's own agent would be elsewhere: no call leads to it."""
    assert {urlsplit(call["client_websocket_url"]).hostname for call in demo.calls} == {"127.0.0.1"}


def test_a_demo_that_talks_keeps_the_calling_window(demo):
    """Time stands still while people talk, so that no later call is dialed at a bad hour."""
    assert len(demo.calls) > 100
    assert [call for call in demo.calls if not may_ring(call, RULES["calling_window"])] == []


def test_the_same_seed_gives_the_talks_that_the_readme_shows(demo):
    """On every machine and every day: numbers, words, turns and times."""
    shown = shown_in_the_readme("demo --talk")
    assert sum(bool(LINE.fullmatch(line)) for line in shown) == TALKED
    assert [line for line in shown if line not in demo.out] == []


def test_a_demo_that_talks_leaves_no_process_behind(demo):
    """Its agent and its Prefect server end with it."""
    assert not demo.left_running


def test_ctrl_c_ends_a_demo_that_talks_at_once_and_quietly(terminal_in, tmp_path):
    """In the middle of the talks: one sentence, no report of what was canceled, nothing left."""
    terminal = terminal_in(tmp_path)
    with terminal.started("demo", "--talk") as process:
        while not LINE.fullmatch(process.stdout.readline().rstrip("\n")):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        said = terminal.end_of(process)
        assert not group_is_alive(process)
    assert (said.code, said.err) == (130, "")
    assert said.out.endswith("The demo was stopped; nobody was called.\n")
    assert "ERROR" not in said.out
