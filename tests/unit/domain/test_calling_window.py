"""When a window is open, when it opens next and when it shuts, on every kind of day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkbatch.domain.calling_window import MINUTES_A_DAY, CallingWindow, Span

NEW_YORK, LONDON, LORD_HOWE = "America/New_York", "Europe/London", "Australia/Lord_Howe"
HAVANA = "America/Havana"
MINUTE = timedelta(minutes=1)


def span(text):
    start, end = ((int(part[:2]) * 60 + int(part[3:])) for part in text.split("-"))
    return Span(start, end)


def window(*spans, zone=None, exceptions=None, weekdays=None):
    days = weekdays or (tuple(span(text) for text in spans),) * 7
    return CallingWindow(weekdays=days, zone=zone, exceptions=exceptions or {})


def local(text, zone, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


WORKDAYS = window(weekdays=((span("09:00-12:00"), span("13:00-17:00")),) * 5 + ((), ()))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-20 08:59:59.999999", False),
        ("2026-11-20 09:00", True),
        ("2026-11-20 11:59:59.999999", True),
        ("2026-11-20 12:00", False),
        ("2026-11-20 13:00", True),
        ("2026-11-20 17:00", False),
        ("2026-11-21 10:00", False),
        ("2026-11-22 10:00", False),
        ("2026-11-23 10:00", True),
    ],
)
def test_is_open_within_its_spans_on_its_weekdays(at, is_open):
    """Each span holds its first instant and not its last, on the contact's own weekday."""
    assert WORKDAYS.is_open(local(at, NEW_YORK), (NEW_YORK,)) is is_open


def test_the_contacts_own_date_counts_and_not_ours():
    """Friday evening in New York is Saturday in London, where nobody is called."""
    friday_evening = local("2026-11-20 20:00", NEW_YORK)
    late = window(weekdays=((span("00:00-24:00"),),) * 5 + ((), ()))
    assert late.is_open(friday_evening, (NEW_YORK,))
    assert not late.is_open(friday_evening, (LONDON,))


def test_a_dated_exception_replaces_the_whole_day():
    """A holiday shuts the day, and special hours take the place of the usual ones."""
    special = window(
        "09:00-17:00",
        exceptions={date(2026, 12, 25): (), date(2026, 12, 24): (span("18:00-19:00"),)},
    )
    assert not special.is_open(local("2026-12-25 10:00", LONDON), (LONDON,))
    assert not special.is_open(local("2026-12-24 10:00", LONDON), (LONDON,))
    assert special.is_open(local("2026-12-24 18:30", LONDON), (LONDON,))
    after = local("2026-12-24 19:00", LONDON)
    assert special.next_open(after, (LONDON,)) == local("2026-12-26 09:00", LONDON)


def test_a_fixed_zone_outranks_the_contacts():
    """A campaign that keeps its own office hours does so for everybody."""
    office = window("09:00-17:00", zone=LONDON)
    assert office.is_open(local("2026-11-20 09:30", LONDON), (NEW_YORK,))
    assert not office.is_open(local("2026-11-20 16:30", NEW_YORK), (NEW_YORK,))


def test_several_candidate_zones_must_all_be_open():
    """A contact who may live in either of two zones is called when it is day in both."""
    day, zones = window("09:00-21:00"), (NEW_YORK, "America/Los_Angeles")
    morning = local("2026-11-20 09:30", NEW_YORK)
    assert not day.is_open(morning, zones)
    assert day.next_open(morning, zones) == local("2026-11-20 09:00", "America/Los_Angeles")
    assert day.closes_at(local("2026-11-20 15:00", NEW_YORK), zones) == local(
        "2026-11-20 21:00", NEW_YORK
    )


def test_zones_that_are_never_open_together_are_never_open():
    """Half past nine never comes to New York and London at once."""
    assert (
        window("09:00-10:00").next_open(local("2026-11-20 09:30", LONDON), (NEW_YORK, LONDON))
        is None
    )


@pytest.mark.parametrize("zones", [(), ("Mars/Olympus",), (NEW_YORK, "Mars/Olympus")])
def test_an_unknown_time_zone_is_never_open(zones):
    """Where nobody knows what time it is, nobody is called: it fails closed, without crashing."""
    always = window("00:00-24:00")
    noon = local("2026-11-20 12:00", NEW_YORK)
    assert not always.is_open(noon, zones)
    assert always.next_open(noon, zones) is None
    assert always.closes_at(noon, zones) == noon


