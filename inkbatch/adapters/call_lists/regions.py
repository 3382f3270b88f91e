"""The country that a national number is read in."""

from functools import cache

from phonenumbers import SUPPORTED_REGIONS
from phonenumbers.geodata.locale import LOCALE_DATA

from inkbatch.adapters.call_lists.cells import BadCell

_ALSO_WRITTEN = {"uk": "GB", "usa": "US", "u.s.": "US", "u.s.a.": "US"}


def region_of(text: str, *, default: str | None) -> str | None:
    """Return the ISO 3166 code of a cell that holds a code or an English name."""
    if not text:
        return default
    region = _regions_by_name().get(text.lower())
    if region is None:
        raise BadCell(
            "this is no known country, and the number has no leading plus: write a code of two "
            "letters such as US, or write the number with plus and country code"
        )
    return region


@cache
def _regions_by_name() -> dict[str, str]:
    codes = {region.lower(): region for region in SUPPORTED_REGIONS}
    names = {_english_name(region).lower(): region for region in SUPPORTED_REGIONS}
    return names | codes | _ALSO_WRITTEN


def _english_name(region: str) -> str:
    names = LOCALE_DATA.get(region, {})
    name: str = names.get("en", "")
    # The table writes «*aa» for «the same as in language aa».
    return names.get(name[1:], "") if name.startswith("*") else name
