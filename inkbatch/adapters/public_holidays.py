"""Public holidays by country and region, from the `holidays` package.

A zone tells its country by the table that comes with the time zone database; an abbreviation such
as `EST` or an offset such as `Etc/GMT+8` tells none. What is not known is said, never guessed: the
calling window is shut then.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from warnings import catch_warnings, simplefilter

import holidays

CONTACT_COUNTRY = "contact"


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The holidays of places: `contact` for the contact's country, `AU`, or `AU-NSW`.

    Those of a country are its nation-wide ones; those of a region are these and its own. A date is
    a holiday if it is one in any of the places.
    """

    places: tuple[str, ...]

    def __str__(self) -> str:
        names = (
            "the contact's country" if each == CONTACT_COUNTRY else each for each in self.places
        )
        return ", ".join(names)

    def is_holiday(self, day: date, zones: tuple[str, ...]) -> bool:
        """Return whether it is one in any place where the contact may live."""
        return any(day in _dates(place, day.year) for place in self._told(zones))

    def why_unknown(self, day: date, zones: tuple[str, ...]) -> str | None:
        """Return in a sentence why nobody can tell for that day; None where it is known."""
        places = self._told(zones)
        if not places:
            return f"no country is known for time zone {' or '.join(zones) or '(none)'}"
        return next((told for place in places if (told := _unknown(place, day))), None)

    def _told(self, zones: tuple[str, ...]) -> tuple[str, ...]:
        """Return the places that count; none at all where one is to be the contact's, unknown."""
        fixed = tuple(place for place in self.places if place != CONTACT_COUNTRY)
        if CONTACT_COUNTRY not in self.places:
            return fixed
        countries = {code for zone in zones if (code := _countries().get(zone))}
        return (*fixed, *sorted(countries)) if countries else ()


def require_place(place: str) -> str:
    """Return a place whose holidays are known; raises ValueError for another."""
    if place != CONTACT_COUNTRY and not _is_known(place):
        raise ValueError(
            f'{place!r} is no place whose public holidays are known: write "contact" for the '
            'contact\'s country, an ISO 3166 code such as "AU", or a region such as "AU-NSW"'
        )
    return place


def _unknown(place: str, day: date) -> str | None:
    try:
        _dates(place, day.year)
    except LookupError as error:
        return str(error.args[0])
    return None


@lru_cache(maxsize=512)
def _is_known(place: str) -> bool:
    try:
        _table(place)
    except LookupError:
        return False
    return True


@lru_cache(maxsize=4096)
def _dates(place: str, year: int) -> frozenset[date]:
    """Return the holidays of a year; raises LookupError, with a sentence, where not all are known.

    The package warns of a calendar, such as India's, that ends before its other holidays do.
    """
    with catch_warnings(record=True) as warned:
        simplefilter("always")
        table = _table(place, year)
    if warned or not table.start_year <= year <= table.end_year:
        raise LookupError(f"the public holidays of {place} in {year} are not known")
    return frozenset(table)


def _table(place: str, year: int | None = None) -> holidays.HolidayBase:
    country, _, region = place.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=region or None, years=year, expand=False)
    except (NotImplementedError, KeyError, AttributeError) as error:
        raise LookupError(f"no public holidays are known for {place}") from error


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Return the country of each zone, other spellings of its name included."""
    zones = files("tzdata") / "zoneinfo"
    countries = dict[str, str]()
    for line in (zones / "zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _, name, *_ = line.split("\t")
            countries[name] = code
    for line in (zones / "tzdata.zi").read_text("utf-8").splitlines():
        kind, *names = line.split()
        # `EST` is a link to Panama's zone, which says nothing of where the person lives.
        if kind == "L" and "/" in names[1] and names[0] in countries:
            countries.setdefault(names[1], countries[names[0]])
    return countries
