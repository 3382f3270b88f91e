"""Attempts: written once per transition, with the guard repeated in the UPDATE."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update

from inkbatch.adapters.store.models import UNFINISHED
from inkbatch.adapters.store.statements import AnyRow, Statements
from inkbatch.adapters.store.tables import attempt as table
from inkbatch.adapters.store.tables import campaign
from inkbatch.domain.attempt import LOOKED_AT_STATES, OPEN_STATES, Attempt, AttemptState, Loss
from inkbatch.domain.contact import Contact
from inkbatch.domain.disposition import NEVER_RANG, Disposition
from inkbatch.ports import Try

COLUMNS = tuple(each.name for each in fields(Attempt))
FIXED = frozenset({"id", "campaign_id", "contact_id", "number", "created_at"})
"""What an attempt is for; no transition changes it."""

CHANGING = tuple(name for name in COLUMNS if name not in FIXED)

ATTEMPT = select(*(table.c[name] for name in COLUMNS))
IS_UNFINISHED = text(UNFINISHED)
"""Word for word the condition of the partial indexes, without which SQLite does not use them."""

DIALED_STATES = sorted(OPEN_STATES | {AttemptState.ENDED})
TALKED = (Disposition.ANSWERED, Disposition.VOICEMAIL)

ATTEMPT_BY_ID = ATTEMPT.where(table.c.id == bindparam("of_id"))
PLANNED_ATTEMPTS = ATTEMPT.where(
    IS_UNFINISHED,
    table.c.contact_id.in_(bindparam("contact_ids", expanding=True)),
    table.c.state == AttemptState.PLANNED,
)
IN_STATES = (
    IS_UNFINISHED,
    table.c.state.in_(bindparam("states", expanding=True)),
    table.c.campaign_id == bindparam("campaign_id"),
)
COUNT = select(func.count()).select_from(table).where(*IN_STATES)
OPEN_EVERYWHERE = ATTEMPT.where(
    IS_UNFINISHED, table.c.state.in_(bindparam("states", expanding=True))
).order_by(table.c.created_at, table.c.id)
OPEN_IN_CAMPAIGN = OPEN_EVERYWHERE.where(table.c.campaign_id == bindparam("campaign_id"))
OF_SHIFT = ATTEMPT.where(
    table.c.shift_id == bindparam("of_shift"), table.c.state == bindparam("in_state")
).order_by(table.c.created_at, table.c.id)
OF_CALL = ATTEMPT.where(table.c.call_id == bindparam("of_call"))
NEXT_LOOK = select(func.min(table.c.look_at)).where(*IN_STATES)
TO_LOOK_AT = (
    select(table.c.campaign_id, table.c.state)
    .where(
        IS_UNFINISHED,
        table.c.state.in_(LOOKED_AT_STATES),
        table.c.campaign_id.in_(
            select(campaign.c.id).where(campaign.c.organisation == bindparam("organisation"))
        ),
        (table.c.look_at <= bindparam("now", type_=table.c.look_at.type))
        | table.c.look_at.is_(None),
    )
    .distinct()
    .order_by(table.c.campaign_id)
)
LOOK_AGAIN = (
    update(table)
    .where(table.c.id == bindparam("of_id"), table.c.state == bindparam("from_state"))
    .values(look_at=bindparam("next_look"), looks=bindparam("looks_done"))
)
DIALED_SINCE = (
    select(table.c.reserved_at)
    .where(
        table.c.campaign_id == bindparam("campaign_id"),
        table.c.reserved_at > bindparam("since"),
        table.c.state.in_(DIALED_STATES),
    )
    .order_by(table.c.reserved_at.desc())
    .limit(bindparam("at_most"))
)
COUNT_DIALED = (
    select(func.count())
    .select_from(table)
    .where(
        table.c.campaign_id == bindparam("campaign_id"),
        table.c.reserved_at > bindparam("since"),
        table.c.state.in_(DIALED_STATES),
    )
)
TALK_MINUTES = (
    select(table.c.talk_minutes)
    .where(
        table.c.campaign_id == bindparam("campaign_id"),
        table.c.disposition.in_(TALKED),
        table.c.talk_minutes.is_not(None),
    )
    .order_by(table.c.reserved_at.desc())
    .limit(bindparam("at_most"))
)
TRIES = (
    select(table.c.contact_id, table.c.reserved_at, table.c.disposition)
    .where(
        table.c.contact_id.in_(bindparam("contact_ids", expanding=True)),
        table.c.number.in_(bindparam("numbers", expanding=True)),
        table.c.state == AttemptState.ENDED,
        table.c.disposition.not_in(sorted(NEVER_RANG)),
    )
    .order_by(table.c.reserved_at)
)
ADD = insert(table)
ADVANCE = (
    update(table)
    .where(table.c.id == bindparam("of_id"), table.c.state == bindparam("from_state"))
    .values({name: bindparam(name) for name in CHANGING})
)
ACCEPTED = ("state", "placed_at", "call_id", "look_at", "looks")
"""What `Attempt.accept` changes; writing the rest anew would touch every index."""

ACCEPT = (
    update(table)
    .where(table.c.id == bindparam("of_id"), table.c.state == AttemptState.RESERVED)
    .values({name: bindparam(name) for name in ACCEPTED})
)


class Attempts(Statements):
    """The part of a transaction that knows attempts."""

    def planned_attempts(self, contact_ids: Sequence[int]) -> dict[int, Attempt]:
        """Return the planned attempts of these contacts, by contact; each may be reserved again."""
        planned = self._rows(PLANNED_ATTEMPTS, {"contact_ids": list(contact_ids)})
        return {attempt.contact_id: attempt for attempt in _attempts(planned)}

    def add_attempts(self, attempts: Sequence[Attempt]) -> bool:
        """Insert new ones; False, with none inserted, where a number has an open one already."""
        return self._try_all(ADD, [_values(attempt) for attempt in attempts])

    def advance_all(self, attempts: Sequence[Attempt], *, from_state: AttemptState) -> bool:
        """Write them if each still stands in `from_state` and no constraint refuses one.

        Returns False, with none written, otherwise; `advance` then tells which and why.
        """
        return self._try_all(ADVANCE, [_advanced(attempt, from_state) for attempt in attempts])

    def accept_all(self, accepted: Sequence[Attempt]) -> bool:
        """Do as `advance_all` with reserved attempts that were accepted, quicker."""
        return self._try_all(ACCEPT, [_accepted(attempt) for attempt in accepted])

    def advance(self, attempt: Attempt, *, from_state: AttemptState) -> bool:
        """Write it if it still stands in `from_state`; say whether so.

        Raises StoreError, after which the transaction may go on, where its number has an open
        attempt otherwise or its call is bound to another attempt.
        """
        return self._try_change(ADVANCE, _advanced(attempt, from_state)) == 1

    def look_again(self, attempt: Attempt) -> None:
        """Write when it is looked at next, if it still stands in its state."""
        self._later(
            LOOK_AGAIN,
            {
                "of_id": attempt.id,
                "from_state": attempt.state,
                "next_look": attempt.look_at,
                "looks_done": attempt.looks,
            },
        )

    def attempt(self, attempt_id: str) -> Attempt | None:
        """Return one by its id."""
        return _attempt_or_none(self._row(ATTEMPT_BY_ID, {"of_id": attempt_id}))

    def attempt_of_call(self, call_id: str) -> Attempt | None:
        """Return the one to which this call is bound."""
        return _attempt_or_none(self._row(OF_CALL, {"of_call": call_id}))

    def open_attempts(self, *states: AttemptState, campaign_id: int | None = None) -> list[Attempt]:
        """Return attempts in these states, oldest first; without states, all that are open."""
        wanted: dict[str, Any] = {"states": list(states) or sorted(OPEN_STATES)}
        if campaign_id is None:
            return _attempts(self._rows(OPEN_EVERYWHERE, wanted))
        return _attempts(self._rows(OPEN_IN_CAMPAIGN, {**wanted, "campaign_id": campaign_id}))

    def campaigns_to_look_at(
        self, organisation: str, *, now: datetime
    ) -> dict[AttemptState, list[int]]:
        """Return the ids of campaigns that have attempts whose look is due, by their state."""
        campaigns: dict[AttemptState, list[int]] = {state: [] for state in LOOKED_AT_STATES}
        due = self._rows(TO_LOOK_AT, {"organisation": organisation, "now": now})
        for campaign_id, state in due:
            campaigns[AttemptState(state)].append(campaign_id)
        return campaigns

    def count_attempts(self, *states: AttemptState, campaign_id: int) -> int:
        """Return how many attempts of a campaign are in these unfinished states."""
        return int(self._scalar(COUNT, {"campaign_id": campaign_id, "states": list(states)}))

    def next_look(self, campaign_id: int) -> datetime | None:
        """Return when collecting or reconciling next has something to look at."""
        states = sorted(OPEN_STATES)
        wanted = {"campaign_id": campaign_id, "states": states}
        next_look: datetime | None = self._scalar(NEXT_LOOK, wanted)
        return next_look

    def attempts_of_shift(self, shift_id: str, state: AttemptState) -> list[Attempt]:
        """Return a shift's attempts in one state, oldest first."""
        return _attempts(self._rows(OF_SHIFT, {"of_shift": shift_id, "in_state": state}))

    def dialed_since(self, campaign_id: int, *, since: datetime, limit: int) -> list[datetime]:
        """Return the latest `limit` reserved_at of open and ended attempts after `since`."""
        wanted = {"campaign_id": campaign_id, "since": since, "at_most": limit}
        return self._column(DIALED_SINCE, wanted)[::-1]

    def count_dialed(self, campaign_id: int, *, since: datetime) -> int:
        """Count the attempts that `dialed_since` tells, all of them."""
        return int(self._scalar(COUNT_DIALED, {"campaign_id": campaign_id, "since": since}))

    def tries(self, contacts: Sequence[Contact]) -> dict[int, list[Try]]:
        """Return the ended attempts that used up a try of each of these contacts, in order."""
        wanted = {
            "contact_ids": [contact.id for contact in contacts],
            # The index is by number; a contact's attempts are all to its own.
            "numbers": [number for contact in contacts for number in contact.all_numbers],
        }
        tries: dict[int, list[Try]] = {contact.id: [] for contact in contacts}
        for contact_id, reserved_at, disposition in self._rows(TRIES, wanted):
            tries[contact_id].append(
                Try(dialed_at=reserved_at, disposition=Disposition(disposition))
            )
        return tries

    def talk_minutes(self, campaign_id: int, *, limit: int) -> list[float]:
        """Return the minutes of the campaign's latest calls that were answered or voicemail."""
        return self._column(TALK_MINUTES, {"campaign_id": campaign_id, "at_most": limit})


def _values(attempt: Attempt) -> dict[str, Any]:
    return {name: getattr(attempt, name) for name in COLUMNS}


def _advanced(attempt: Attempt, from_state: AttemptState) -> dict[str, Any]:
    changed = {name: getattr(attempt, name) for name in CHANGING}
    return {**changed, "of_id": attempt.id, "from_state": from_state}


def _accepted(attempt: Attempt) -> dict[str, Any]:
    return {"of_id": attempt.id} | {name: getattr(attempt, name) for name in ACCEPTED}


def _attempts(rows: Sequence[AnyRow]) -> list[Attempt]:
    return [attempt_from(row) for row in rows]


def _attempt_or_none(row: AnyRow | None) -> Attempt | None:
    return None if row is None else attempt_from(row)


def attempt_from(row: AnyRow) -> Attempt:
    """Return the attempt of a row of `ATTEMPT`."""
    told = row._asdict()
    told.update(
        state=AttemptState(row.state),
        loss=None if row.loss is None else Loss(row.loss),
        disposition=None if row.disposition is None else Disposition(row.disposition),
    )
    return Attempt(**told)
