"""Enrolling a call list: every row stored, a contact for each new number, set by set."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from inkbatch.adapters.store.bulk import insert_rows
from inkbatch.adapters.store.contacts import zones_as_text
from inkbatch.adapters.store.number_facts import NumberKnowledge
from inkbatch.adapters.store.settling import settle
from inkbatch.adapters.store.statements import among
from inkbatch.adapters.store.tables import campaign, contact, list_row
from inkbatch.domain.call_list import CallList, Row, RowStatus
from inkbatch.domain.contact import ContactState
from inkbatch.ports import Enrolled

CONTACT_COLUMNS = (
    "campaign_id",
    "number",
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
    "campaign_id",
    "file_name",
    "file_sha256",
    "row_number",
    "status",
    "reason",
    "column",
    "value",
    "fields",
    "contact_id",
    "duplicate_of",
    "enrolled_at",
)
HAS_CONTACT = (RowStatus.ACCEPTED, RowStatus.REPAIRED, RowStatus.DUPLICATE)


class Enrolling(NumberKnowledge):
    """The part of a transaction that turns rows into contacts."""

    def enroll(self, campaign_id: int, call_list: CallList, *, now: datetime) -> Enrolled:
        """Store every row, and a contact for each accepted one whose number is new.

        The file's sha256 and the row number identify a row, so the same file again changes
        nothing. A number that the campaign already has becomes a duplicate row pointing to it; a
        suppressed one becomes a suppressed row.
        """
        self._require_writing()
        self._exclude_other_enrolments(campaign_id)
        known = self._known_row_numbers(campaign_id, call_list.sha256)
        new = [row for row in call_list.rows if row.row_number not in known]
        numbers = list({row.number for row in new if row.number is not None})
        settled = settle(
            new,
            suppressed=self._suppressed(numbers, now=now),
            earlier=self._contacts_by_number(campaign_id, numbers, told="row_number"),
        )
        self._insert(contact, CONTACT_COLUMNS, _contacts(settled, campaign_id, now=now))
        ids = self._contacts_by_number(campaign_id, numbers, told="id")
        self._insert(
            list_row, LIST_ROW_COLUMNS, _list_rows(settled, campaign_id, call_list, ids, now=now)
        )
        return _enrolled(call_list, settled)

    def _exclude_other_enrolments(self, campaign_id: int) -> None:
        """Let one file of a campaign be enrolled at a time; SQLite has one writer anyway."""
        self._rows(
            select(campaign.c.id)
            .where(campaign.c.id == campaign_id)
            .with_for_update(key_share=True)
        )

    def _known_row_numbers(self, campaign_id: int, sha256: str) -> set[int]:
        return set(
            self._column(
                select(list_row.c.row_number).where(
                    list_row.c.campaign_id == campaign_id, list_row.c.file_sha256 == sha256
                )
            )
        )

    def _contacts_by_number(
        self, campaign_id: int, numbers: Sequence[str], *, told: str
    ) -> dict[str, int]:
        wanted = select(contact.c.number, contact.c[told]).where(
            contact.c.campaign_id == campaign_id, self._is_among(contact.c.number)
        )
        return {row[0]: row[1] for row in self._rows(wanted, among(numbers))}

    def _insert(self, table: Any, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
        self._run(lambda: insert_rows(self._connection, table, columns, rows))


def _contacts(rows: Sequence[Row], campaign_id: int, *, now: datetime) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        if row.becomes_contact:
            yield (
                campaign_id,
                row.number,
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
    rows: Sequence[Row],
    campaign_id: int,
    call_list: CallList,
    contact_ids: Mapping[str, int],
    *,
    now: datetime,
) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield (
            campaign_id,
            call_list.name,
            call_list.sha256,
            row.row_number,
            row.status.value,
            row.reason,
            row.column,
            row.value,
            None if row.becomes_contact else dict(row.fields),
            contact_ids.get(row.number or "") if row.status in HAS_CONTACT else None,
            row.duplicate_of,
            now,
        )


def _enrolled(call_list: CallList, settled: Sequence[Row]) -> Enrolled:
    statuses = [row.status for row in settled]
    return Enrolled(
        rows=len(call_list.rows),
        known_rows=len(call_list.rows) - len(settled),
        contacts_added=sum(row.becomes_contact for row in settled),
        duplicates=statuses.count(RowStatus.DUPLICATE),
        suppressed=statuses.count(RowStatus.SUPPRESSED),
        rejected=statuses.count(RowStatus.REJECTED),
    )
