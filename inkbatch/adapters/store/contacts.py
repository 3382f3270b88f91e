"""Contacts, and choosing whom to dial next straight from an index."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Select,
    bindparam,
    func,
    literal,
    select,
    text,
    union_all,
    update,
)

from inkbatch.adapters.store.models import UNFINISHED
from inkbatch.adapters.store.statements import AnyRow, Statements, existing
from inkbatch.adapters.store.tables import attempt
from inkbatch.adapters.store.tables import contact as table
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.ports import ZoneQueue

ZONE_SEPARATOR = "|"
IS_UNFINISHED = text(UNFINISHED)
INSTANT = timedelta(microseconds=1)

CONTACT = select(
    table.c.id,
    table.c.campaign_id,
    table.c.number,
    table.c.zones,
    table.c.fields,
    table.c.row_number,
    table.c.priority,
    table.c.state,
    table.c.waits_until,
    table.c.why,
    table.c.expires_at,
    table.c.attempts_used,
    table.c.enrolled_at,
)

WAITING_IN_CAMPAIGN = (
    table.c.campaign_id == bindparam("campaign_id"),
    table.c.state == ContactState.WAITING,
)

GROUPS_MAX = 100
"""So many zone groups are asked for at once; SQLite joins no more than 500."""

FIRST_OF_A_ZONE = select(table.c.zones).where(*WAITING_IN_CAMPAIGN).order_by(table.c.zones).limit(1)
"""In the order of the index, so that it is read at one place only."""


def _groups() -> Select[Any]:
    """Return the query for each zones and priority with the first time of waiting in them.

    It jumps through the index from one to the next, so it costs as much as there are different
    zones and priorities, however many contacts wait.
    """
    zones = select(FIRST_OF_A_ZONE.scalar_subquery().label("zones")).cte("zone", recursive=True)
    following = FIRST_OF_A_ZONE.where(table.c.zones > zones.c.zones).scalar_subquery()
    zones = zones.union_all(select(following).where(zones.c.zones.is_not(None)))
    highest = select(table.c.priority).where(*WAITING_IN_CAMPAIGN)
    highest = highest.order_by(table.c.priority.desc()).limit(1)
    of_zone = highest.where(table.c.zones == zones.c.zones).scalar_subquery().label("priority")
    level = select(zones.c.zones, of_zone).where(zones.c.zones.is_not(None))
    levels = level.cte("level", recursive=True)
    lower = highest.where(
        table.c.zones == levels.c.zones, table.c.priority < levels.c.priority
    ).scalar_subquery()
    levels = levels.union_all(select(levels.c.zones, lower).where(levels.c.priority.is_not(None)))
    first = select(table.c.waits_until).where(
        *WAITING_IN_CAMPAIGN,
        table.c.zones == levels.c.zones,
        table.c.priority == levels.c.priority,
    )
    first_at = first.order_by(table.c.waits_until).limit(1).scalar_subquery().label("first_at")
    return select(levels.c.zones, levels.c.priority, first_at).where(levels.c.priority.is_not(None))


GROUPS = _groups()
WAITING = select(literal(1)).where(*WAITING_IN_CAMPAIGN).limit(bindparam("at_most"))
COUNT_WAITING = select(func.count()).select_from(WAITING.subquery())
COUNT_DUE = select(func.count()).select_from(
    WAITING.where(
        table.c.zones == bindparam("of_zones"),
        table.c.priority == bindparam("of_priority"),
        table.c.waits_until < bindparam("before", type_=table.c.waits_until.type),
    ).subquery()
)

CONTACT_BY_ID = CONTACT.where(table.c.id == bindparam("of_id"))
MOVE = (
    update(table)
    .where(table.c.id == bindparam("of_id"))
    .values(
        state=bindparam("to_state"),
        waits_until=bindparam("until"),
        why=bindparam("reason"),
        attempts_used=func.coalesce(bindparam("used", type_=Integer), table.c.attempts_used),
        priority=func.coalesce(bindparam("turn", type_=Integer), table.c.priority),
    )
)


class Contacts(Statements):
    """The part of a transaction that knows contacts."""

    def zone_queues(self, campaign_id: int) -> list[ZoneQueue]:
        """Return the candidate zones of waiting contacts, the longest waiting first."""
        first = dict[str, datetime]()
        for group in self._rows(GROUPS, {"campaign_id": campaign_id}):
            first[group.zones] = min(group.first_at, first.get(group.zones, group.first_at))
        queues = [
            ZoneQueue(zones=zones_from_text(zones), first_at=at) for zones, at in first.items()
        ]
        return sorted(queues, key=lambda queue: (queue.first_at, queue.zones))

    def count_waiting(self, campaign_id: int, *, limit: int) -> int:
        """Return how many contacts wait, due or not; counts no further than `limit`."""
        return int(self._scalar(COUNT_WAITING, {"campaign_id": campaign_id, "at_most": limit}))

    def count_due(
        self,
        campaign_id: int,
        *,
        zones: Sequence[tuple[str, ...]],
        before: datetime,
        limit: int,
    ) -> int:
        """Return how many contacts of these zones wait for a time before that, up to `limit`."""
        found = 0
        for group in self._groups_of(campaign_id, zones, first_before=before):
            if found >= limit:
                break
            wanted = {"campaign_id": campaign_id, "before": before, "at_most": limit - found}
            named = {"of_zones": group.zones, "of_priority": group.priority}
            found += int(self._scalar(COUNT_DUE, {**wanted, **named}))
        return found

    def due_contacts(
        self,
        campaign_id: int,
        *,
        zones: Sequence[tuple[str, ...]],
        now: datetime,
        limit: int,
    ) -> list[Contact]:
        """Return waiting contacts of these zone groups whose time has come.

        By priority (highest first), then waits_until, then row number.
        """
        wanted = {"campaign_id": campaign_id, "now": now, "at_most": limit}
        groups = self._groups_of(campaign_id, zones, first_before=now + INSTANT)
        due = list[Contact]()
        for start in range(0, len(groups), GROUPS_MAX):
            some = groups[start : start + GROUPS_MAX]
            if len(due) == limit and due[-1].priority > some[0].priority:
                break
            named = {f"zones_{place}": group.zones for place, group in enumerate(some)}
            named |= {f"priority_{place}": group.priority for place, group in enumerate(some)}
            due += map(contact_from, self._rows(_due_in(len(some)), {**wanted, **named}))
            due = sorted(due, key=_turn)[:limit]
        return due

    def _groups_of(
        self, campaign_id: int, zones: Sequence[tuple[str, ...]], *, first_before: datetime
    ) -> list[AnyRow]:
        """Return the zones and priorities where somebody waits for less, highest priority first."""
        texts = {zones_as_text(group) for group in zones}
        groups = self._rows(GROUPS, {"campaign_id": campaign_id})
        wanted = [each for each in groups if each.zones in texts and each.first_at < first_before]
        return sorted(wanted, key=lambda group: -group.priority)

    def set_contact(
        self,
        contact_id: int,
        state: ContactState,
        *,
        until: datetime,
        why: str,
        attempts_used: int | None = None,
        priority: int | None = None,
    ) -> None:
        """Move a contact; attempts_used and priority None keep the figures."""
        self._later(
            MOVE,
            {
                "of_id": contact_id,
                "to_state": state,
                "until": until,
                "reason": why,
                "used": attempts_used,
                "turn": priority,
            },
        )

    def withdraw_all(self, campaign_id: int, *, why: str, now: datetime) -> int:
        """Take back every plan of a campaign and withdraw whoever waits; return how many people."""
        planned = (IS_UNFINISHED, attempt.c.campaign_id == campaign_id)
        self._change(
            update(attempt)
            .where(*planned, attempt.c.state == AttemptState.PLANNED)
            .values(state=AttemptState.WITHDRAWN, ended_at=now, reason=why)
        )
        return self._change(
            update(table)
            .where(table.c.campaign_id == campaign_id, table.c.state == ContactState.WAITING)
            .values(state=ContactState.WITHDRAWN, waits_until=now, why=why)
        )

    def contact(self, contact_id: int) -> Contact:
        """Return one; raises StoreError where there is none."""
        row = self._row(CONTACT_BY_ID, {"of_id": contact_id})
        return contact_from(existing(row, f"contact {contact_id}"))


def zones_as_text(zones: tuple[str, ...]) -> str:
    """Return candidate zones as they are stored: one text, so that one index finds the group."""
    return ZONE_SEPARATOR.join(zones)


def zones_from_text(text: str) -> tuple[str, ...]:
    """Return candidate zones from their stored text."""
    return tuple(text.split(ZONE_SEPARATOR)) if text else ()


def contact_from(row: AnyRow) -> Contact:
    """Return the contact of a row of `CONTACT`."""
    told = row._asdict()
    told.update(zones=zones_from_text(row.zones), state=ContactState(row.state))
    return Contact(**told)


@cache
def _due_in(groups: int) -> CompoundSelect[Any]:
    """Merge so many zones and priorities, each read in the order of the index `contact_due`."""
    in_order = (table.c.waits_until, table.c.row_number)
    each = [
        CONTACT.where(
            *WAITING_IN_CAMPAIGN,
            table.c.zones == bindparam(f"zones_{place}"),
            table.c.priority == bindparam(f"priority_{place}"),
            table.c.waits_until <= bindparam("now"),
        )
        .order_by(*in_order)
        .limit(bindparam("at_most"))  # without which PostgreSQL reads and sorts them all
        .subquery(f"group_{place}")
        for place in range(groups)
    ]
    due = union_all(*map(select, each))
    told = due.selected_columns
    by_turn = (told.priority.desc(), told.waits_until, told.row_number)
    return due.order_by(*by_turn).limit(bindparam("at_most"))


def _turn(contact: Contact) -> tuple[int, datetime, int]:
    return -contact.priority, contact.waits_until, contact.row_number
