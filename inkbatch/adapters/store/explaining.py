"""What explanations ask for: the pilot, contacts by reason, and everything of one contact."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, func, or_, select, text

from inkbatch.adapters.store.attempts import ATTEMPT, attempt_from
from inkbatch.adapters.store.contact_numbers import ContactNumbers
from inkbatch.adapters.store.contacts import CONTACT, contact_from
from inkbatch.adapters.store.models import LOOKED_AT, OPEN
from inkbatch.adapters.store.tables import (
    attempt,
    contact,
    list_file,
    list_row,
    number_of_contact,
    shift,
)
from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.disposition import NO_CALL_MADE, Disposition
from inkbatch.domain.list_row import RowStatus
from inkbatch.domain.pilot import CallsMade
from inkbatch.ports import ContactRow, Reason, RunningShift

IS_WAITING = contact.c.state == ContactState.WAITING
ENDED_CALL = and_(
    attempt.c.state == AttemptState.ENDED, attempt.c.disposition.not_in(sorted(NO_CALL_MADE))
)


class Explaining(ContactNumbers):
    """The part of a transaction that explanations read."""

    def calls_made(self, campaign_id: int) -> CallsMade:
        """Count the campaign's calls that may have rung."""
        of_campaign = attempt.c.campaign_id == campaign_id
        counted = select(func.count()).select_from(attempt)
        return CallsMade(
            in_progress=int(self._scalar(counted.where(of_campaign, text(OPEN)))),
            ended=int(self._scalar(counted.where(of_campaign, ENDED_CALL))),
        )

    def first_calls(self, campaign_id: int, *, limit: int) -> list[tuple[Disposition, float]]:
        """Return disposition and minutes of the campaign's first ended calls."""
        wanted = (
            select(attempt.c.disposition, attempt.c.talk_minutes)
            .where(attempt.c.campaign_id == campaign_id, ENDED_CALL)
            .order_by(attempt.c.reserved_at)
            .limit(limit)
        )
        return [(Disposition(row[0]), float(row[1] or 0.0)) for row in self._rows(wanted)]

    def waiting_by_tries(self, campaign_id: int) -> dict[int, int]:
        """Count the contacts that wait by the tries they used up."""
        grouped = (
            select(contact.c.attempts_used, func.count())
            .where(contact.c.campaign_id == campaign_id, IS_WAITING)
            .group_by(contact.c.attempts_used)
        )
        return {row[0]: int(row[1]) for row in self._rows(grouped)}

    def contact_reasons(self, campaign_id: int, *, limit: int) -> list[Reason]:
        """Count contacts by state and reason, the most first; those never looked at have none."""
        of_campaign = contact.c.campaign_id == campaign_id
        looked_at = (
            select(contact.c.state, contact.c.why, func.count().label("contacts"))
            .where(of_campaign, text(LOOKED_AT))
            .group_by(contact.c.state, contact.c.why)
            .order_by(func.count().desc(), contact.c.state, contact.c.why)
            .limit(limit)
        )
        return [Reason(**row._asdict()) for row in self._rows(looked_at)]

    def contacts_in_review(self, campaign_id: int, *, limit: int) -> list[Contact]:
        """Return those that wait for a person, in the order of the list."""
        in_review = contact.c.state == ContactState.REVIEW
        wanted = CONTACT.where(contact.c.campaign_id == campaign_id, in_review)
        wanted = wanted.order_by(contact.c.row_number, contact.c.id).limit(limit)
        return self._with_numbers([contact_from(row) for row in self._rows(wanted)])

    def contacts_of_number(self, number: str) -> list[Contact]:
        """Return the contacts with this number among theirs, of all campaigns, oldest first."""
        others = select(number_of_contact.c.contact_id).where(number_of_contact.c.number == number)
        has_it = or_(contact.c.number == number, contact.c.id.in_(others))
        wanted = CONTACT.where(has_it).order_by(contact.c.id)
        return self._with_numbers([contact_from(row) for row in self._rows(wanted)])

    def rows_of_contact(self, contact_id: int) -> list[ContactRow]:
        """Return the rows of files that stand for a contact, duplicates of its number too."""
        plain = (
            select(list_file.c.name, contact.c.row_number, contact.c.enrolled_at)
            .join(contact, contact.c.file_id == list_file.c.id)
            .where(contact.c.id == contact_id)
        )
        told = (
            select(
                list_file.c.name,
                list_row.c.row_number,
                list_file.c.enrolled_at,
                list_row.c.status,
                list_row.c.reason,
                list_row.c.column,
            )
            .join(list_file, list_file.c.id == list_row.c.file_id)
            .where(list_row.c.contact_id == contact_id)
            .order_by(list_file.c.id, list_row.c.row_number)
            .limit(ROWS_MAX)
        )
        rows = [_row({**row._asdict(), "status": RowStatus.ACCEPTED}) for row in self._rows(plain)]
        return rows + [_row(row._asdict()) for row in self._rows(told)]

    def attempts_of_contact(self, contact: Contact) -> list[Attempt]:
        """Return all attempts of a contact, oldest first."""
        wanted = ATTEMPT.where(
            attempt.c.number.in_(contact.all_numbers), attempt.c.contact_id == contact.id
        ).order_by(attempt.c.created_at)
        return [attempt_from(row) for row in self._rows(wanted)]

    def running_shifts(self, campaign_id: int) -> list[RunningShift]:
        """Return the campaign's shifts that never said they ended, the newest first."""
        wanted = (
            select(shift.c.id, shift.c.lock_name, shift.c.host, shift.c.pid, shift.c.started_at)
            .where(shift.c.campaign_id == campaign_id, shift.c.ended_at.is_(None))
            .order_by(shift.c.started_at.desc())
        )
        return [RunningShift(**row._asdict()) for row in self._rows(wanted)]


ROWS_MAX = 100
"""So many rows of one contact are told at most."""


def _row(told: Mapping[str, Any]) -> ContactRow:
    return ContactRow(
        file=told["name"],
        row_number=told["row_number"],
        enrolled_at=told["enrolled_at"],
        status=RowStatus(told["status"]),
        reason=told.get("reason"),
        column=told.get("column"),
    )
