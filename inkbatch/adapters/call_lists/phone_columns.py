"""Which columns hold the numbers to call: a wrong choice calls strangers, so none is silent."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from inkbatch.adapters.call_lists.column_contents import (
    MOST,
    SAMPLE_ROWS,
    Sample,
    is_hopeless,
    is_typed_as_phone,
    share_of_phones,
)
from inkbatch.adapters.call_lists.header_words import normalised, phone_rank
from inkbatch.domain.errors import CallListError

KINDS_SURE = 3
"""A header's rank from which on its cells must confirm it."""


def recognised_phone(
    headers: Sequence[str],
    file: Path,
    *,
    sample: Sample,
    region: str | None,
    taken: frozenset[int],
) -> tuple[int, str]:
    """Return the place of the column to call and the reason; raises CallListError if in doubt.

    The best header wins (see `phone_rank`); columns without a digit in the sample stand back.
    Where no header tells, the one column wins whose cells are phone numbers.
    """
    ranks = {
        place: rank
        for place, header in enumerate(headers)
        if (rank := phone_rank(header)) is not None and place not in taken
    }
    likely = _confirmed(ranks, sample, region)
    if likely:
        return _best(likely, ranks, headers, file)
    return _by_content(headers, file, sample=sample, region=region, taken=taken)


def named_places(
    role: str, wanted: Iterable[str], headers: Sequence[str], file: Path
) -> tuple[int, ...]:
    """Return the places of named columns, none for ""; raises CallListError for a doubtful one."""
    return tuple(_named(role, header, headers, file) for header in wanted if header)


def _confirmed(
    ranks: dict[int, tuple[int, int, int]], sample: Sample, region: str | None
) -> list[int]:
    """Drop what the cells speak against: columns without numbers, where others have some."""
    sure = [place for place in ranks if ranks[place][0] < KINDS_SURE]
    filled = [place for place in sure if not is_hopeless(sample, place)]
    if sure:
        return filled or sure
    return [place for place in ranks if _is_phone_for_sure(sample, place, region)]


def _is_phone_for_sure(sample: Sample, place: int, region: str | None) -> bool:
    """A column headed `Number` may hold anything: half of it has to be phone numbers."""
    phones, filled = share_of_phones(sample, place, region=region)
    return 2 * phones >= filled


def _best(
    likely: list[int],
    ranks: dict[int, tuple[int, int, int]],
    headers: Sequence[str],
    file: Path,
) -> tuple[int, str]:
    best = min(likely, key=lambda place: ranks[place])
    equals = [place for place in likely if ranks[place] == ranks[best]]
    if len(equals) > 1:
        raise _several(file, [headers[place] for place in equals])
    others = [headers[place] for place in ranks if place != best]
    if not others:
        return best, "by its header"
    return best, (
        f"by its header; {_quoted(others)} may hold numbers too and is not called: to call it "
        f"where {headers[best]!r} has none, write phone = [{_listed([headers[best], *others])}] "
        "under [columns]"
    )


def _by_content(
    headers: Sequence[str],
    file: Path,
    *,
    sample: Sample,
    region: str | None,
    taken: frozenset[int],
) -> tuple[int, str]:
    found: dict[int, tuple[int, int]] = {}
    for place, header in enumerate(headers):
        if place in taken or "fax" in normalised(header):
            continue
        phones, filled = share_of_phones(sample, place, region=region)
        if phones and phones >= MOST * filled:
            found[place] = phones, filled
    if any(is_typed_as_phone(header, region=region) for header in headers):
        raise CallListError(
            f"{file} has a phone number where the column names should be; put a row of names, such "
            "as Name and Phone, above the first person"
        )
    if len(found) > 1:
        raise _several(file, [headers[place] for place in found])
    if not found:
        raise CallListError(f"{file} has no phone column; " + _what_to_name(headers))
    ((place, (phones, filled)),) = found.items()
    among = f" of the first {SAMPLE_ROWS} rows" if len(sample) >= SAMPLE_ROWS else ""
    return place, f"by its content: {phones} of {filled} filled cells{among} are phone numbers"


def _named(role: str, header: str, headers: Sequence[str], file: Path) -> int:
    """Return the column of exactly this header, or else of this header in another spelling."""
    matches = [place for place, other in enumerate(headers) if other == header.strip()]
    if not matches and normalised(header):
        matches = [
            place for place, other in enumerate(headers) if normalised(other) == normalised(header)
        ]
    if len(matches) == 1:
        return matches[0]
    problem = "no column" if not matches else f"{len(matches)} columns"
    raise CallListError(
        f"{file} has {problem} {header!r}, which [columns] {role} names; "
        f"its columns are {_quoted(headers)}"
    )


def _what_to_name(headers: Sequence[str]) -> str:
    if not any(headers):
        return "put a row of column names, such as Name and Phone, above the first person"
    return f"name one of {_quoted(filter(None, headers))} as phone under [columns]"


def _several(file: Path, headers: Sequence[str]) -> CallListError:
    return CallListError(
        f"{file} has several columns that look like the phone number: {_quoted(headers)}; "
        f"name the one to call as phone under [columns], or all in their order: "
        f"phone = [{_listed(headers)}]"
    )


def _quoted(headers: Iterable[str]) -> str:
    return ", ".join(repr(header) for header in headers)


def _listed(headers: Iterable[str]) -> str:
    return ", ".join(f'"{header}"' for header in headers)
