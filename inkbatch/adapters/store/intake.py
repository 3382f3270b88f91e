"""What is known of a file and of its numbers while its rows are taken in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, or_, select

from inkbatch.adapters.store.late_indexes import drop_indexes, make_indexes
from inkbatch.adapters.store.list_columns import only
from inkbatch.adapters.store.number_facts import NumberKnowledge
from inkbatch.adapters.store.settling import Known
from inkbatch.adapters.store.statements import Values, among, is_among
from inkbatch.adapters.store.tables import (
    contact,
    erased_number,
    list_file,
    list_row,
    suppressed_number,
)
from inkbatch.domain.list_row import RowStatus
from inkbatch.domain.row_batch import RowBatch

LONG_LIST_ROWS = 10_000
"""From a first batch of so many rows on, indexes are cheaper made anew at the end than grown."""

CONTACTS_FEW = 100_000
"""With more contacts than this in the database, making its indexes anew may be dearer."""

IDS_AT_ONCE = 10_000
"""SQLite takes 32,766 values in a statement, if it was built as its makers have it."""

ANY_CONTACT = select(contact.c.id).where(contact.c.campaign_id == bindparam("campaign_id")).limit(1)
ANY_FORBIDDEN = (
    select(suppressed_number.c.number).limit(1),
    select(erased_number.c.number_hash).limit(1),
)
ROWS_OF_FILE = select(list_row.c.row_number, list_row.c.status).where(
    list_row.c.file_id == bindparam("file_id")
)
PLAIN_ROWS = select(list_file.c.plain_rows).where(list_file.c.id == bindparam("file_id"))
PLAIN_ROWS_OF_FILE = select(contact.c.row_number).where(
    contact.c.campaign_id == bindparam("campaign_id"), contact.c.file_id == bindparam("file_id")
)
HAS_ID = contact.c.id.in_(bindparam("ids", expanding=True))


class NumberIds:
    """The ids of contacts by their numbers.

    Contacts that are added are looked through only once somebody asks: few lists give a reason.
    """

    def __init__(self, known: dict[str, int]) -> None:
        self._known = known
        self._added: list[tuple[Sequence[str], Sequence[int]]] = []

    def add(self, numbers: Sequence[str], ids: Sequence[int]) -> None:
        """Add contacts of numbers that are not yet known."""
        self._added.append((numbers, ids))

    def of(self, numbers: Sequence[str]) -> dict[str, int]:
        """Return the ids of those numbers that are known."""
        if not numbers:
            return {}
        for some, ids in self._added:
            self._known.update(zip(some, ids, strict=True))
        self._added.clear()
        return {number: self._known[number] for number in self._known.keys() & numbers}


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One file on its way into one campaign.

    With `organisation`, contacts of its other campaigns make rows duplicates. `stored` are the
    rows of this file that the database has; `has_contacts` is whether the campaign had any before.
    `ids` tell the campaign's contacts, in place of the index that is made at the end.
    """

    campaign_id: int
    file_id: int
    organisation: str | None
    now: datetime
    stored: Mapping[int, RowStatus] = field(repr=False)
    has_suppressions: bool
    has_contacts: bool
    ids: NumberIds | None = field(default=None, repr=False)

    def without_stored(self, batch: RowBatch) -> RowBatch:
        """Return the rows that are new, or that were rejected and no longer are."""
        if not self.stored:
            return batch
        are_new = [self._is_new(number, RowStatus.ACCEPTED) for number in batch.plain.row_numbers]
        return RowBatch(
            plain=only(batch.plain, are_new),
            others=[row for row in batch.others if self._is_new(row.row_number, row.status)],
        )

    def _is_new(self, row_number: int, status: RowStatus) -> bool:
        stored = self.stored.get(row_number)
        if stored is None:
            return True
        return stored is RowStatus.REJECTED and status is not RowStatus.REJECTED


class Facts(NamedTuple):
    """Why numbers of some rows become no contacts: as `settle` asks for it."""

    suppressed: Mapping[str, str]
    known: Mapping[str, Known]
    elsewhere: Mapping[str, str]

    @property
    def numbers(self) -> set[str]:
        """All that anything is known of."""
        return {*self.suppressed, *self.known, *self.elsewhere}