@pytest.mark.parametrize(
    "name", ["", "America", "../etc/passwd", "/etc/passwd", "a\x00b", "EST5EDT\n"]
)
def test_a_hostile_zone_name_is_an_unknown_one(name):
    """Folders, paths and control characters in a zone column crash nothing."""
    assert not window("00:00-24:00").is_open(local("2026-11-20 12:00", NEW_YORK), (name,))
    assert not window("00:00-24:00", zone=name).is_open(local("2026-11-20 12:00", NEW_YORK), ())


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 60), (60, 60), (61, 60), (0, MINUTES_A_DAY + 1), (1440, 1441)]
)
def test_a_span_outside_its_day_cannot_be_built(start, end):
    """A window across midnight is two spans, so that each belongs to one date."""
    with pytest.raises(ValueError, match="a span"):
        Span(start, end)


def test_a_week_has_seven_days():
    """A window that forgets a weekday cannot be built."""
    with pytest.raises(ValueError, match="seven"):
        CallingWindow(weekdays=((),) * 6)


def test_a_window_without_any_span_never_opens():
    """The search for the next opening ends."""
    assert window().next_open(local("2026-11-20 12:00", NEW_YORK), (NEW_YORK,)) is None


def test_a_window_that_opens_only_by_an_exception_is_found():
    """One dated day months ahead is still the next opening."""
    once = window(exceptions={date(2027, 5, 3): (span("10:00-11:00"),)})
    found = once.next_open(local("2026-11-20 12:00", NEW_YORK), (NEW_YORK,))
    assert found == local("2027-05-03 10:00", NEW_YORK)


# The clocks go forward at 2:00 (New York, Lord Howe by 30 minutes) and 1:00 (London), and back at
# 2:00 in all three.
@pytest.mark.parametrize(
    ("spans", "zone", "after", "opens", "shuts"),
    [
        # a span that starts inside the missing hour opens when the clock comes out of it
        ("02:30-05:00", NEW_YORK, "2026-03-08 01:00", "2026-03-08 03:00", "2026-03-08 05:00"),
        ("02:30-03:10", NEW_YORK, "2026-03-08 01:00", "2026-03-08 03:00", "2026-03-08 03:10"),
        ("01:30-03:00", LONDON, "2026-03-29 00:00", "2026-03-29 02:00", "2026-03-29 03:00"),
        ("02:10-02:40", LORD_HOWE, "2026-10-04 01:00", "2026-10-04 02:30", "2026-10-04 02:40"),
        # one that ends inside it shuts when the clock jumps
        ("00:30-02:30", NEW_YORK, "2026-03-08 00:00", "2026-03-08 00:30", "2026-03-08 03:00"),
        ("00:30-02:10", LORD_HOWE, "2026-10-04 00:00", "2026-10-04 00:30", "2026-10-04 02:30"),
        # one that lies wholly inside it does not open on that day
        ("02:10-02:50", NEW_YORK, "2026-03-08 01:00", "2026-03-09 02:10", "2026-03-09 02:50"),
        ("02:05-02:25", LORD_HOWE, "2026-10-04 01:00", "2026-10-05 02:05", "2026-10-05 02:25"),
        # a day that begins with the missing hour
        ("00:00-06:00", HAVANA, "2026-03-07 12:00", "2026-03-08 01:00", "2026-03-08 06:00"),
        ("00:30-06:00", HAVANA, "2026-03-07 12:00", "2026-03-08 01:00", "2026-03-08 06:00"),
    ],
)  # fmt: skip
def test_the_missing_hour_of_spring(spans, zone, after, opens, shuts):
    """When the clock goes forward a window opens and shuts at hours that exist."""
    opening = window(spans).next_open(local(after, zone), (zone,))
    assert opening == local(opens, zone)
    assert window(spans).closes_at(opening, (zone,)) == local(shuts, zone)


