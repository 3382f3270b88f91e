"""The country that a national number is read in."""

import re
from functools import cache

from phonenumbers import (
    REGION_CODE_FOR_NON_GEO_ENTITY,
    SUPPORTED_REGIONS,
    region_code_for_country_code,
)

from inkbatch.adapters.call_lists.cells import BadCell

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da")
"""The languages in which a country may be named; none of their names stands for two countries."""

_ALSO_WRITTEN = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "usa": "US",
    "u.s.": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "holland": "NL",
    "uae": "AE",
}
_CALLING_CODE = re.compile(r"(?:\+|00)([1-9]\d{0,2})", re.ASCII)


def region_of(text: str, *, default: str | None) -> str | None:
    """Return the ISO 3166 code of a cell that holds a code, a name, or a calling code with plus.

    Bare digits are refused: region 1 may be the sales department's.
    """
    if not text:
        return default
    code = text.upper()
    if code in SUPPORTED_REGIONS:
        return code
    region = _region_calling(text) or _regions_by_name().get(" ".join(text.casefold().split()))
    if region is None:
        raise BadCell(
            "this is no known country, and the number has no leading plus: write a code of two "
            "letters such as US, or write the number with plus and country code"
        )
    return region


def _region_calling(text: str) -> str | None:
    """Regions that share a calling code write their full numbers alike, so the main one serves."""
    found = _CALLING_CODE.fullmatch(text)
    region = region_code_for_country_code(int(found[1])) if found else None
    return None if region in {REGION_CODE_FOR_NON_GEO_ENTITY, "ZZ"} else region


@cache
def _regions_by_name() -> dict[str, str]:
    from phonenumbers.geodata.locale import (  # noqa: PLC0415 (slow, and most lists write codes)
        LOCALE_DATA,
    )

    names = {}
    for region in SUPPORTED_REGIONS:
        by_language = LOCALE_DATA.get(region, {})
        for language in LANGUAGES:
            name = by_language.get(language) or ""
            # The table writes «*aa» for «the same as in language aa».
            name = by_language.get(name[1:], "") if name.startswith("*") else name
            names[name.casefold()] = region
    del names[""]
    return names | _ALSO_WRITTEN
