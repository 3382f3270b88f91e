"""Another hour of the day: the part that was tried least, inside the window."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from inkbatch.domain.calling_rules import StrictestWindow
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.day_parts import DayPart, HoursOfTries, opens_at_another_hour, part_of_day

NEW_YORK = "America/New_York"
ALL_DAY = StrictestWindow(
    windows=(CallingWindow(weekdays=((Span(9 * 60, 20 * 60),),) * 5 + ((), ())),)
)
MORNINGS = StrictestWindow(windows=(CallingWindow(weekdays=((Span(540, 700),),) * 7),))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(NEW_YORK))


def next_try(*tried, now, window=ALL_DAY, zones=(NEW_YORK,)):
    tries = HoursOfTries(dialed_at=tuple(map(at, tried)))
    return opens_at_another_hour(window, tries, zones=zones, now=at(now))


@pytest.mark.parametrize(
    ("clock", "part"),
    [
        ("00:00", DayPart.MORNING),
        ("11:59:59.999", DayPart.MORNING),
        ("12:00", DayPart.AFTERNOON),
        ("16:59:59.999", DayPart.AFTERNOON),
        ("17:00", DayPart.EVENING),
        ("23:59:59.999", DayPart.EVENING),
    ],
)
def test_the_day_has_three_parts_by_the_contacts_clock(clock, part):
    """Noon belongs to the afternoon, and five o'clock to the evening."""
    assert part_of_day(at(f"2026-11-20 {clock}").astimezone(UTC), NEW_YORK) is part


@pytest.mark.parametrize(
    ("tried", "now", "expected"),
    [
        # tried in the morning: the afternoon is next
        (["2026-11-19 10:00"], "2026-11-20 09:00", "2026-11-20 12:00"),
        # the morning and the afternoon: the evening
        (["2026-11-18 10:00", "2026-11-19 13:00"], "2026-11-20 09:00", "2026-11-20 17:00"),
        # now is another part already
        (["2026-11-19 10:00"], "2026-11-20 14:05", "2026-11-20 14:05"),
        # over the weekend
        (["2026-11-20 18:00", "2026-11-19 13:00"], "2026-11-20 18:30", "2026-11-23 09:00"),
        # all parts once: whichever comes first
        (
            ["2026-11-17 10:00", "2026-11-18 13:00", "2026-11-19 18:00"],
            "2026-11-20 09:00",
            "2026-11-20 09:00",
        ),
        # the morning twice, the others once: not the morning
        (
            ["2026-11-16 10:00", "2026-11-17 10:00", "2026-11-18 13:00", "2026-11-19 18:00"],
            "2026-11-20 09:00",
            "2026-11-20 12:00",
        ),
    ],
)
def test_the_part_that_was_tried_least_comes_next(tried, now, expected):
    """It is the first moment of such a part at which the window is open."""
    assert next_try(*tried, now=now) == at(expected)


def test_a_window_without_another_part_is_dialed_in_the_same_one():
    """A campaign that calls in mornings alone still calls again."""
    assert next_try("2026-11-19 10:00", now="2026-11-20 09:30", window=MORNINGS) == at(
        "2026-11-20 09:30"
    )


def test_a_part_that_opens_once_in_a_long_while_is_not_waited_for():
    """An evening three weeks ahead is no other hour for next week's try."""
    evening = at("2026-12-11 18:00").date()
    rare = CallingWindow(
        weekdays=MORNINGS.windows[0].weekdays, exceptions={evening: (Span(1080, 1140),)}
    )
    window = StrictestWindow(windows=(rare,))
    assert next_try("2026-11-19 10:00", now="2026-11-20 09:30", window=window) == at(
        "2026-11-20 09:30"
    )


def test_who_has_no_zone_has_no_part_of_the_day():
    """Nobody can tell what hour it was there."""
    assert next_try("2026-11-19 10:00", now="2026-11-20 09:30", zones=()) is None


def test_the_doubled_hour_of_autumn_belongs_to_its_part():
    """The clock on the wall decides, on the night it goes back too."""
    night = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert part_of_day(night, NEW_YORK) is DayPart.MORNING
    assert part_of_day(night - timedelta(hours=1), NEW_YORK) is DayPart.MORNING
