"""What is known of phone numbers over all campaigns, asked for a batch of numbers at once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.statements import AnyRow, Statements, among
from inkbatch.adapters.store.tables import attempt, suppressed_number
from inkbatch.domain.attempt import OPEN_STATES, AttemptState
from inkbatch.domain.disposition import NEVER_RANG
from inkbatch.domain.eligibility import NumberFacts
from inkbatch.domain.suppression import Suppression

IS_OPEN = attempt.c.state.in_(sorted(OPEN_STATES))
RANG = and_(attempt.c.state == AttemptState.ENDED, attempt.c.disposition.not_in(sorted(NEVER_RANG)))


class NumberKnowledge(Statements):
    """The part of a transaction that knows numbers: suppressed, being called, called before."""

    def suppress(self, suppressions: Sequence[Suppression]) -> int:
        """Add numbers to the suppression list; returns how many were new.

        A number on the list already stays there for the longer of the two times.
        """
        wanted: dict[str, Suppression] = {}
        for each in suppressions:
            if each.number not in wanted or _outlasts(each, wanted[each.number]):
                wanted[each.number] = each
        known = self._scalar(select(func.count()).select_from(suppressed_number))
        if wanted:
            self._add_suppressions(list(wanted.values()))
        return int(self._scalar(select(func.count()).select_from(suppressed_number)) - known)

    def number_facts(
        self, numbers: Sequence[str], *, since: datetime, now: datetime
    ) -> dict[str, NumberFacts]:
        """Return for every number its suppression, open attempt and dials after `since`."""
        suppressed = self._suppressed(numbers, now=now)
        dials = defaultdict[str, list[datetime]](list)
        being_called = set[str]()
        for number, reserved_at, is_open in self._attempts_to(numbers, since=since):
            if is_open:
                being_called.add(number)
            if reserved_at > since:
                dials[number].append(reserved_at)
        return {
            number: NumberFacts(
                suppressed_because=suppressed.get(number),
                has_open_attempt=number in being_called,
                dialed_at=tuple(dials[number]),
            )
            for number in numbers
        }

    def _add_suppressions(self, suppressions: Sequence[Suppression]) -> None:
        insert = postgresql.insert if self._is_postgresql else sqlite.insert
        new = insert(suppressed_number)
        old, given = suppressed_number.c.expires_at, new.excluded.expires_at
        lasts_longer: ColumnElement[bool] = and_(
            old.is_not(None), or_(given.is_(None), given > old)
        )
        statement = new.on_conflict_do_update(
            index_elements=["number"],
            set_={
                "reason": new.excluded.reason,
                "source": new.excluded.source,
                "expires_at": given,
            },
            where=lasts_longer,
        )
        self._change(statement, [_suppression_values(each) for each in suppressions])

    def _suppressed(self, numbers: Sequence[str], *, now: datetime) -> dict[str, str]:
        """Return the reason for each of these numbers that may not be called now."""
        holding = select(suppressed_number.c.number, suppressed_number.c.reason).where(
            self._is_among(suppressed_number.c.number),
            or_(suppressed_number.c.expires_at.is_(None), suppressed_number.c.expires_at > now),
        )
        return {row[0]: row[1] for row in self._rows(holding, among(numbers))}

    def _attempts_to(self, numbers: Sequence[str], *, since: datetime) -> Sequence[AnyRow]:
        counted = select(attempt.c.number, attempt.c.reserved_at, IS_OPEN).where(
            self._is_among(attempt.c.number),
            or_(IS_OPEN, and_(RANG, attempt.c.reserved_at > since)),
        )
        return self._rows(counted.order_by(attempt.c.reserved_at), among(numbers))


def _outlasts(first: Suppression, second: Suppression) -> bool:
    if first.expires_at is None or second.expires_at is None:
        return first.expires_at is None and second.expires_at is not None
    return first.expires_at > second.expires_at


def _suppression_values(suppression: Suppression) -> dict[str, object]:
    return {
        "number": suppression.number,
        "reason": suppression.reason,
        "source": suppression.source,
        "added_at": suppression.added_at,
        "expires_at": suppression.expires_at,
    }
