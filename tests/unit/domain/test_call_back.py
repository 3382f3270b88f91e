"""When a person who said "five o'clock" is called back."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.domain.call_back import AHEAD_MAX, boosted, call_back_time, usual

NOW = datetime(2026, 11, 3, 20, 0, tzinfo=UTC)
"""15:00 in New York and 12:00 in Los Angeles."""

NEW_YORK = ("America/New_York",)
EITHER = ("America/New_York", "America/Los_Angeles")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zones", "at"),
    [
        ("17:00", NEW_YORK, utc(2026, 11, 3, 22)),
        (" 9:30 ", NEW_YORK, utc(2026, 11, 4, 14, 30)),
        ("15:00", NEW_YORK, utc(2026, 11, 4, 20)),
        ("17:00", EITHER, utc(2026, 11, 4, 1)),
        ("14:00", EITHER, utc(2026, 11, 4, 19)),
        ("2026-11-03T17:00:00-05:00", NEW_YORK, utc(2026, 11, 3, 22)),
        ("2026-11-03T22:00Z", (), utc(2026, 11, 3, 22)),
        ("2026-11-05T17:00", NEW_YORK, utc(2026, 11, 5, 22)),
        ("2026-11-05T17:00", EITHER, utc(2026, 11, 6, 1)),
        ("2026-11-01T17:00:00-05:00", NEW_YORK, NOW),
        ("0001-01-01T00:00:00+14:00", NEW_YORK, NOW),
    ],
)
def test_a_time_is_read_in_the_contact_s_own_zones(text, zones, at):
    """The next such local time, the latest of several zones, and never before now."""
    assert call_back_time(text, zones=zones, now=NOW) == at


def test_a_clock_time_that_the_clock_change_skips_is_the_hour_after():
    """On the night the clock goes forward there is no 02:30 in New York."""
    before = utc(2026, 3, 8, 5)
    at = call_back_time("02:30", zones=NEW_YORK, now=before)
    assert before < at == utc(2026, 3, 8, 7, 30)


@pytest.mark.parametrize(
    ("text", "zones", "problem"),
    [
        ("soon", NEW_YORK, "must be a time"),
        ("25:00", NEW_YORK, "must be a time"),
        ("\u0661\u0667:\u0660\u0660", NEW_YORK, "must be a time"),
        ("17:00", (), "no time zone"),
        ("2026-11-05T17:00", (), "no time zone"),
        ((NOW + AHEAD_MAX + timedelta(minutes=1)).isoformat(), NEW_YORK, "days ahead"),
        ("9999-12-31T23:59:59-12:00", NEW_YORK, "days ahead"),
    ],
)
def test_what_is_no_usable_time_is_refused_with_a_sentence(text, zones, problem):
    """The sentence says what to write instead."""
    with pytest.raises(ValueError, match=problem):
        call_back_time(text, zones=zones, now=NOW)


@pytest.mark.parametrize("priority", [-1_000_000, 0, 1_000_000])
def test_who_asked_for_a_time_goes_first_and_back_to_their_turn(priority):
    """However a list ranks people, a call-back outranks them all, and twice is once."""
    assert boosted(priority) > 1_000_000
    assert boosted(boosted(priority)) == boosted(priority)
    assert usual(boosted(priority)) == usual(priority) == priority
