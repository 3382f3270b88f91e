"""The contact's time zone by the number; `zone_names` reads the column."""

from functools import cache, lru_cache

from phonenumbers.tzdata import TIMEZONE_DATA

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.number_plans import plan_of_start
from inkbatch.adapters.call_lists.number_reading import NumberReading
from inkbatch.adapters.call_lists.zone_names import ZoneReading, zone_named

__all__ = ["ZoneReading", "digits_that_tell", "zone_named", "zones_for", "zones_of"]

_NORTH_AMERICA = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Halifax",
    "America/St_Johns",
)
"""Where a number of +1 bound to no place is taken to be: anywhere in the states and provinces.

The islands of the Pacific that share the code are left out: with Guam, no hour would suit all.
"""

_AREA_DIGITS = 4
_COUNTRY_DIGITS = 3


def zones_of(reading: NumberReading) -> tuple[str, ...]:
    """Return every zone that a number may be in, at least one; raises BadCell if none is known.

    A number bound to no place, such as a mobile or a toll-free one, may be anywhere in its country.
    """
    tell = reading.number[1 : 1 + digits_that_tell(reading)]
    zones = _zones_of_start(tell) if reading.is_geographic else _zones_of_country(tell)
    if not zones:
        raise BadCell(
            "the number does not tell its time zone: add a time zone column with an IANA name "
            "such as Europe/London"
        )
    return zones


def digits_that_tell(reading: NumberReading) -> int:
    """Return by how many of its first digits, behind the plus, a number's zones are found."""
    if not reading.is_geographic:
        return _COUNTRY_DIGITS
    area = reading.number[1 : 1 + _AREA_DIGITS]
    return _digits_by_area().get(area, _AREA_DIGITS)


def zones_for(named: str, reading: NumberReading) -> ZoneReading:
    """Return the zones by the cell that names them, or by the number where it is empty."""
    if not named:
        return ZoneReading(zones_of(reading))
    try:
        number_zones = zones_of(reading)
    except BadCell:
        number_zones = ()
    return zone_named(named, number_zones=number_zones)


@cache
def _digits_by_area() -> dict[str, int]:
    """Return how many digits to look at, by the first four, so that many numbers share a look."""
    digits: dict[str, int] = {}
    for start in TIMEZONE_DATA:
        area = start[:_AREA_DIGITS]
        digits[area] = max(len(start), digits.get(area, _AREA_DIGITS))
    return digits


def _zones_of_start(start: str) -> tuple[str, ...]:
    """Look up as `time_zones_for_geographical_number` does, the longest known start first."""
    for length in range(len(start), 0, -1):
        zones = TIMEZONE_DATA.get(start[:length])
        if zones is not None:
            return tuple(zones)
    return ()


@lru_cache(maxsize=1000)
def _zones_of_country(start: str) -> tuple[str, ...]:
    if start.startswith("1"):
        return _NORTH_AMERICA
    plan = plan_of_start(start)
    return tuple(TIMEZONE_DATA.get(plan.code, ())) if plan else ()
