"""Enrolling a call list: every row stored, a contact for each new number, chunk by chunk."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select

from inkbatch.adapters.store.bulk import insert_rows
from inkbatch.adapters.store.contacts import zones_as_text
from inkbatch.adapters.store.number_facts import NumberKnowledge
from inkbatch.adapters.store.settling import Known, settle
from inkbatch.adapters.store.statements import among
from inkbatch.adapters.store.tables import campaign, contact, list_file, list_row
from inkbatch.domain.call_list import CallList
from inkbatch.domain.contact import ContactState
from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.ports import Enrolled

CONTACT_COLUMNS = (
    "id",
    "campaign_id",
    "number",
    "number_type",
    "zones",
    "fields",
    "row_number",
    "priority",
    "state",
    "waits_until",
    "why",
    "expires_at",
    "attempts_used",
    "enrolled_at",
)
LIST_ROW_COLUMNS = (
    "file_id",
    "row_number",
    "status",
    "reason",
    "column",
    "value",
    "fields",
    "contact_id",
    "duplicate_of",
)

HAS_CONTACT = (RowStatus.ACCEPTED, RowStatus.REPAIRED, RowStatus.DUPLICATE)


class Enrolling(NumberKnowledge):
    """The part of a transaction that turns rows into contacts."""

    def enroll(
        self,
        campaign_id: int,
        call_list: CallList,
        *,
        now: datetime,
        organisation: str | None = None,
    ) -> Enrolled:
        """Store every row, and a contact for each accepted one whose number is new.

        The file's sha256 and the row number identify a row, so the same file again changes
        nothing but rows that were rejected and, by a corrected campaign, no longer are. A number
        that the campaign already has becomes a duplicate row pointing to it; a suppressed one
        becomes a suppressed row. With `organisation`, a number that another of
        its campaigns has becomes a duplicate too. The rows are gone through once.
        """
        self._require_writing()
        self._exclude_other_enrolments(campaign_id)
        file_id = self._file_id(campaign_id, call_list, now=now)
        stored_before = self._stored_rows_of(file_id)
        given, tally = 0, Counter[RowStatus]()
        for batch in call_list.batches:
            chunk = list(batch.rows())
            given += len(chunk)
            new = [row for row in chunk if _is_new(row, stored_before.get(row.row_number))]
            self._forget_rejected(file_id, new, stored_before)
            settled = self._enroll(campaign_id, file_id, new, organisation, now=now)
            tally.update(row.status for row in settled)
        return _enrolled(given, tally)

    def _enroll(
        self,
        campaign_id: int,
        file_id: int,
        rows: Sequence[Row],
        organisation: str | None,
        *,
        now: datetime,
    ) -> list[Row]:
        """Store some rows of a file with their contacts, and return what became of each."""
        numbers = [row.number for row in rows if row.number is not None]
        known = self._known_contacts(campaign_id, numbers, file_id=file_id)
        elsewhere = (
            {}
            if organisation is None
            else self.numbers_in_other_campaigns(
                numbers, campaign_id=campaign_id, organisation=organisation
            )
        )
        settled = settle(
            rows,
            suppressed=self.suppressed(numbers, now=now),
            known=known,
            elsewhere=elsewhere,
        )
        added = [row for row in settled if row.becomes_contact]
        ids = self._new_contact_ids(len(added))
        contacts = _contacts(added, ids, campaign_id, now=now)
        self._run(lambda: insert_rows(self._connection, contact, CONTACT_COLUMNS, contacts))
        contact_ids = {number: told.contact_id for number, told in known.items()}
        contact_ids |= {row.number: new for row, new in zip(added, ids, strict=True) if row.number}
        list_rows = _list_rows(settled, file_id, contact_ids)
        self._run(lambda: insert_rows(self._connection, list_row, LIST_ROW_COLUMNS, list_rows))
        return settled

    def _file_id(self, campaign_id: int, call_list: CallList, *, now: datetime) -> int:
        this = (list_file.c.campaign_id == campaign_id, list_file.c.sha256 == call_list.sha256)
        known: int | None = self._scalar(select(list_file.c.id).where(*this))
        if known is not None:
            return known
        said = {"name": call_list.name, "sha256": call_list.sha256, "enrolled_at": now}
        self._change(insert(list_file).values(campaign_id=campaign_id, **said))
        return int(self._scalar(select(list_file.c.id).where(*this)))

    def _stored_rows_of(self, file_id: int) -> dict[int, RowStatus]:
        """Return the status of each row of the file that is stored, by row number."""
        stored = select(list_row.c.row_number, list_row.c.status).where(
            list_row.c.file_id == file_id
        )
        return {row_number: RowStatus(status) for row_number, status in self._rows(stored)}

    def _forget_rejected(
        self, file_id: int, rows: Sequence[Row], stored: Mapping[int, RowStatus]
    ) -> None:
        """Make way for rows that are no longer rejected, since the campaign was corrected."""
        again = [{"again": row.row_number} for row in rows if row.row_number in stored]
        if again:
            this = (list_row.c.file_id == file_id, list_row.c.row_number == bindparam("again"))
            self._change(delete(list_row).where(*this), again)

    def _known_contacts(
        self, campaign_id: int, numbers: Sequence[str], *, file_id: int
    ) -> dict[str, Known]:
        """Return the contacts of the campaign that have these numbers."""
        of_file = list_row.alias()
        is_of_file = (
            (of_file.c.file_id == file_id)
            & (of_file.c.row_number == contact.c.row_number)
            & (of_file.c.contact_id == contact.c.id)
        )
        wanted = (
            select(contact.c.number, contact.c.id, contact.c.row_number, of_file.c.row_number)
            .outerjoin(of_file, is_of_file)
            .where(contact.c.campaign_id == campaign_id, self._is_among(contact.c.number))
        )
        return {
            number: Known(contact_id, row_number, found is not None)
            for number, contact_id, row_number, found in self._rows(wanted, among(numbers))
        }

    def _new_contact_ids(self, how_many: int) -> Sequence[int]:
        """Return ids that no contact has; nobody else can take them before this commits."""
        if self._is_postgresql:
            sequence = func.nextval(func.pg_get_serial_sequence("contact", "id"))
            each = func.generate_series(1, how_many).alias("each")
            return self._column(select(sequence).select_from(each))
        first = int(self._scalar(select(func.coalesce(func.max(contact.c.id), 0)))) + 1
        return range(first, first + how_many)

    def _exclude_other_enrolments(self, campaign_id: int) -> None:
        """Let one file of a campaign be enrolled at a time; SQLite has one writer anyway."""
        self._rows(
            select(campaign.c.id)
            .where(campaign.c.id == campaign_id)
            .with_for_update(key_share=True)
        )


def _is_new(row: Row, stored: RowStatus | None) -> bool:
    if stored is None:
        return True
    return stored is RowStatus.REJECTED and row.status is not RowStatus.REJECTED


def _contacts(
    rows: Sequence[Row], ids: Sequence[int], campaign_id: int, *, now: datetime
) -> Iterator[tuple[Any, ...]]:
    for row, contact_id in zip(rows, ids, strict=True):
        yield (
            contact_id,
            campaign_id,
            row.number,
            row.number_type,
            zones_as_text(row.zones),
            dict(row.fields),
            row.row_number,
            row.priority,
            ContactState.WAITING.value,
            row.not_before or now,
            "not called yet",
            row.expires_at,
            0,
            now,
        )


def _list_rows(
    rows: Sequence[Row], file_id: int, contact_ids: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield (
            file_id,
            row.row_number,
            row.status.value,
            row.reason,
            row.column,
            row.value,
            None if row.becomes_contact else dict(row.fields),
            contact_ids.get(row.number or "") if row.status in HAS_CONTACT else None,
            row.duplicate_of,
        )


def _enrolled(given: int, tally: Counter[RowStatus]) -> Enrolled:
    return Enrolled(
        rows=given,
        known_rows=given - tally.total(),
        contacts_added=tally[RowStatus.ACCEPTED] + tally[RowStatus.REPAIRED],
        duplicates=tally[RowStatus.DUPLICATE],
        suppressed=tally[RowStatus.SUPPRESSED],
        rejected=tally[RowStatus.REJECTED],
    )
