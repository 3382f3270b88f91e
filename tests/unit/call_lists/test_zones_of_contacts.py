"""Time zones by column and by number."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
import pytest
from phonenumbers import timezone

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.numbers import read_number
from inkbatch.adapters.call_lists.windows_zones import ZONES_BY_WINDOWS_NAME
from inkbatch.adapters.call_lists.zone_names import offsets, zone_named
from inkbatch.adapters.call_lists.zone_words import FIXED_ZONES_BY_MINUTES, IN_WORDS, MEANINGS
from inkbatch.adapters.call_lists.zones import zones_for, zones_of

NEW_YORK = ("America/New_York",)


@pytest.mark.parametrize(
    "text",
    [
        "America/New_York",
        "america/new york",
        " AMERICA/NEW_YORK",
        "New York",
        "ET",
        "Eastern",
        "Eastern Time",
        "eastern standard time",
        "Eastern Time (US & Canada)",
        "(UTC-05:00) Eastern Time (US & Canada)",
    ],
)
def test_names_of_one_zone_are_read_in_any_form(text):
    """People, Windows and Outlook each write it their way; one zone is meant, and no remark."""
    assert zone_named(text) == (NEW_YORK, None)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Pacific", "America/Los_Angeles"),
        ("PT", "America/Los_Angeles"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("US Mountain Standard Time", "America/Phoenix"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("Arizona", "America/Phoenix"),
        ("Etc/GMT+5", "Etc/GMT+5"),
    ],
)
def test_other_names_are_read_too(text, zone):
    """The names of Windows and of its lists stand for the zones of its own table."""
    assert zone_named(text).zones == (zone,)


@pytest.mark.parametrize(
    ("text", "number_zones", "zones"),
    [
        ("EST", (), NEW_YORK),
        ("EDT", (), NEW_YORK),
        ("EST", ("America/Panama",), ("America/Panama",)),
        ("EST", ("Australia/Sydney",), ("Australia/Sydney",)),
        ("MST", ("America/Phoenix",), ("America/Phoenix",)),
        ("MST", (), ("America/Denver",)),
        ("CST", ("America/Chicago", "America/Denver"), ("America/Chicago",)),
        ("CST", ("America/Los_Angeles",), ("America/Chicago",)),
        ("CST", ("Asia/Shanghai",), ("Asia/Shanghai",)),
        ("IST", ("Asia/Kolkata",), ("Asia/Kolkata",)),
        ("IST", ("Europe/Dublin",), ("Europe/Dublin",)),
        ("BST", ("Europe/London",), ("Europe/London",)),
        ("BST", ("Asia/Dhaka",), ("Asia/Dhaka",)),
        ("CET", ("Europe/Rome",), ("Europe/Rome",)),
        ("GMT", ("Europe/London",), ("Europe/London",)),
        ("GMT", (), ("Etc/GMT",)),
    ],
)
def test_an_abbreviation_is_the_clock_on_the_wall(text, number_zones, zones):
    """EST all year by a New Yorker is New York; the number decides what is meant; it is told."""
    reading = zone_named(text, number_zones=number_zones)
    assert reading.zones == zones
    assert zones[0] in str(reading.remark)


@pytest.mark.parametrize(
    ("text", "number_zones"),
    [
        ("CST", ()),
        ("BST", ()),
        ("IST", ()),
        ("AST", ()),
        ("BST", NEW_YORK),
        ("IST", NEW_YORK),
        ("BST", ("Europe/Moscow", "Asia/Omsk")),
    ],
)
def test_an_abbreviation_of_several_zones_is_not_guessed(text, number_zones):
    """CST is Chicago and Shanghai; without a number that tells, a wrong hour would be called."""
    with pytest.raises(BadCell, match="several time zones"):
        zone_named(text, number_zones=number_zones)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("UTC-5", -5),
        ("-0500", -5),
        ("\u22125", -5),
        ("GMT+01:00", 1),
        ("+02:00", 2),
        ("UTC+5:30", 5.5),
        ("UTC", 0),
    ],
)
def test_an_offset_is_a_clock_without_summer_time(text, hours):
    """The sign of an offset is read as written, though Etc/GMT names turn it round."""
    reading = zone_named(text)
    for month in (1, 7):
        moment = datetime(2026, month, 1, tzinfo=UTC).astimezone(ZoneInfo(reading.zones[0]))
        assert moment.utcoffset() == timedelta(hours=hours)
    assert "summer time" in str(reading.remark)


def test_an_offset_keeps_the_zones_of_the_number_that_fit_it():
    """UTC-5 in a New Yorker's row may be winter's offset, so a call has to suit both clocks."""
    reading = zone_named("UTC-5", number_zones=NEW_YORK)
    assert reading.zones == ("America/New_York", "Etc/GMT+5")
    assert zone_named("UTC-8", number_zones=NEW_YORK).zones == ("Etc/GMT+8",)


@pytest.mark.parametrize(
    "text", ["Mars/Base", "5", "America", "UTC-3:30", "+15", "xST", "Berlin, Lima"]
)
def test_what_names_no_zone_is_refused(text):
    """An unknown zone, or an offset that no zone keeps, is told with what to write."""
    with pytest.raises(BadCell, match="America/New_York"):
        zone_named(text)


def test_every_zone_of_the_tables_exists():
    """No name of Windows, abbreviation or word leads to a zone that zoneinfo does not know."""
    meant = {zone for zones in MEANINGS.values() for zone in zones}
    meant |= {word for word in IN_WORDS.values() if word not in MEANINGS}
    meant |= {*ZONES_BY_WINDOWS_NAME.values(), *FIXED_ZONES_BY_MINUTES.values()}
    assert meant <= available_timezones()


def test_zones_of_odd_offsets_keep_them_all_year():
    """A zone stands for an offset only if its clock is never changed."""
    for minutes, zone in FIXED_ZONES_BY_MINUTES.items():
        assert offsets(zone) == (timedelta(minutes=minutes),) * 2


def test_the_column_goes_before_the_number():
    """Somebody who moved and kept the number is called by the clock that the list names."""
    reading = read_number("+14155550132", region=None)
    assert zones_for("", reading).zones == ("America/Los_Angeles",)
    assert zones_for("Europe/London", reading).zones == ("Europe/London",)
    assert zones_for("Europe/London", read_number("+80012345678", region=None)).zones == (
        "Europe/London",
    )


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+14155550132", ("America/Los_Angeles",)),
        ("+442079460123", ("Europe/London",)),
        ("+12125550132", ("America/New_York",)),
    ],
)
def test_the_number_tells_the_zone(number, zones):
    """Without a column the number's place decides."""
    assert zones_of(read_number(number, region=None)) == zones


