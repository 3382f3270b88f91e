"""The time zone that a cell names, in any of the forms that people and programs write."""

import re
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.windows_zones import ZONES_BY_WINDOWS_NAME
from inkbatch.adapters.call_lists.zone_words import (
    FIXED_ZONES_BY_MINUTES,
    IN_WORDS,
    MEANINGS,
    ON_THE_CLOCK,
    SAID_FOR_ALL_YEAR,
)

_OFFSET = re.compile(
    r"(?:(?:utc|gmt)\s*)?(?P<sign>[+\N{MINUS SIGN}-])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?",
    re.ASCII,
)
_LISTED = re.compile(r"\((?:utc|gmt)[^)]*\)\s*(?P<name>\S.*)")
_SUFFIX = re.compile(r"(?: (?:standard|daylight|summer))? time$| \(us (?:&|and) canada\)$")
_MINUTES_MIN, _MINUTES_MAX = -12 * 60, 14 * 60
_NO_OFFSET = {"utc", "z", "zulu", "uct", "coordinated universal time", "universal"}
_WINTER, _SUMMER = datetime(2026, 1, 15), datetime(2026, 7, 15)  # noqa: DTZ001 (on any clock)
_UNKNOWN = (
    "this is no known time zone: write an IANA name such as America/New_York, "
    "or leave the cell empty to go by the number"
)
_SEVERAL = (
    "the abbreviation stands for several time zones, and the number does not tell which: write an "
    "IANA name such as America/New_York"
)
_TOLD_MAX = 3
_NO_SUMMER_TIME = "an offset knows no summer time: write an IANA name where the clocks change"


class ZoneReading(NamedTuple):
    """The zones in each of which the window has to be open; a remark on how they were found."""

    zones: tuple[str, ...]
    remark: str | None = None


@lru_cache(maxsize=4096)
def zone_named(text: str, *, number_zones: tuple[str, ...] = ()) -> ZoneReading:
    """Read a cell: IANA and Windows names, abbreviations, words, offsets, cities, in any case.

    `number_zones` are those that the number may be in: they decide what an abbreviation with
    several meanings stands for, and of an offset they are kept beside it. Raises BadCell.
    """
    name = " ".join(text.replace("_", " ").lower().split())
    listed = _LISTED.fullmatch(name)  # Outlook: «(UTC-05:00) Eastern Time (US & Canada)»
    name = listed["name"] if listed else name
    zone = _zones_by_lower_name().get(name) or ZONES_BY_WINDOWS_NAME.get(name)
    if zone:
        return ZoneReading((zone,))
    minutes = 0 if name in _NO_OFFSET else _minutes_of(name)
    if minutes is not None:
        return _at_offset(minutes, number_zones)
    meant = _in_words(name)
    if meant in MEANINGS:
        return _abbreviated(meant, number_zones)
    zone = meant or _zone_of_cities(name)
    if zone is None:
        raise BadCell(_UNKNOWN)
    return ZoneReading((zone,))


def _in_words(name: str) -> str | None:
    if name.upper() in MEANINGS:
        return name.upper()
    bare = _SUFFIX.sub("", _SUFFIX.sub("", name))
    return IN_WORDS.get(bare) or ZONES_BY_WINDOWS_NAME.get(f"{bare} standard time")


def _abbreviated(word: str, number_zones: tuple[str, ...]) -> ZoneReading:
    on_the_clock = ON_THE_CLOCK.get(word, {word})
    zones = tuple(zone for zone in number_zones if _abbreviations(zone) & on_the_clock)
    if not zones:
        zones = _only_meaning(word, number_zones)
    if word in SAID_FOR_ALL_YEAR:
        return ZoneReading(zones)
    return ZoneReading(zones, f"the abbreviation was read as {told(zones)}, in summer and winter")


def _only_meaning(word: str, number_zones: tuple[str, ...]) -> tuple[str, ...]:
    meanings = MEANINGS[word]
    if len(meanings) > 1:
        continents = {zone.partition("/")[0] for zone in number_zones}
        meanings = tuple(zone for zone in meanings if zone.partition("/")[0] in continents)
    if len(meanings) != 1:
        raise BadCell(_SEVERAL)
    return meanings


def _minutes_of(name: str) -> int | None:
    found = _OFFSET.fullmatch(name)
    if not found:
        return None
    minutes = int(found["hours"]) * 60 + int(found["minutes"] or 0)
    return minutes if found["sign"] == "+" else -minutes


def _at_offset(minutes: int, number_zones: tuple[str, ...]) -> ZoneReading:
    """The number's own zones at this offset are kept, as the offset may be that of one season."""
    zone = FIXED_ZONES_BY_MINUTES.get(minutes)
    if minutes % 60 == 0 and _MINUTES_MIN <= minutes <= _MINUTES_MAX:
        # The signs of these names are the other way round: Etc/GMT+5 is five hours behind UTC.
        zone = f"Etc/GMT{-minutes // 60:+d}" if minutes else "Etc/UTC"
    if zone is None:
        raise BadCell(
            "no time zone keeps this offset all year: write an IANA name such as America/New_York"
        )
    offset = timedelta(minutes=minutes)
    kept = tuple(zone for zone in number_zones if offset in offsets(zone))
    remark = f"{_NO_SUMMER_TIME}; calls have to suit {told(kept)} too" if kept else _NO_SUMMER_TIME
    return ZoneReading((*kept, zone), remark)


def _zone_of_cities(name: str) -> str | None:
    """Return the zone of a city that has one in its name, or of several with one clock."""
    known = [zone for city in name.split(",") for zone in _zones_by_city().get(city.strip(), ())]
    return known[0] if len(set(map(offsets, known))) == 1 else None


@lru_cache(maxsize=1024)
def offsets(zone: str) -> tuple[timedelta | None, timedelta | None]:
    """Return how far a zone is from UTC in January and in July."""
    clock = ZoneInfo(zone)
    return clock.utcoffset(_WINTER), clock.utcoffset(_SUMMER)


def told(zones: tuple[str, ...]) -> str:
    """Name the zones in a sentence, the first of many only."""
    if len(zones) > _TOLD_MAX:
        first = zones[: _TOLD_MAX - 1]
        zones = (*first, f"{len(zones) - len(first)} more")
    return " and ".join(zones)


@lru_cache(maxsize=1024)
def _abbreviations(zone: str) -> set[str | None]:
    clock = ZoneInfo(zone)
    return {clock.tzname(_WINTER), clock.tzname(_SUMMER)}


@cache
def _zones_by_lower_name() -> dict[str, str]:
    return {zone.lower().replace("_", " "): zone for zone in available_timezones() if "/" in zone}


@cache
def _zones_by_city() -> dict[str, tuple[str, ...]]:
    by_city: dict[str, tuple[str, ...]] = {}
    for name, zone in sorted(_zones_by_lower_name().items()):
        area, _, city = name.rpartition("/")
        if area not in {"etc", "us", "canada", "mexico", "brazil", "chile", "systemv"}:
            by_city[city] = (*by_city.get(city, ()), zone)
    return by_city
