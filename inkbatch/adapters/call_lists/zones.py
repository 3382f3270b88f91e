"""The contact's time zone: by the column, else by the number; never guessed."""

from functools import cache, lru_cache
from zoneinfo import available_timezones

import phonenumbers
from phonenumbers import timezone
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.numbers import NumberReading


@lru_cache(maxsize=4096)
def zone_named(text: str) -> tuple[str, ...]:
    """Return the IANA zone that a cell names, upper and lower case alike.

    Abbreviations are refused: EST is written all year by people in New York, but names a zone
    without summer time.
    """
    zone = _zones_by_lower_name().get(text.lower().replace(" ", "_"))
    if zone is None:
        raise BadCell(
            "this is no known time zone: write an IANA name such as America/New_York, "
            "or leave the cell empty to go by the number"
        )
    return (zone,)


def zones_of(reading: NumberReading) -> tuple[str, ...]:
    """Return every zone that a number may be in, at least one."""
    zones = (
        _zones_of_place(reading.number)
        if reading.is_geographic
        else tuple(timezone.time_zones_for_number(phonenumbers.parse(reading.number)))
    )
    if timezone.UNKNOWN_TIMEZONE in zones:
        raise BadCell(
            "the number does not tell its time zone: add a time zone column with an IANA name "
            "such as Europe/London"
        )
    return zones


def _zones_of_place(number: str) -> tuple[str, ...]:
    """Look up as `time_zones_for_geographical_number` does, but without parsing once more."""
    for length in range(TIMEZONE_LONGEST_PREFIX, 0, -1):
        zones = TIMEZONE_DATA.get(number[1 : 1 + length])
        if zones is not None:
            return tuple(zones)
    return (timezone.UNKNOWN_TIMEZONE,)


@cache
def _zones_by_lower_name() -> dict[str, str]:
    return {
        name.lower(): name
        for name in available_timezones()
        if "/" in name and not name.startswith("Etc/")
    }
