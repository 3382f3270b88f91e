"""Which columns of a suppression file hold what, by their headers or by their cells.

All columns with phone numbers count, unlike in a call list: somebody who asked not to be called
is called at none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from phonenumbers import PhoneNumberMatcher

from inkbatch.adapters.call_lists.column_contents import (
    MOST,
    SAMPLE_ROWS,
    Sample,
    is_readable_as,
    share_of_phones,
)
from inkbatch.adapters.call_lists.header_words import DOUBTFUL, ROLES, normalised, phone_rank
from inkbatch.adapters.call_lists.tables import Table
from inkbatch.domain.errors import CallListError

REASON = (
    *("reason", "why", "grund", "begruendung", "begrundung", "motif", "raison", "motivo"),
    *("razon", "razao", "reden", "powod"),
)
UNTIL = (
    *("until", "expires", "expires_at", "expires_on", "expiry", "expiry_date", "expiration"),
    *("expiration_date", "valid_until", "bis", "gueltig_bis", "gultig_bis", "ablaufdatum"),
    *("expire_le", "valable_jusqu_au", "hasta", "valido_hasta", "scadenza", "valido_fino_al"),
    *("ate", "valido_ate", "tot", "geldig_tot", "wazne_do"),
)

SURELY_PHONES = 2
"""Up to this kind in `phone_rank` a header needs no cells to confirm it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionColumns:
    """The position of each column in the file, counted from 0; None where there is none.

    `unnamed` are columns without a header, such as a stray delimiter makes: a number in one of
    them counts, anything else does not. `notes` say which column was not believed.
    """

    phones: tuple[int, ...]
    unnamed: tuple[int, ...] = ()
    region: int | None = None
    reason: int | None = None
    until: int | None = None
    notes: tuple[str, ...] = ()


def located(table: Table, *, file: Path, region: str | None) -> SuppressionColumns:
    """Find the columns; raises CallListError where none is known to hold phone numbers.

    `region` is the country of numbers without a plus. A file without headers is told by its
    cells alone.
    """
    headers = table.headers
    _require_no_number(headers, file=file, region=region)
    sample = tuple(cells for _, cells in islice(table.rows(), SAMPLE_ROWS))
    phones = _phones(headers, sample, file=file, region=region)
    place, notes = _region(headers, sample)
    return SuppressionColumns(
        phones=phones,
        unnamed=tuple(
            place for place, header in enumerate(headers) if not header and place not in phones
        ),
        region=place,
        reason=_headed(headers, REASON),
        until=_headed(headers, UNTIL),
        notes=notes,
    )


def _require_no_number(headers: Sequence[str], *, file: Path, region: str | None) -> None:
    """Refuse to take `4155550132 opted out` for a header: that person would be called."""
    if any(PhoneNumberMatcher(header, region).has_next() for header in headers):
        raise CallListError(
            f"{file} has a phone number where its column names should be; put a row of column "
            "names above it, such as Phone"
        )


def _phones(
    headers: Sequence[str], sample: Sample, *, file: Path, region: str | None
) -> tuple[int, ...]:
    kinds = {
        place: rank[0]
        for place, header in enumerate(headers)
        if (rank := phone_rank(header)) is not None
    }
    sure = {place for place, kind in kinds.items() if kind <= SURELY_PHONES}
    phones = tuple(
        place
        for place, header in enumerate(headers)
        if place in sure
        or (
            (header or not sure)
            and _has_phones(
                sample, place, region=region, share_min=0.5 if sure or place in kinds else MOST
            )
        )
    )
    if not phones and len(headers) > 1:
        raise CallListError(
            f"{file} has no column that is known to hold phone numbers; name the one that does "
            "Phone in the file's first row"
        )
    return phones or (0,)


def _has_phones(sample: Sample, place: int, *, region: str | None, share_min: float) -> bool:
    phones, filled = share_of_phones(sample, place, region=region)
    return phones > 0 and phones >= share_min * filled


def _region(headers: Sequence[str], sample: Sample) -> tuple[int | None, tuple[str, ...]]:
    place = _headed(headers, ROLES["region"])
    if place is None or normalised(headers[place]) not in DOUBTFUL["region"]:
        return place, ()
    if is_readable_as("region", sample, place):
        return place, ()
    return None, (
        (
            f'"{headers[place]}" is not taken for the country of numbers without a plus, since too '
            "few of its cells surely are one; if it is, call it Country in the file's first row"
        ),
    )


def _headed(headers: Sequence[str], words: Sequence[str]) -> int | None:
    names = [normalised(header) for header in headers]
    return next((names.index(word) for word in words if word in names), None)
