"""A fast path for plain numbers of the United States and Canada.

`phonenumbers` takes some 30 microseconds for a number. Most lists are full of ten plain digits,
for which its own metadata, compiled once into one expression, gives the same answer sooner.
"""

import re
from functools import cache

from phonenumbers import PhoneMetadata

REGIONS = ("US", "CA")

_PLAIN = re.compile(
    r"(\+1[ .-]?)?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[ .-]?)([2-9]\d\d)[ .-]?(\d{4})", re.ASCII
)


def plain_number(text: str, region: str | None) -> str | None:
    """Return E.164 for a valid geographic number in a plain spelling, None for all else.

    Without `+1` in front, the region has to be one of `REGIONS`.
    """
    match = _PLAIN.fullmatch(text)
    if match is None or (match[1] is None and region not in REGIONS):
        return None
    number = f"+1{match[2] or match[3]}{match[4]}{match[5]}"
    return number if is_geographic(number) else None


def is_geographic(number: str) -> bool:
    """Whether an E.164 number is a valid one of the two countries that is bound to a place."""
    return number.startswith("+1") and _geographic().fullmatch(number, 2) is not None


@cache
def _geographic() -> re.Pattern[str]:
    known = [PhoneMetadata.metadata_for_region(region) for region in REGIONS]
    patterns = [
        metadata.fixed_line.national_number_pattern
        for metadata in known
        if metadata is not None and metadata.fixed_line is not None
    ]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.ASCII)
