"""A copy, in memory, of what the next calls of one campaign depend on; for looking ahead.

The copy is read in one transaction that writes nothing. It has the campaign, the contacts that may
come next, all that is known of their numbers, the budget, and the calls in progress. Rows are not
linked to what was left out, so the copy enforces no foreign keys.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    StaticPool,
    Table,
    create_engine,
    event,
    func,
    insert,
    or_,
    select,
    text,
    union,
    update,
)
from sqlmodel import SQLModel

from inkbatch.adapters.store import tables
from inkbatch.adapters.store.attempts import TALKED
from inkbatch.adapters.store.contact_numbers import IDS_AMONG
from inkbatch.adapters.store.engine import reading
from inkbatch.adapters.store.locks import Locks
from inkbatch.adapters.store.models import HAS_DEADLINE, OPEN
from inkbatch.adapters.store.rules import budget_rules_from
from inkbatch.adapters.store.statements import TEXTS_AMONG, among
from inkbatch.adapters.store.store import SqlStore
from inkbatch.adapters.store.translation import translated
from inkbatch.adapters.store.zone_texts import zones_from_text
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.budget import DOCUMENTED_LIMITS
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.sharing import Part
from inkbatch.ports import CampaignRecord, DialingLock

TALKS_MAX, RECENT_MAX, PILOT_MAX = 200, 6_000, 20_000
FORESEEN_CALL = "foreseen-of-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """The copy; `cut` are the zone groups of which not all contacts that are due were taken."""

    store: SqlStore
    cut: tuple[tuple[str, ...], ...]


def copy_ahead(
    store: SqlStore, record: CampaignRecord, *, now: datetime, until: datetime, contacts_max: int
) -> Copied:
    """Return a copy with the first `contacts_max` contacts of each zone group and priority."""
    target = _memory()
    with translated(), reading(store.engine).begin() as source, target.begin() as copy:
        SQLModel.metadata.create_all(copy)
        copier = _Copier(source, copy, record, now=now, until=until, contacts_max=contacts_max)
        cut = copier.copy_all()
    return Copied(store=SqlStore(target, _NoLocks()), cut=cut)


def _memory() -> Engine:
    engine = create_engine(
        "sqlite://",
        hide_parameters=True,
        poolclass=StaticPool,
        connect_args={"isolation_level": None},
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


class _NoLocks(Locks):
    """Nobody else knows the copy."""

    def _try(self, name: str) -> DialingLock | None:  # noqa: ARG002 (the signature of Locks)
        return None


class _Copier:
    """Carries rows from one connection to the other."""

    def __init__(
        self,
        source: Connection,
        copy: Connection,
        record: CampaignRecord,
        *,
        now: datetime,
        until: datetime,
        contacts_max: int,
    ) -> None:
        self._source, self._copy, self._record = source, copy, record
        self._now, self._until, self._max = now, until, contacts_max
        self._contacts = set[int]()
        self._attempts = set[str]()

    def copy_all(self) -> tuple[tuple[str, ...], ...]:
        """Copy everything; return the zone groups that were cut."""
        self._whole(tables.campaign, tables.campaign.c.id == self._record.id)
        self._whole(tables.answer_tally, tables.answer_tally.c.campaign_id == self._record.id)
        cut = tuple(
            group for group in self._zone_groups(self._record.id) if self._take_contacts(group)
        )
        self._budget()
        self._take_attempts()
        for sharer in self._take_sharers():
            self._take_claim(sharer)
        return tuple(map(zones_from_text, cut))

    def _zone_groups(self, campaign_id: int) -> Iterator[str]:
        """Yield each zone group, by hopping through the index from one to the next."""
        zones, waiting = tables.contact.c.zones, _waiting(campaign_id)
        group: str | None = self._first(func.min(zones), *waiting)
        while group is not None:
            yield group
            group = self._first(func.min(zones), *waiting, zones > group)

    def _levels(self, campaign_id: int, zones: str) -> Iterator[tuple[int, int]]:
        """Yield each priority of a zone group with each count of tries, in the same way."""
        priority, tries = tables.contact.c.priority, tables.contact.c.attempts_used
        of_group = (*_waiting(campaign_id), tables.contact.c.zones == zones)
        which: int | None = self._first(func.max(priority), *of_group)
        while which is not None:
            of_level = (*of_group, priority == which)
            used: int | None = self._first(func.min(tries), *of_level)
            while used is not None:
                yield which, used
                used = self._first(func.min(tries), *of_level, tries > used)
            which = self._first(func.max(priority), *of_group, priority < which)

    def _first(self, edge: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Any:
        return self._source.execute(select(edge).where(*conditions)).scalar()

    def _take_contacts(self, zones: str) -> bool:
        """Copy the contacts of a zone group that may come next; say whether some were left out.

        Of each priority and count of tries those that have waited longest come first, due
        or not yet; so as many of each are enough. So it is with the earliest deadlines.
        """
        contact, is_cut = tables.contact.c, False
        of_zones = select(tables.contact).where(*_waiting(self._record.id), contact.zones == zones)
        in_time = of_zones.where(contact.waits_until <= self._until).limit(self._max + 1)
        for priority, tries in self._levels(self._record.id, zones):
            level = in_time.where(contact.priority == priority, contact.attempts_used == tries)
            rows = self._rows(level.order_by(contact.waits_until, contact.row_number))
            is_cut = is_cut or len(rows) > self._max
            self._put_contacts(rows)
        has_deadline = of_zones.where(text(HAS_DEADLINE)).limit(self._max + 1)
        self._put_contacts(self._rows(has_deadline.order_by(contact.expires_at)))
        return is_cut

    def _put_contacts(self, rows: Sequence[dict[str, Any]]) -> None:
        new = [row for row in rows if row["id"] not in self._contacts]
        self._contacts.update(row["id"] for row in new)
        self._put(tables.contact, new)
        self._put_numbers([row["id"] for row in new])

    def _budget(self) -> None:
        entry, organisation = tables.budget_entry.c, self._record.organisation
        counts = or_(
            entry.calls_until.is_(None),
            entry.calls_until > self._now,
            entry.minutes_until.is_(None),
            entry.minutes_until > self._now,
        )
        self._whole(tables.organisation, tables.organisation.c.name == organisation)
        self._whole(tables.budget_entry, entry.organisation == organisation, counts)
        hold = tables.budget_hold.c
        self._whole(tables.budget_hold, hold.organisation == organisation, hold.until > self._now)

    def _take_sharers(self) -> list[int]:
        """Copy the other campaigns that may have a part in the budget, and who works at them."""
        others = tables.campaign.c.organisation == self._record.organisation
        others &= tables.campaign.c.state == CampaignState.ACTIVE
        others &= tables.campaign.c.id != self._record.id
        rows = self._rows(select(tables.campaign).where(others))
        self._put(tables.campaign, rows)
        at_work = tables.shift.c.campaign_id.in_([row["id"] for row in rows])
        self._whole(tables.shift, at_work, tables.shift.c.ended_at.is_(None))
        of_record = tables.campaign.c.id == self._record.id
        priority = self._copy.execute(select(tables.campaign.c.priority).where(of_record)).scalar()
        return [row["id"] for row in rows if _may_claim(row, above=priority or 0)]

    def _take_claim(self, campaign_id: int) -> None:
        """Copy what tells for how many people a campaign may claim a part, and minutes a call.

        Nobody counts further than the limit of calls, so as many of each zone and priority do.
        """
        attempt, contact = tables.attempt.c, tables.contact.c
        of_campaign = attempt.campaign_id == campaign_id, attempt.disposition.in_(TALKED)
        newest = attempt.reserved_at.desc()
        talked = select(tables.attempt).where(*of_campaign).order_by(newest).limit(TALKS_MAX)
        self._put_attempts(self._rows(talked))
        waiting = select(tables.contact).where(*_waiting(campaign_id))
        for zones in self._zone_groups(campaign_id):
            for priority, tries in self._levels(campaign_id, zones):
                level = waiting.where(contact.zones == zones, contact.priority == priority)
                level = level.where(contact.attempts_used == tries)
                first = level.order_by(contact.waits_until).limit(self._calls_max())
                self._put_contacts(self._rows(first))

    def _calls_max(self) -> int:
        limit = select(tables.organisation.c.calls_limit)
        told: int | None = self._copy.execute(limit).scalar()
        return DOCUMENTED_LIMITS.calls if told is None else told

    def _take_attempts(self) -> None:
        attempt = tables.attempt.c
        of_campaign = select(tables.attempt).where(attempt.campaign_id == self._record.id)
        is_open = self._rows(of_campaign.where(text(OPEN)))
        talked = of_campaign.where(attempt.disposition.in_(TALKED))
        newest = attempt.reserved_at.desc()
        recent = of_campaign.where(attempt.reserved_at > self._now - timedelta(minutes=1))
        batches = [
            is_open,
            self._rows(talked.order_by(newest).limit(TALKS_MAX)),
            self._rows(recent.order_by(newest).limit(RECENT_MAX)),
        ]
        if self._record.pilot_ended_at is None:
            batches.append(self._rows(of_campaign.order_by(attempt.reserved_at).limit(PILOT_MAX)))
        in_call = [row["contact_id"] for row in is_open]
        self._put_contacts(
            self._rows(select(tables.contact).where(tables.contact.c.id.in_(in_call)))
        )
        for rows in (*batches, self._of_numbers(tables.attempt)):
            self._put_attempts(rows)
        for about_numbers in (tables.suppressed_number, tables.cool_down):
            self._put(about_numbers, self._of_numbers(about_numbers))
        self._whole(tables.number_key)
        self._whole(tables.erased_number)
        self._copy.execute(SENT)

    def _put_numbers(self, contact_ids: Sequence[int]) -> None:
        """Copy all numbers of the contacts that have several."""
        table = tables.number_of_contact
        ids = IDS_AMONG[self._source.dialect.name].columns(value=table.c.contact_id.type)
        wanted = select(table).where(table.c.contact_id.in_(ids))
        rows = self._source.execute(wanted, {"ids": json.dumps(list(contact_ids))})
        self._put(table, [dict(row) for row in rows.mappings()])

    def _put_attempts(self, rows: Sequence[dict[str, Any]]) -> None:
        new = [row for row in rows if row["id"] not in self._attempts]
        self._attempts.update(row["id"] for row in new)
        self._put(tables.attempt, new)

    def _of_numbers(self, table: Table) -> list[dict[str, Any]]:
        """Return the rows of a table that are about the numbers of the contacts."""
        several = select(tables.number_of_contact.c.number)
        known = union(select(tables.contact.c.number), several)
        numbers = self._copy.execute(known).scalars().all()
        texts = TEXTS_AMONG[self._source.dialect.name].columns(value=table.c.number.type)
        wanted = select(table).where(table.c.number.in_(texts))
        return [dict(row) for row in self._source.execute(wanted, among(numbers)).mappings()]

    def _whole(self, table: Table, *conditions: ColumnElement[bool]) -> None:
        self._put(table, self._rows(select(table).where(*conditions)))

    def _rows(self, wanted: Select[Any]) -> list[dict[str, Any]]:
        return [dict(row) for row in self._source.execute(wanted).mappings()]

    def _put(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._copy.execute(insert(table), list(rows))


def _waiting(campaign_id: int) -> tuple[ColumnElement[bool], ...]:
    contact = tables.contact.c
    return contact.campaign_id == campaign_id, contact.state == ContactState.WAITING


def _may_claim(row: Mapping[str, Any], *, above: int) -> bool:
    """Whether a campaign can have a guarantee, or go before one of this priority."""
    return budget_rules_from(row["rules"]).guarantee != Part() or row["priority"] > above


SENT = (
    update(tables.attempt)
    .where(tables.attempt.c.state == AttemptState.RESERVED)
    .values(state=AttemptState.PLACED, call_id=FORESEEN_CALL + tables.attempt.c.id)
)
"""What is on its way to Inkbox is taken to arrive."""
