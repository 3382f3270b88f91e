"""Contacts, and choosing whom to dial next straight from an index."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    func,
    literal,
    select,
    text,
    union_all,
    update,
)

from inkbatch.adapters.store.contact_numbers import ContactNumbers
from inkbatch.adapters.store.models import HAS_DEADLINE, UNFINISHED
from inkbatch.adapters.store.statements import AnyRow, existing
from inkbatch.adapters.store.tables import attempt
from inkbatch.adapters.store.tables import contact as table
from inkbatch.adapters.store.zone_texts import zones_as_text, zones_from_text
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.turns import ContactGroup
from inkbatch.ports import ZoneQueue

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
    table.c.called_number,
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
    """Return the query for each zones, priority and tries with the first time of waiting in them.

    It jumps through the index from one to the next, so it costs as much as there are different
    zones, priorities and tries, however many contacts wait.
    """
    zones = select(FIRST_OF_A_ZONE.scalar_subquery().label("zones")).cte("zone", recursive=True)
    following = FIRST_OF_A_ZONE.where(table.c.zones > zones.c.zones).scalar_subquery()
    zones = zones.union_all(select(following).where(zones.c.zones.is_not(None)))
    levels = _jumping(
        select(zones.c.zones).where(zones.c.zones.is_not(None)).cte("known_zone"),
        table.c.priority,
        falling=True,
    )
    told = _jumping(levels, table.c.attempts_used)
    first = select(table.c.waits_until).where(
        *WAITING_IN_CAMPAIGN, *(table.c[column.name] == column for column in told.c)
    )
    first_at = first.order_by(table.c.waits_until).limit(1).scalar_subquery().label("first_at")
    return select(*told.c, first_at)


def _deadlines() -> Select[Any]:
    """Return the query for each zones, near deadline and priority, the earliest deadlines first.

    No more deadlines than `at_most` are looked at, the next of each zone in turn.
    """
    has_deadline = and_(text(HAS_DEADLINE), table.c.expires_at.is_not(None))
    near = table.c.expires_at <= bindparam("expires_before")
    first = FIRST_OF_A_ZONE.where(has_deadline)
    zones = select(first.scalar_subquery().label("zones")).cte("zone", recursive=True)
    following = first.where(table.c.zones > zones.c.zones).scalar_subquery()
    zones = zones.union_all(select(following).where(zones.c.zones.is_not(None)))
    known = select(zones.c.zones).where(zones.c.zones.is_not(None)).cte("known_zone")
    dated = _jumping(known, table.c.expires_at, has_deadline, near)
    some = select(*dated.c).limit(bindparam("at_most")).cte("some_deadlines")
    told = _jumping(some, table.c.priority, has_deadline, falling=True)
    waiting = select(table.c.waits_until).where(
        *WAITING_IN_CAMPAIGN, has_deadline, *(table.c[column.name] == column for column in told.c)
    )
    first_at = waiting.order_by(table.c.waits_until).limit(1).scalar_subquery().label("first_at")
    return select(*told.c, first_at).order_by(told.c.expires_at).limit(bindparam("at_most"))


def _jumping(
    known: CTE, column: Column[Any], *conditions: ColumnElement[bool], falling: bool = False
) -> CTE:
    """Return `known` with each value that the next column of the index has beside it."""
    beside = select(column).where(*WAITING_IN_CAMPAIGN, *conditions)
    beside = beside.order_by(column.desc() if falling else column).limit(1)

    def next_to(row: CTE) -> Select[Any]:
        return beside.where(*(table.c[each.name] == each for each in row.c if each.name in names))

    names = {each.name for each in known.c}
    begun = select(*known.c, next_to(known).scalar_subquery().label(column.name))
    found = begun.cte(f"next_{column.name}", recursive=True)
    here = found.c[column.name]
    further = next_to(found).where(column < here if falling else column > here).scalar_subquery()
    others = [found.c[name] for name in known.c.keys()]  # noqa: SIM118 (it is no mapping)
    found = found.union_all(select(*others, further).where(here.is_not(None)))
    return select(*found.c).where(found.c[column.name].is_not(None)).cte(f"known_{column.name}")


DEADLINES = _deadlines()
GROUPS = _groups()
WAITING = select(literal(1)).where(*WAITING_IN_CAMPAIGN).limit(bindparam("at_most"))
COUNT_WAITING = select(func.count()).select_from(WAITING.subquery())
COUNT_DUE = select(func.count()).select_from(
    WAITING.where(
        table.c.zones == bindparam("of_zones"),
        table.c.priority == bindparam("of_priority"),
        table.c.attempts_used == bindparam("of_tries"),
        table.c.waits_until < bindparam("before", type_=table.c.waits_until.type),
    ).subquery()
)

CLAIM = (
    select(table.c.id)
    .where(
        table.c.id.in_(bindparam("claimed", expanding=True)),
        table.c.state == ContactState.WAITING,
    )
    .with_for_update(skip_locked=True, key_share=True)
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


class Contacts(ContactNumbers):
    """The part of a transaction that knows contacts."""

    def zone_queues(self, campaign_id: int) -> list[ZoneQueue]:
        """Return the candidate zones of waiting contacts, the longest waiting first."""
        return ZoneQueue.of_groups(self.waiting_groups(campaign_id))

    def waiting_groups(self, campaign_id: int) -> list[ContactGroup]:
        """Return those who wait by zones, priority and tries used, due or not."""
        return [
            ContactGroup(
                zones=zones_from_text(row.zones),
                priority=row.priority,
                tries_used=row.attempts_used,
                first_at=row.first_at,
            )
            for row in self._rows(GROUPS, {"campaign_id": campaign_id})
        ]

    def deadline_groups(
        self, campaign_id: int, *, before: datetime, limit: int
    ) -> list[ContactGroup]:
        """Return those who wait and have a deadline up to then, by deadline, zones and priority.

        The earliest come first; of more than `limit`, those that are first in their zones.
        """
        wanted = {"campaign_id": campaign_id, "expires_before": before, "at_most": limit}
        return [
            ContactGroup(
                zones=zones_from_text(row.zones),
                priority=row.priority,
                first_at=row.first_at,
                expires_at=row.expires_at,
            )
            for row in self._rows(DEADLINES, wanted)
        ]

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
            named = {"of_zones": zones_as_text(group.zones), "of_priority": group.priority}
            named["of_tries"] = group.tries_used
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
        groups = self._groups_of(campaign_id, zones, first_before=now + INSTANT)
        levels = groupby(groups, key=lambda group: group.priority)
        turns = [tuple(level) for _, level in levels]
        return self.contacts_in_turn(campaign_id, turns, now=now, limit=limit)

    def contacts_in_turn(
        self,
        campaign_id: int,
        turns: Sequence[Sequence[ContactGroup]],
        *,
        now: datetime,
        limit: int,
    ) -> list[Contact]:
        """Return due contacts of the groups, those of earlier turns first, nobody twice.

        Within a turn by waits_until, then row number.
        """
        named = [(place, group) for place, turn in enumerate(turns) for group in turn]
        due = dict[int, Contact]()
        for start in range(0, len(named), GROUPS_MAX):
            some = named[start : start + GROUPS_MAX]
            first_place = some[0][0]
            if len(due) >= limit and (not start or named[start - 1][0] < first_place):
                break
            for contact in self._due_of(campaign_id, some, now=now, limit=limit):
                due.setdefault(contact.id, contact)
        return list(due.values())[:limit]

    def claim_contacts(self, contacts: Sequence[Contact]) -> list[Contact]:
        """Return those that still wait and nobody else is changing; nobody changes them before us.

        SQLite has one writer, so that there they are all ours.
        """
        if not contacts or not self._is_postgresql:
            return list(contacts)
        claimed = set(self._column(CLAIM, {"claimed": [contact.id for contact in contacts]}))
        return [contact for contact in contacts if contact.id in claimed]

    def _due_of(
        self,
        campaign_id: int,
        some: Sequence[tuple[int, ContactGroup]],
        *,
        now: datetime,
        limit: int,
    ) -> list[Contact]:
        values: dict[str, Any] = {"campaign_id": campaign_id, "now": now, "at_most": limit}
        for number, (place, group) in enumerate(some):
            values |= {
                f"turn_{number}": place,
                f"zones_{number}": zones_as_text(group.zones),
                f"priority_{number}": group.priority,
                f"{'tries' if group.expires_at is None else 'expires'}_{number}": (
                    group.tries_used if group.expires_at is None else group.expires_at
                ),
            }
        shape = tuple(group.expires_at is not None for _, group in some)
        return self._with_numbers([contact_from(row) for row in self._rows(_due_in(shape), values)])

    def _groups_of(
        self, campaign_id: int, zones: Sequence[tuple[str, ...]], *, first_before: datetime
    ) -> list[ContactGroup]:
        """Return the groups of zones where somebody waits for less, highest priority first."""
        groups = self.waiting_groups(campaign_id)
        wanted = [each for each in groups if each.zones in zones and each.first_at < first_before]
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
        (found,) = self._with_numbers([contact_from(existing(row, f"contact {contact_id}"))])
        return found


def contact_from(row: AnyRow) -> Contact:
    """Return the contact of a row of `CONTACT`."""
    told = row._asdict()
    told.update(zones=zones_from_text(row.zones), state=ContactState(row.state))
    return Contact(**told)


@cache
def _due_in(with_deadline: tuple[bool, ...]) -> Select[Any]:
    """Merge so many groups by their turns, each read in the order of its index."""
    groups = [_due_of_group(place, has_deadline=each) for place, each in enumerate(with_deadline)]
    each = [
        select(bindparam(f"turn_{place}", type_=Integer).label("turn"), *group.c)
        for place, group in enumerate(groups)
    ]
    due = union_all(*each).subquery("due")
    contact = [column for column in due.c if column.name != "turn"]
    in_order = (due.c.turn, due.c.waits_until, due.c.row_number)
    return select(*contact).order_by(*in_order).limit(bindparam("at_most"))


def _due_of_group(place: int, *, has_deadline: bool) -> Subquery:
    alike = table.c.attempts_used == bindparam(f"tries_{place}")
    if has_deadline:
        alike = and_(text(HAS_DEADLINE), table.c.expires_at == bindparam(f"expires_{place}"))
    return (
        CONTACT.where(
            *WAITING_IN_CAMPAIGN,
            table.c.zones == bindparam(f"zones_{place}"),
            table.c.priority == bindparam(f"priority_{place}"),
            alike,
            table.c.waits_until <= bindparam("now"),
        )
        .order_by(table.c.waits_until, table.c.row_number)
        .limit(bindparam("at_most"))  # without which PostgreSQL reads and sorts them all
        .subquery(f"group_{place}")
    )
