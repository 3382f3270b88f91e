"""Enrolling a call list: every row stored, a contact for each new number, batch by batch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from inkbatch.adapters.store.bulk import insert_columns
from inkbatch.adapters.store.contact_numbers import ContactNumbers
from inkbatch.adapters.store.intake import Facts, Intake, Intakes, NumberIds
from inkbatch.adapters.store.list_columns import (
    columns_of_contacts,
    columns_of_plain,
    columns_of_rows,
    is_plain,
    set_apart,
)
from inkbatch.adapters.store.models import NOT_CALLED_YET
from inkbatch.adapters.store.settling import settle
from inkbatch.adapters.store.tables import campaign, contact, list_file, list_row
from inkbatch.domain.call_list import CallList
from inkbatch.domain.contact import ContactState
from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.domain.number_hash import ERASED
from inkbatch.domain.row_batch import PlainRows, RowBatch
from inkbatch.domain.suppression import on_the_list
from inkbatch.ports import Enrolled

COUNT_PLAIN = (
    update(list_file)
    .where(list_file.c.id == bindparam("of_file"))
    .values(plain_rows=list_file.c.plain_rows + bindparam("more"))
)
FORGET = delete(list_row).where(
    list_row.c.file_id == bindparam("of_file"), list_row.c.row_number == bindparam("again")
)

ONE_AT_A_TIME = (
    select(campaign.c.id)
    .where(campaign.c.id == bindparam("campaign_id"))
    .with_for_update(key_share=True)
)
FILE_ID = select(list_file.c.id).where(
    list_file.c.campaign_id == bindparam("campaign_id"), list_file.c.sha256 == bindparam("sha256")
)
LAST_CONTACT_ID = select(func.coalesce(func.max(contact.c.id), 0))


class Enrolling(Intakes, ContactNumbers):
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
        batches = iter(call_list.batches)
        first = next(batches, RowBatch())
        file_id = self._file_id(campaign_id, call_list, now=now)
        begun = self._intake(campaign_id, file_id, organisation, now=now)
        given, tally = 0, Counter[RowStatus]()
        with self._all_or_nothing(begun, first) as intake:
            for batch in chain((first,), batches):
                given += len(batch)
                if new := intake.without_stored(batch):
                    tally.update(self._take(intake, new))
        return _enrolled(given, tally)

    def _take(self, intake: Intake, batch: RowBatch) -> Counter[RowStatus]:
        """Store rows of the file with their contacts, and return what became of them."""
        self._forget_rejected(intake, batch)
        facts = self._facts(intake, batch)
        plain, others = set_apart(batch, facts.numbers)
        settled = settle(self._without_erased(intake, others), **facts._asdict())
        added = self._add_contacts(intake, plain, [row for row in settled if row.becomes_contact])
        told = [row for row in settled if not is_plain(row)]
        self._add_rows(intake, told, ids=_ids_of(told, facts, added))
        plain_rows = len(plain) + sum(map(is_plain, settled))
        self._change(COUNT_PLAIN, {"of_file": intake.file_id, "more": plain_rows})
        return Counter(row.status for row in settled) + Counter({RowStatus.ACCEPTED: len(plain)})

    def _without_erased(self, intake: Intake, rows: Sequence[Row]) -> list[Row]:
        """Return the rows, those with an erased number suppressed, with nothing of their cells."""
        if not intake.has_suppressions:
            return list(rows)
        erased = self._erased([*{number for row in rows for number in _numbers_of(row)}])
        return [self._forgotten(row) if erased.keys() & _numbers_of(row) else row for row in rows]

    def _forgotten(self, row: Row) -> Row:
        """Return a row with an erased number: nobody is called by it, and no cell of it is kept."""
        number_hash = None if row.number is None else next(iter(self._hashes([row.number])))
        told = row._replace(number=number_hash, numbers=(), fields={}, value=None)
        if not row.becomes_contact:
            return told
        return told._replace(status=RowStatus.SUPPRESSED, reason=on_the_list(ERASED))

    def _add_contacts(self, intake: Intake, plain: PlainRows, rows: Sequence[Row]) -> NumberIds:
        """Store new contacts and return their ids."""
        ids = self._new_contact_ids(len(plain) + len(rows))
        of_plain, of_rows = ids[: len(plain)], ids[len(plain) :]
        columns, alike = columns_of_plain(plain)
        alike |= {"file_id": intake.file_id, "waits_until": intake.now}
        self._add(intake, columns, of_plain, {**alike, "priority": 0, "expires_at": None})
        columns = columns_of_contacts(rows, file_id=intake.file_id, now=intake.now)
        self._add(intake, columns, of_rows, {})
        added = NumberIds({}) if intake.ids is None else intake.ids
        added.add(plain.numbers, of_plain)
        added.add(columns["number"], of_rows)
        self._add_numbers(
            {id_: row.numbers for id_, row in zip(of_rows, rows, strict=True) if row.numbers}
        )
        return added

    def _add(
        self,
        intake: Intake,
        columns: Mapping[str, Sequence[Any]],
        ids: Sequence[int],
        constants: Mapping[str, Any],
    ) -> None:
        """Insert contacts that have never been called."""
        if self._is_postgresql:
            columns = {"id": ids, **columns}  # SQLite gives the very same ids by itself, faster
        everywhere = {
            "campaign_id": intake.campaign_id,
            "state": ContactState.WAITING.value,
            "why": NOT_CALLED_YET,
            "attempts_used": 0,
            "enrolled_at": intake.now,
            **constants,
        }
        self._run(lambda: insert_columns(self._connection, contact, columns, constants=everywhere))

    def _add_rows(self, intake: Intake, rows: Sequence[Row], *, ids: Mapping[str, int]) -> None:
        columns, constants = columns_of_rows(rows, ids), {"file_id": intake.file_id}
        self._run(lambda: insert_columns(self._connection, list_row, columns, constants=constants))

    def _file_id(self, campaign_id: int, call_list: CallList, *, now: datetime) -> int:
        this = {"campaign_id": campaign_id, "sha256": call_list.sha256}
        known: int | None = self._scalar(FILE_ID, this)
        if known is not None:
            return known
        new = {**this, "name": call_list.name, "enrolled_at": now}
        self._change(insert(list_file).values(new))
        return int(self._scalar(FILE_ID, this))

    def _forget_rejected(self, intake: Intake, batch: RowBatch) -> None:
        """Make way for rows that are no longer rejected, since the campaign was corrected."""
        if not intake.stored:
            return
        row_numbers = (*batch.plain.row_numbers, *(row.row_number for row in batch.others))
        again = [
            {"of_file": intake.file_id, "again": row_number}
            for row_number in row_numbers
            if row_number in intake.stored
        ]
        if again:
            self._change_all(FORGET, again)

    def _new_contact_ids(self, how_many: int) -> Sequence[int]:
        """Return ids that no contact has; nobody else can take them before this commits."""
        if self._is_postgresql:
            sequence = func.nextval(func.pg_get_serial_sequence("contact", "id"))
            each = func.generate_series(1, how_many).alias("each")
            return self._column(select(sequence).select_from(each))
        first = int(self._scalar(LAST_CONTACT_ID)) + 1
        return range(first, first + how_many)

    def _exclude_other_enrolments(self, campaign_id: int) -> None:
        """Let one file of a campaign be enrolled at a time; SQLite has one writer anyway."""
        self._rows(ONE_AT_A_TIME, {"campaign_id": campaign_id})


def _numbers_of(row: Row) -> set[str]:
    """Return all numbers of a row."""
    numbers = {one.number for one in row.numbers}
    return numbers if row.number is None else {row.number, *numbers}


def _ids_of(rows: Sequence[Row], facts: Facts, added: NumberIds) -> dict[str, int]:
    """Return the contacts that have the numbers of these rows."""
    numbers = [row.number for row in rows if row.number is not None]
    known = {number: known.contact_id for number, known in facts.known.items()}
    return known | added.of(numbers)


def _enrolled(given: int, tally: Counter[RowStatus]) -> Enrolled:
    return Enrolled(
        rows=given,
        known_rows=given - tally.total(),
        contacts_added=tally[RowStatus.ACCEPTED] + tally[RowStatus.REPAIRED],
        duplicates=tally[RowStatus.DUPLICATE],
        suppressed=tally[RowStatus.SUPPRESSED],
        rejected=tally[RowStatus.REJECTED],
    )
