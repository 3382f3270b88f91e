"""The table of what Inkbox documents names tests that exist, for every sentence."""

import re
from pathlib import Path

import pytest

TABLE = Path(__file__).with_name("inkbox_api.md")
TESTS = Path(__file__).parents[1]
TEST_NAME = re.compile(r"`(test_\w+)`")
DEFINED = {
    name
    for path in TESTS.rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
}
DOCUMENTED = """
    /place-call /numbers/{phone_number_id}/calls /numbers/{phone_number_id}/calls/{call_id}
    from_number to_number client_websocket_url webhook_url rate_limit limit offset call_id
    phone_number_id Retry-After X-RateLimit-Limit X-RateLimit-Remaining X-RateLimit-Reset
    local_phone_number remote_phone_number direction status use_inkbox_tts use_inkbox_stt
    hangup_reason local remote max_duration voicemail rejected outbound inbound
    400 403 404 429 502
"""
CELLS = re.compile(r"(?<!\\)\|")


def rows():
    """Return the rows of all tables, without their heads."""
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("|")]
    cells = ([cell.strip() for cell in CELLS.split(line)[1:-1]] for line in lines)
    return [row for row in cells if row[1] not in {"Sandbox", "---"}]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:60])
def test_a_documented_sentence_has_tests_that_exist_or_says_why_not(row):
    """Three cells: the sentence, and for both sides a test or a reason; one side has a test."""
    sentence, *sides = row
    assert len(sides) == 2, sentence
    named = [TEST_NAME.findall(side) for side in sides]
    for side, names in zip(sides, named, strict=True):
        assert set(names) <= DEFINED, set(names) - DEFINED
        assert names or re.fullmatch(r"- .{10,}\.", side), side
    assert any(named), sentence


def test_the_table_is_about_the_whole_page():
    """Every path, field, status and header of the page stands in it."""
    told = TABLE.read_text("utf-8")
    assert [word for word in DOCUMENTED.split() if word not in told] == []
