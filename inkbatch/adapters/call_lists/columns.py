"""Which column of a file holds what: as the campaign names it, else by header, else by content."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from inkbatch.adapters.call_lists.column_contents import Sample, is_readable_as
from inkbatch.adapters.call_lists.consent_columns import notes_on_consent
from inkbatch.adapters.call_lists.header_words import DOUBTFUL, ROLES, consent_role, normalised
from inkbatch.adapters.call_lists.phone_columns import named_places, recognised_phone
from inkbatch.domain.call_list import Columns, Recognised
from inkbatch.domain.errors import CallListError

BY_HEADER = "by its header"
CONSENT_ROLES = ("consent", "do_not_call")
LETTERS_TOLD_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The position of each column in the file, counted from 0; None where there is none.

    A row is called at the first of `phones` that holds a number.
    """

    phones: tuple[int, ...]
    zone: int | None = None
    region: int | None = None
    priority: int | None = None
    not_before: int | None = None
    deadline: int | None = None
    consent: int | None = None
    do_not_call: int | None = None

    @property
    def phone(self) -> int:
        """The phone column that is tried first."""
        return self.phones[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where the columns are, with the reason for each choice, and what else to know of headers."""

    places: Places
    recognised: tuple[Recognised, ...]
    notes: tuple[str, ...]


def locate(columns: Columns, *, headers: Sequence[str], file: Path) -> Places:
    """Find the columns by name and header alone; raises CallListError as `recognise` does."""
    return recognise(columns, headers=headers, file=file, sample=(), region=None).places


def recognise(
    columns: Columns, *, headers: Sequence[str], file: Path, sample: Sample, region: str | None
) -> Located:
    """Find the columns; `sample` are the first rows, `region` the campaign's default country.

    Raises CallListError for a named column that is missing or there twice, for a file without a
    phone column, for one with several that are equally good, and for a second column that may say
    who must not be called.
    """
    found: dict[str, int] = {}
    chosen: list[Recognised] = []
    notes: list[str] = []
    for role in ROLES:
        header = getattr(columns, role, None)
        if header is None:
            place, reason = _by_header(role, headers, sample, notes), BY_HEADER
        else:
            (place,) = named_places(role, (header,), headers, file) or (None,)
            reason = f"as [columns] {role} says"
        if place is not None:
            found[role] = place
            chosen.append(Recognised(role=role, header=label(headers, place), reason=reason))
    phones, told = _phones(columns, headers, file, sample=sample, region=region, taken=found)
    is_named = columns.consent is not None or columns.do_not_call is not None
    taken = frozenset((*found.values(), *phones))
    notes += notes_on_consent(headers, file, taken=taken, is_named=is_named)
    known = {one.name for one in fields(Places)}
    return Located(
        places=Places(phones=phones, **{role: at for role, at in found.items() if role in known}),
        recognised=(*told, *chosen),
        notes=(*notes, *_odd_headers(headers)),
    )


def field_name(header: str) -> str:
    """Return a header as templates write it: `First name` becomes `first_name`."""
    return re.sub(r"[\W_]+", "_", header.lower()).strip("_")


def field_names(headers: Sequence[str]) -> tuple[str, ...]:
    """Return a name for each header; an empty one is `column_N`, a clash adds `_2`, `_3`."""
    taken: dict[str, None] = {}
    next_ordinals: dict[str, int] = {}
    for position, header in enumerate(headers, start=1):
        name = unique = field_name(header) or f"column_{position}"
        ordinal = next_ordinals.get(name, 2)
        while unique in taken:
            unique = f"{name}_{ordinal}"
            ordinal += 1
        next_ordinals[name] = ordinal
        taken[unique] = None
    return tuple(taken)


def letter_of(place: int) -> str:
    """Return a column's letter in a spreadsheet program: 0 is A, 26 is AA."""
    letters = ""
    place += 1
    while place:
        place, last = divmod(place - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters


def label(headers: Sequence[str], place: int) -> str:
    """Return how to speak of a column: by its header, or as `column D` where it has none."""
    return headers[place] or f"column {letter_of(place)}"


def _phones(
    columns: Columns,
    headers: Sequence[str],
    file: Path,
    *,
    sample: Sample,
    region: str | None,
    taken: dict[str, int],
) -> tuple[tuple[int, ...], list[Recognised]]:
    wanted = (columns.phone,) if isinstance(columns.phone, str) else columns.phone
    if wanted is None:
        place, reason = recognised_phone(
            headers, file, sample=sample, region=region, taken=frozenset(taken.values())
        )
        return (place,), [_phone(headers, place, reason)]
    places = named_places("phone", wanted, headers, file)
    if not places:
        raise CallListError(
            f"{file} has no phone column since [columns] phone is empty; name one of "
            + ", ".join(map(repr, headers))
        )
    says = "as [columns] phone says"
    if len(places) == 1:
        return places, [_phone(headers, places[0], says)]
    return places, [
        _phone(headers, place, f"{says}, number {turn} of {len(places)}")
        for turn, place in enumerate(places, start=1)
    ]


def _phone(headers: Sequence[str], place: int, reason: str) -> Recognised:
    return Recognised(role="phone", header=label(headers, place), reason=reason)


def _by_header(role: str, headers: Sequence[str], sample: Sample, notes: list[str]) -> int | None:
    if role in CONSENT_ROLES:
        return next((at for at, one in enumerate(headers) if consent_role(one) == role), None)
    names = [normalised(header) for header in headers]
    for usual in ROLES[role]:
        if usual not in names:
            continue
        place = names.index(usual)
        if usual not in DOUBTFUL.get(role, ()) or is_readable_as(role, sample, place):
            return place
        notes.append(
            f'"{headers[place]}" is not taken for the {role.replace("_", " ")}, since too few '
            f"of its cells surely are one; if it is, name it as {role} under [columns]"
        )
    return None


def _odd_headers(headers: Sequence[str]) -> Iterator[str]:
    """Name duplicate and empty headers, each with the name its column has in templates."""
    names = field_names(headers)
    by_header: dict[str, list[int]] = {}
    for place, header in enumerate(headers):
        by_header.setdefault(header, []).append(place)
    unnamed = by_header.pop("", [])
    for header, places in by_header.items():
        if len(places) > 1:
            yield f'{len(places)} columns are headed "{header}" {_called(places, names)}'
    if unnamed and by_header:
        yield f"columns without a header {_called(unnamed, names)}"


def _called(places: Sequence[int], names: Sequence[str]) -> str:
    told = places[:LETTERS_TOLD_MAX]
    more = ", ..." if len(places) > LETTERS_TOLD_MAX else ""
    called = ", ".join(names[place] for place in told)
    return f"({', '.join(map(letter_of, told))}{more}): templates call them {called}{more}"
