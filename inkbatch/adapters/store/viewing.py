"""Tables for people, by the page, and the log of what people did."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, literal, or_, select, text, tuple_

from inkbatch.adapters.store.models import UNFINISHED
from inkbatch.adapters.store.number_search import has_digits
from inkbatch.adapters.store.statements import AnyRow, Statements
from inkbatch.adapters.store.tables import attempt, attempt_result, audit_entry, contact
from inkbatch.domain.attempt import OPEN_STATES, AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.ports.viewing import (
    AttemptFilter,
    AttemptKey,
    AuditEntry,
    ContactFilter,
    SeenAttempt,
    SeenContact,
)

_SAID = (
    select(attempt_result.c.word)
    .where(attempt_result.c.attempt_id == attempt.c.id)
    .order_by(attempt_result.c.sequence.desc())
    .limit(1)
    .scalar_subquery()
)
SEEN = select(
    attempt.c.id,
    attempt.c.contact_id,
    contact.c.row_number,
    attempt.c.number,
    contact.c.zones,
    attempt.c.ordinal,
    attempt.c.state,
    attempt.c.disposition,
    attempt.c.reserved_at.label("dialed_at"),
    attempt.c.ended_at,
    attempt.c.talk_minutes,
    attempt.c.reason,
    _SAID.label("result"),
).join(contact, contact.c.id == attempt.c.contact_id)
LATEST_FIRST = (attempt.c.reserved_at.desc(), attempt.c.id.desc())
IS_UNFINISHED = text(f"attempt.{UNFINISHED}")
"""The condition of the partial index, by which the few open attempts are found among many."""

IS_OPEN = attempt.c.state.in_(sorted(OPEN_STATES))
SEEN_CONTACT = select(
    contact.c.id,
    contact.c.row_number,
    contact.c.number,
    contact.c.zones,
    contact.c.state,
    contact.c.waits_until,
    contact.c.why,
    contact.c.attempts_used,
)


class Viewing(Statements):
    """The part of a transaction that shows tables to people."""

    def attempts_page(
        self, campaign_id: int, *, only: AttemptFilter, after: AttemptKey | None, limit: int
    ) -> list[SeenAttempt]:
        """Return attempts that were dialed, the latest first, from behind `after` on."""
        wanted = SEEN.where(
            attempt.c.campaign_id == campaign_id, attempt.c.reserved_at.is_not(None)
        )
        for condition in _conditions(only):
            wanted = wanted.where(condition)
        if after is not None:
            place = tuple_(attempt.c.reserved_at, attempt.c.id)
            place_time = attempt.c.reserved_at.type
            # The first condition alone lets the index find the place; the second is exact.
            wanted = wanted.where(
                attempt.c.reserved_at <= after.dialed_at,
                place < tuple_(literal(after.dialed_at, place_time), literal(after.id)),
            )
        return self._seen(wanted.order_by(*LATEST_FIRST).limit(limit))

    def calls_in_progress(self, campaign_id: int, *, limit: int) -> list[SeenAttempt]:
        """Return attempts that are open, the latest first."""
        wanted = SEEN.where(attempt.c.campaign_id == campaign_id, IS_UNFINISHED, IS_OPEN)
        return self._seen(wanted.order_by(*LATEST_FIRST).limit(limit))

    def dialed_between(
        self, campaign_id: int, *, since: datetime, limit: int
    ) -> Sequence[tuple[datetime, str]]:
        """Return when attempts since then were dialed, with disposition or else state."""
        came_to = func.coalesce(attempt.c.disposition, attempt.c.state)
        wanted = (
            select(attempt.c.reserved_at, came_to)
            .where(attempt.c.campaign_id == campaign_id, attempt.c.reserved_at >= since)
            .order_by(attempt.c.reserved_at.desc())
            .limit(limit)
        )
        return [(row[0], str(row[1])) for row in self._rows(wanted)]

    def contacts_page(
        self, campaign_id: int, *, only: ContactFilter, after: int, limit: int
    ) -> list[SeenContact]:
        """Return contacts by id from behind `after` on."""
        # SQLite goes through its rows, which lie in this order; by an index it would sort them all.
        campaign = contact.c.campaign_id
        of_campaign = (campaign if self._is_postgresql else campaign + 0) == campaign_id
        wanted = SEEN_CONTACT.where(of_campaign, contact.c.id > after)
        if only.state:
            stored = ContactState.WAITING if only.state == ContactState.DUE else only.state
            wanted = wanted.where(contact.c.state == stored)
        if digits := _digits(only.number):
            found = has_digits(contact.c.number, digits, shown_only=only.shown_digits_only)
            wanted = wanted.where(found)
        rows = self._rows(wanted.order_by(contact.c.id).limit(limit))
        return [SeenContact(**{**row._asdict(), "zones": _zones(row.zones)}) for row in rows]

    def add_audit_entry(self, entry: AuditEntry) -> None:
        """Write down what somebody did."""
        self._change(insert(audit_entry).values(**asdict(entry)))

    def audit_entries(self, *, limit: int) -> list[AuditEntry]:
        """Return the latest entries, the newest first."""
        told = (audit_entry.c[name] for name in ("at", "who", "role", "action", "subject"))
        wanted = select(*told).order_by(audit_entry.c.id.desc()).limit(limit)
        return [AuditEntry(**row._asdict()) for row in self._rows(wanted)]

    def _seen(self, wanted: Select[Any]) -> list[SeenAttempt]:
        return [_seen_attempt(row) for row in self._rows(wanted)]


def _conditions(only: AttemptFilter) -> list[ColumnElement[bool]]:
    conditions = list[ColumnElement[bool]]()
    if only.disposition:
        came_to = or_(
            attempt.c.disposition == only.disposition,
            attempt.c.disposition.is_(None) & (attempt.c.state == only.disposition),
        )
        conditions.append(came_to)
    if digits := _digits(only.number):
        found = has_digits(attempt.c.number, digits, shown_only=only.shown_digits_only)
        conditions.append(found)
    return conditions


def _digits(number: str) -> str:
    return re.sub(r"[^0-9]", "", number)


def _zones(text_: str) -> tuple[str, ...]:
    return tuple(text_.split("|")) if text_ else ()


def _seen_attempt(row: AnyRow) -> SeenAttempt:
    told = row._asdict()
    told.update(
        zones=_zones(row.zones),
        state=AttemptState(row.state),
        disposition=None if row.disposition is None else Disposition(row.disposition),
    )
    return SeenAttempt(**told)