def test_a_number_bound_to_no_place_keeps_every_candidate():
    """A toll-free or mobile number may be anywhere in its country, where an hour can suit all."""
    zones = zones_of(read_number("+18005550132", region=None))
    assert {"America/New_York", "America/Los_Angeles", "Pacific/Honolulu"} <= set(zones)
    assert "Pacific/Guam" not in zones
    parsed = phonenumbers.example_number_for_type("GB", phonenumbers.PhoneNumberType.MOBILE)
    mobile = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    assert {"Europe/Jersey", "Europe/London"} <= set(zones_of(read_number(mobile, region=None)))


def test_an_unknown_zone_is_no_zone():
    """Unknown zone, no call: an international free number tells none."""
    with pytest.raises(BadCell, match="does not tell its time zone"):
        zones_of(read_number("+80012345678", region=None))


def test_the_short_way_to_zones_agrees_with_the_library():
    """Zones looked up without parsing anew are those that the library finds."""
    chance = random.Random(11)
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    samples = [phonenumbers.example_number(region) for region in regions]
    samples += [
        phonenumbers.parse(
            f"+1{chance.choice((212, 270, 806, 850, 928))}{chance.randrange(2000000, 9999999)}"
        )
        for _ in range(1000)
    ]
    compared = 0
    for parsed in samples:
        number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        expected = timezone.time_zones_for_number(parsed)
        is_placed = phonenumbers.is_number_geographical(parsed) or parsed.country_code != 1
        if is_placed and timezone.UNKNOWN_TIMEZONE not in expected:
            assert zones_of(read_number(number, region=None)) == tuple(expected), number
            compared += 1
    assert compared > 1000
