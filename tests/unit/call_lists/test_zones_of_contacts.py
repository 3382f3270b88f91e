"""Time zones by column and by number."""

import random

import phonenumbers
import pytest
from phonenumbers import timezone

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.numbers import read_number
from inkbatch.adapters.call_lists.zones import zone_named, zones_of


@pytest.mark.parametrize("text", ["America/New_York", "america/new york", "AMERICA/NEW_YORK"])
def test_iana_names_are_read_in_any_case(text):
    """People write names as they like; one zone is meant."""
    assert zone_named(text) == ("America/New_York",)


@pytest.mark.parametrize(
    "text", ["EST", "ET", "Eastern", "UTC-5", "+02:00", "Mars/Base", "Etc/GMT"]
)
def test_abbreviations_and_unknown_zones_are_refused(text):
    """EST means an hour less than New York's summer, so it is not taken for anything."""
    with pytest.raises(BadCell, match="America/New_York"):
        zone_named(text)


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
    """A toll-free number may be anywhere; the window has to be open in all of its zones."""
    zones = zones_of(read_number("+18005550132", region=None))
    assert {"America/New_York", "America/Los_Angeles", "Pacific/Honolulu"} <= set(zones)


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
        if phonenumbers.is_valid_number(parsed) and timezone.UNKNOWN_TIMEZONE not in expected:
            assert zones_of(read_number(number, region=None)) == tuple(expected), number
            compared += 1
    assert compared > 1000
