"""The country that a national number is read in."""

from functools import cache

from phonenumbers import SUPPORTED_REGIONS

from inkbatch.adapters.call_lists.cells import BadCell

_ALSO_WRITTEN = {"uk": "GB", "usa": "US", "u.s.": "US", "u.s.a.": "US"}


def region_of(text: str, *, default: str | None) -> str | None:
    """Return the ISO 3166 code of a cell that holds a code or an English name."""
    if not text:
        return default
    code = text.upper()
    if code in SUPPORTED_REGIONS:
        return code
    region = _regions_by_name().get(text.lower())
    if region is None:
        raise BadCell(
            "this is no known country, and the number has no leading plus: write a code of two "
            "letters such as US, or write the number with plus and country code"
        )
    return region


@cache
def _regions_by_name() -> dict[str, str]:
    from phonenumbers.geodata.locale import (  # noqa: PLC0415 (slow, and most lists write codes)
        LOCALE_DATA,
    )

    names = {}
    for region in SUPPORTED_REGIONS:
        by_language = LOCALE_DATA.get(region, {})
        name = by_language.get("en", "")
        # The table writes «*aa» for «the same as in language aa».
        name = by_language.get(name[1:], "") if name.startswith("*") else name
        names[name.lower()] = region
    return names | _ALSO_WRITTEN
