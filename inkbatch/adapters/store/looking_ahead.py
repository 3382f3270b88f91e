"""What a forecast asks for: contacts by the cohort, and what the latest tries came to."""

from sqlalchemy import func, literal, select

from inkbatch.adapters.store.statements import Statements
from inkbatch.adapters.store.tables import attempt, contact
from inkbatch.adapters.store.zone_texts import zones_from_text
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.campaign_ahead import Cohort, EndedTry
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition


class LookingAhead(Statements):
    """The part of a transaction that forecasts read."""

    def cohorts(self, campaign_id: int, *, state_column: str | None) -> list[Cohort]:
        """Count the contacts that wait or are in a call by all that a forecast tells apart."""
        place = contact.c.fields[state_column].as_string() if state_column else literal("")
        left = (
            select(
                contact.c.zones,
                contact.c.waits_until,
                contact.c.attempts_used,
                contact.c.priority,
                contact.c.expires_at,
                contact.c.enrolled_at,
                func.coalesce(place, "").label("place"),
            )
            .where(
                contact.c.campaign_id == campaign_id,
                contact.c.state.in_((ContactState.WAITING, ContactState.IN_CALL)),
            )
            .subquery()
        )
        keys = tuple(left.c)
        grouped = select(*keys, func.count().label("contacts")).group_by(*keys).order_by(*keys)
        return [
            Cohort(
                zones=zones_from_text(row.zones),
                contacts=int(row.contacts),
                due_at=row.waits_until,
                attempts_used=row.attempts_used,
                priority=row.priority,
                deadline=row.expires_at,
                enrolled_at=row.enrolled_at,
                place=row.place,
            )
            for row in self._rows(grouped)
        ]

    def ended_tries(self, campaign_id: int, *, limit: int) -> list[EndedTry]:
        """Return the campaign's latest ended attempts, the newest first."""
        wanted = (
            select(
                attempt.c.ordinal,
                attempt.c.disposition,
                attempt.c.talk_minutes,
                attempt.c.reserved_at,
                attempt.c.ended_at,
            )
            .where(
                attempt.c.campaign_id == campaign_id,
                attempt.c.state == AttemptState.ENDED,
                attempt.c.disposition.is_not(None),
                attempt.c.reserved_at.is_not(None),
            )
            .order_by(attempt.c.reserved_at.desc(), attempt.c.id)
            .limit(limit)
        )
        return [
            EndedTry(
                ordinal=row.ordinal,
                disposition=Disposition(row.disposition),
                talk_minutes=float(row.talk_minutes or 0.0),
                held_minutes=max((row.ended_at - row.reserved_at).total_seconds() / 60, 0.0),
            )
            for row in self._rows(wanted)
        ]