class Intakes(NumberKnowledge):
    """The part of a transaction that knows files being taken in."""

    def _intake(
        self, campaign_id: int, file_id: int, organisation: str | None, *, now: datetime
    ) -> Intake:
        return Intake(
            campaign_id=campaign_id,
            file_id=file_id,
            organisation=organisation,
            now=now,
            stored=self._stored_rows_of(file_id, campaign_id),
            has_suppressions=any(self._scalar(each, {}) is not None for each in ANY_FORBIDDEN),
            has_contacts=self._scalar(ANY_CONTACT, {"campaign_id": campaign_id}) is not None,
        )

    @contextmanager
    def _all_or_nothing(self, intake: Intake, first: RowBatch) -> Iterator[Intake]:
        """Take in a whole file; an error undoes the transaction, even where somebody catches it.

        A long list is taken in without the indexes of contacts, which are made when it is stored.
        """
        is_long = self._pays_to_index_late(intake, first)
        try:
            yield self._without_indexes(intake) if is_long else intake
            if is_long:
                self._run(lambda: make_indexes(self._connection, contact))
        except BaseException:
            self._broken = True
            raise

    def _without_indexes(self, intake: Intake) -> Intake:
        numbers = select(contact.c.number, contact.c.id).where(
            contact.c.campaign_id == intake.campaign_id
        )
        ids = dict(map(tuple, self._rows(numbers)))
        self._run(lambda: drop_indexes(self._connection, contact))
        return replace(intake, ids=NumberIds(ids))

    def _pays_to_index_late(self, intake: Intake, first: RowBatch) -> bool:
        if self._is_postgresql or intake.stored or len(first) < LONG_LIST_ROWS:
            return False
        contacts = int(self._scalar(select(func.coalesce(func.max(contact.c.id), 0))))
        # Contacts of other campaigns are looked up by the index, so it must be there.
        return contacts <= (CONTACTS_FEW if intake.organisation is None else 0)

    def _facts(self, intake: Intake, rows: RowBatch) -> Facts:
        """Return what is known of the numbers of some rows before they are taken in."""
        odd = [row.number for row in rows.others if row.number is not None]
        numbers = [*rows.plain.numbers, *odd]
        # Of one file no two plain rows have the same number: only odd ones can meet each other.
        known = self._known(intake, numbers if intake.has_contacts else odd)
        elsewhere = (
            {}
            if intake.organisation is None or intake.ids is not None
            else self.numbers_in_other_campaigns(
                numbers, campaign_id=intake.campaign_id, organisation=intake.organisation
            )
        )
        suppressed = self.suppressed(numbers, now=intake.now) if intake.has_suppressions else {}
        return Facts(suppressed=suppressed, known=known, elsewhere=elsewhere)

    def _known(self, intake: Intake, numbers: Sequence[str]) -> dict[str, Known]:
        """Return the contacts of the campaign that have these numbers, or had before a purge."""
        hashes = self._hashes(numbers)
        known = self._known_as_stored(intake, [*numbers, *hashes])
        return {hashes.get(number, number): found for number, found in known.items()}

    def _known_as_stored(self, intake: Intake, numbers: Sequence[str]) -> dict[str, Known]:
        if intake.ids is None:
            return self._known_where(
                intake, is_among(contact.c.number, dialect=self._dialect), among(numbers)
            )
        found = list(intake.ids.of(numbers).values())
        known: dict[str, Known] = {}
        for start in range(0, len(found), IDS_AT_ONCE):
            some = {"ids": found[start : start + IDS_AT_ONCE]}
            known |= self._known_where(intake, HAS_ID, some)
        return known

    def _known_where(
        self, intake: Intake, condition: ColumnElement[bool], values: Values
    ) -> dict[str, Known]:
        of_file = list_row.alias()
        is_of_file = (
            (of_file.c.file_id == intake.file_id)
            & (of_file.c.row_number == contact.c.row_number)
            & (of_file.c.contact_id == contact.c.id)
        )
        wanted = (
            select(
                contact.c.number,
                contact.c.id,
                contact.c.row_number,
                or_(contact.c.file_id == intake.file_id, of_file.c.row_number.is_not(None)),
            )
            .outerjoin(of_file, is_of_file)
            .where(contact.c.campaign_id == intake.campaign_id, condition)
        )
        return {
            number: Known(contact_id, row_number, bool(is_of_this_file))
            for number, contact_id, row_number, is_of_this_file in self._rows(wanted.params(values))
        }

    def _stored_rows_of(self, file_id: int, campaign_id: int) -> dict[int, RowStatus]:
        """Return the status of each row of the file that is stored, by row number."""
        of_file = {"file_id": file_id}
        told = self._rows(ROWS_OF_FILE, of_file)
        stored = {row_number: RowStatus(status) for row_number, status in told}
        # Asked first: to look for plain rows is to look through all contacts of the campaign.
        if self._scalar(PLAIN_ROWS, of_file):
            plain = self._column(PLAIN_ROWS_OF_FILE, {"campaign_id": campaign_id, **of_file})
            stored |= dict.fromkeys(plain, RowStatus.ACCEPTED)
        return stored
