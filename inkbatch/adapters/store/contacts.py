"""Contacts, and choosing whom to dial next straight from an index."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Integer, bindparam, func, select, union_all, update

from inkbatch.adapters.store.statements import AnyRow, Statements, existing
from inkbatch.adapters.store.tables import contact as table
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.ports import ZoneQueue

ZONE_SEPARATOR = "|"

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

QUEUES = (
    select(table.c.zones, func.min(table.c.waits_until), func.count())
    .where(*WAITING_IN_CAMPAIGN)
    .group_by(table.c.zones)
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
        """Return the waiting contacts grouped by candidate zones, the longest waiting first."""
        rows = self._rows(QUEUES, {"campaign_id": campaign_id})
        queues = [
            ZoneQueue(zones=zones_from_text(zones), first_at=first_at, contacts=contacts)
            for zones, first_at, contacts in rows
        ]
        return sorted(queues, key=lambda queue: (queue.first_at, queue.zones))

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
        texts = [zones_as_text(group) for group in zones]
        due = list[Contact]()
        for start in range(0, len(texts), GROUPS_MAX):
            groups = texts[start : start + GROUPS_MAX]
            names = {f"zones_{place}": group for place, group in enumerate(groups)}
            due += map(contact_from, self._rows(_due_in(len(groups)), {**wanted, **names}))
        return sorted(due, key=_turn)[:limit]

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
    """Merge so many zone groups, each read in the order of the index `contact_due`."""
    each = [
        CONTACT.where(
            *WAITING_IN_CAMPAIGN,
            table.c.zones == bindparam(f"zones_{place}"),
            table.c.waits_until <= bindparam("now"),
        )
        for place in range(groups)
    ]
    due = union_all(*each)
    told = due.selected_columns
    by_turn = (told.priority.desc(), told.waits_until, told.row_number)
    return due.order_by(*by_turn).limit(bindparam("at_most"))


def _turn(contact: Contact) -> tuple[int, datetime, int]:
    return -contact.priority, contact.waits_until, contact.row_number
