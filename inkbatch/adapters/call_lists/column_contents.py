"""What the first cells of a column look like, where its header does not tell."""

import re
from collections.abc import Callable, Sequence

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.header_words import words
from inkbatch.adapters.call_lists.numbers import read_number
from inkbatch.adapters.call_lists.regions import region_of
from inkbatch.adapters.call_lists.zones import zone_named

SAMPLE_ROWS = 200
MOST = 0.8
"""A column of phone numbers is one in which so many of the filled cells are."""

NEARLY_ALL = 0.9
"""A doubtful header is believed where so many of the filled cells under it agree."""

STATES = words(
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm "
    "ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc "
    "ab bc mb nb nl ns nt nu on pe qc sk yt sa"
)
"""States and provinces of the USA, Canada and Australia: `DE` may be Delaware, not Germany."""

DIGITS_MIN = 5
"""No phone number has fewer, however short its country's numbers are."""

TYPED_CHARACTERS_MAX = 40

Sample = Sequence[tuple[str, ...]]

_TYPED_AS_PHONE = re.compile(
    r"(?=(\D*\d){7})((\+|00|\()[\d\s().\-/]+|\d[\d\s().\-/]*[\s().\-/]\d+|0\d{8,}|\d{10})",
    re.ASCII,
)
_BARE = re.compile(r"[1-9]\d*(\.0)?", re.ASCII)


def share_of_phones(sample: Sample, place: int, *, region: str | None) -> tuple[int, int]:
    """Return how many of a column's filled cells are phone numbers, and how many are filled.

    Digits alone may be anybody's customer number: they count only where they are ten, as in
    North America, and valid.
    """
    return _share(sample, place, lambda text: _read_as_phone(text, region))


def is_typed_as_phone(text: str, *, region: str | None) -> bool:
    """Whether one text is a phone number, and nothing else that has digits."""
    return bool(text) and _succeeds(lambda one: _read_as_phone(one, region), text)


def is_readable_as(role: str, sample: Sample, place: int) -> bool:
    """Whether nearly all filled cells of a doubtful column are zones or countries."""
    readers: dict[str, Callable[[str], object]] = {
        "zone": zone_named,
        "region": _read_as_country,
    }
    read, filled = _share(sample, place, readers[role])
    return read >= NEARLY_ALL * filled


def is_hopeless(sample: Sample, place: int) -> bool:
    """Whether no cell has digits enough for a phone number, as in an empty column."""
    return not any(sum(map(str.isdigit, cells[place])) >= DIGITS_MIN for cells in sample)


def _share(sample: Sample, place: int, read: Callable[[str], object]) -> tuple[int, int]:
    filled = [cells[place] for cells in sample if cells[place]]
    return sum(_succeeds(read, text) for text in filled), len(filled)


def _succeeds(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except BadCell:
        return False
    return True


def _read_as_country(text: str) -> None:
    if text.lower() in STATES:
        raise BadCell("this may be a state")
    region_of(text, default=None)


def _read_as_phone(text: str, region: str | None) -> None:
    if len(text) > TYPED_CHARACTERS_MAX or not _TYPED_AS_PHONE.fullmatch(text.removesuffix(".0")):
        raise BadCell("this is not typed as a phone number")
    number = read_number(text, region=region).number
    if _BARE.fullmatch(text) and not number.startswith("+1"):
        raise BadCell("these digits may be anything")