@pytest.mark.parametrize(
    ("zone", "day", "spans", "changes"),
    [
        # the span is lived through twice: open, shut when the clock goes back, open, shut;
        # a star marks the second of two equal clock times
        (NEW_YORK, "2026-11-01", "01:30-05:00", ["01:30", "01:00*", "01:30*", "05:00"]),
        (NEW_YORK, "2026-11-01", "00:30-01:15", ["00:30", "01:15", "01:00*", "01:15*"]),
        (LONDON, "2026-10-25", "01:10-01:50", ["01:10", "01:50", "01:10*", "01:50*"]),
        (LORD_HOWE, "2026-04-05", "01:40-03:00", ["01:40", "01:30*", "01:40*", "03:00"]),
        # around it nothing changes
        (NEW_YORK, "2026-11-01", "00:30-05:00", ["00:30", "05:00"]),
        (LORD_HOWE, "2026-04-05", "01:30-02:00", ["01:30", "02:00"]),
    ],
)
def test_the_doubled_hour_of_autumn(zone, day, spans, changes):
    """When the clock goes back each of the two hours is judged by what the clock shows."""
    expected = [
        local(f"{day} {clock[:5]}", zone, fold=int(clock.endswith("*"))).astimezone(UTC)
        for clock in changes
    ]
    seen, at = [], local(f"{day} 00:00", zone)
    for _ in range(len(changes) // 2):
        opening = window(spans).next_open(at, (zone,))
        at = window(spans).closes_at(opening, (zone,))
        seen += [opening, at]
    assert seen == expected


def test_adjacent_spans_shut_only_after_the_last():
    """Touching spans, also across midnight, are one stretch of open time."""
    evening = window("00:00-01:00", "20:00-22:00", "22:00-24:00")
    at = local("2026-11-20 20:30", LONDON)
    assert evening.closes_at(at, (LONDON,)) == local("2026-11-21 01:00", LONDON)


spans = st.builds(
    lambda start, length: Span(start, min(start + length, MINUTES_A_DAY)),
    start=st.integers(min_value=0, max_value=MINUTES_A_DAY - 1),
    length=st.integers(min_value=1, max_value=MINUTES_A_DAY),
)
spans_of_a_day = st.lists(spans, max_size=3).map(sorted).map(tuple)
near_a_clock_change = st.sampled_from(
    [date(2026, 3, 7), date(2026, 3, 28), date(2026, 10, 24), date(2026, 10, 31), date(2026, 4, 4),
     date(2026, 10, 3), date(2026, 7, 15)]
)  # fmt: skip
zone_choices = st.lists(
    st.sampled_from([NEW_YORK, LONDON, LORD_HOWE, "Asia/Kathmandu", "Pacific/Apia"]),
    min_size=1,
    max_size=2,
    unique=True,
).map(tuple)


@settings(max_examples=60, deadline=None)
@given(
    weekdays=st.tuples(*[spans_of_a_day] * 7),
    day=near_a_clock_change,
    second=st.integers(min_value=0, max_value=86_399),
    zones=zone_choices,
)
def test_the_next_opening_is_the_first_open_minute(weekdays, day, second, zones):
    """It is open, not before the time asked for, and no minute between is open."""
    hours = CallingWindow(weekdays=weekdays)
    after = datetime.combine(day, time(), UTC) + timedelta(seconds=second)
    opening = hours.next_open(after, zones)
    horizon = after + timedelta(days=3)
    if opening is not None:
        assert opening >= after
        assert hours.is_open(opening, zones)
        assert not hours.is_open(opening - timedelta(microseconds=1), zones) or opening == after
    minute = after.replace(second=0) + MINUTE
    while minute < min(opening or horizon, horizon):
        assert not hours.is_open(minute, zones)
        minute += MINUTE


@settings(max_examples=30, deadline=None)
@given(
    weekdays=st.tuples(*[spans_of_a_day] * 7),
    day=near_a_clock_change,
    minute=st.integers(min_value=0, max_value=MINUTES_A_DAY - 1),
    zones=zone_choices,
)
def test_it_stays_open_until_it_shuts(weekdays, day, minute, zones):
    """Every minute before the time of shutting is open, and that time itself is not."""
    hours = CallingWindow(weekdays=weekdays)
    at = datetime.combine(day, time(), UTC) + minute * MINUTE
    shuts = hours.closes_at(at, zones)
    if not hours.is_open(at, zones):
        assert shuts == at
        return
    assert shuts > at
    while at < min(shuts, at + timedelta(days=2)):
        assert hours.is_open(at, zones)
        at += MINUTE
    assert at < shuts or not hours.is_open(shuts, zones)
