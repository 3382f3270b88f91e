"""Where the zone column and the number disagree: the column is followed, and the person told."""

from functools import lru_cache

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.numbers import NumberReading
from inkbatch.adapters.call_lists.zone_names import offsets, told
from inkbatch.adapters.call_lists.zones import zones_of


def contradiction(named: tuple[str, ...], reading: NumberReading) -> str | None:
    """Return a remark if no named zone keeps the clock of one that the number speaks for.

    A number moves with its owner, so this alone is no reason to reject a row.
    """
    if not reading.is_geographic:
        return None
    try:
        return disagreement(named, zones_of(reading))
    except BadCell:
        return None


@lru_cache(maxsize=4096)
def disagreement(named: tuple[str, ...], by_number: tuple[str, ...]) -> str | None:
    """Return the same remark, given the zones that the number speaks for."""
    if set(map(offsets, named)) & set(map(offsets, by_number)):
        return None
    return f"the number speaks for {told(by_number)}; this column is followed: correct it if wrong"
