"""Priorities and times in a call list."""

from datetime import UTC, datetime

import pytest

from inkbatch.adapters.call_lists.cells import (
    BadCell,
    read_deadline,
    read_not_before,
    read_priority,
)

NEW_YORK = "America/New_York"


@pytest.mark.parametrize(("text", "priority"), [("", 0), ("7", 7), ("-3", -3), ("5.0", 5)])
def test_priorities_are_whole_numbers(text, priority):
    """A spreadsheet's point and zero do not matter."""
    assert read_priority(text) == priority


@pytest.mark.parametrize("text", ["high", "1.5", "1e3", "9999999", "٣"])
def test_other_priorities_are_refused(text):
    """A priority that cannot be ranked rejects its row rather than being taken for 0."""
    with pytest.raises(BadCell):
        read_priority(text)


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("2026-11-30", (30, 5, 0), (1, 5, 0)),
        ("20261130", (30, 5, 0), (1, 5, 0)),
        ("2026-11-30 17:00", (30, 22, 0), (30, 22, 0)),
        ("2026-11-30T17:00:00", (30, 22, 0), (30, 22, 0)),
        ("2026-11-30T17:00+00:00", (30, 17, 0), (30, 17, 0)),
        ("2026-11-30T17:00Z", (30, 17, 0), (30, 17, 0)),
    ],
)
def test_times_are_the_contacts_own_unless_they_say_otherwise(text, starts, ends):
    """A date alone begins calling with its day, and ends it with its day."""

    def moment(day, hour, minute):
        return datetime(2026, 11 if day == 30 else 12, day, hour, minute, tzinfo=UTC)

    assert read_not_before(text, zone=NEW_YORK) == moment(*starts)
    assert read_deadline(text, zone=NEW_YORK) == moment(*ends)


@pytest.mark.parametrize(
    "text", ["30.11.2026", "11/30/2026", "tomorrow", "2026-02-30", "9999-12-31"]
)
def test_times_that_can_be_misread_are_refused(text):
    """Day and month are never guessed."""
    with pytest.raises(BadCell, match="2026-11-30 17:00"):
        read_deadline(text, zone=NEW_YORK)
