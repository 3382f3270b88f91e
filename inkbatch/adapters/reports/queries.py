"""The statements behind the frames; what is wanted of them is said in their WHERE.

A campaign is told by its id: a million times its name would cost a tenth of the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    case,
    cast,
    false,
    func,
    literal,
    select,
    type_coerce,
)

from inkbatch.adapters.reports.whole_columns import as_stored
from inkbatch.adapters.store import tables
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.result import Effect

ORDINAL_STEP: Final = 100
"""Above every place of a disposition among the dispositions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a frame is to hold; None does not restrict. `until` itself is not in it any more."""

    campaign_ids: Sequence[int] | None = None
    since: datetime | None = None
    until: datetime | None = None
    states: Sequence[str] | None = None
    dispositions: Sequence[Disposition] | None = None


def attempts(wanted: Wanted) -> Select[Any]:
    """Return the statement for ATTEMPTS, without its local hours and its results."""
    attempt, contact = tables.attempt.c, tables.contact.c
    query: Select[Any] = select(
        attempt.campaign_id,
        attempt.id,
        attempt.contact_id,
        contact.row_number,
        attempt.ordinal,
        attempt.state,
        attempt.disposition,
        attempt.from_number,
        attempt.number,
        contact.zones,
        as_stored(attempt.reserved_at),
        as_stored(attempt.placed_at),
        as_stored(attempt.ended_at),
        attempt.talk_minutes,
        attempt.call_id,
        attempt.reason,
    ).join_from(tables.attempt, tables.contact, attempt.contact_id == contact.id)
    query = _picked(query, wanted, campaign_id=attempt.campaign_id, at=attempt.reserved_at)
    query = _of_words(query, attempt.state, wanted.states)
    query = _of_words(query, attempt.disposition, wanted.dispositions)
    return query.order_by(attempt.reserved_at)


def results(wanted: Wanted) -> Select[Any]:
    """Return the statement for ATTEMPT_ID and RESULT, of each attempt that has a result.

    They are looked up for the attempts by whoever reads both: joined by the database, whose index
    of ids is a jump for each attempt, they would take three times as long.
    """
    result, stands = tables.attempt_result.c, _standing(wanted)
    return select(
        result.attempt_id,
        result.word,
        result.effect,
        as_stored(result.call_back_at),
        cast(type_coerce(result.fields, String), String),
    ).join_from(tables.attempt_result, stands, stands.c.sequence == result.sequence)


def contacts(wanted: Wanted, *, now: datetime) -> Select[Any]:
    """Return the statement for CONTACTS; the last disposition is told as its place, see `_ended`.

    The person's own fields come last, as JSON.
    """
    contact, ended = tables.contact.c, _ended(wanted)
    is_due = (contact.state == ContactState.WAITING) & (contact.waits_until <= now)
    state = case((is_due, literal(ContactState.DUE.value)), else_=contact.state)
    query = (
        select(
            contact.campaign_id,
            contact.id,
            contact.row_number,
            contact.number,
            contact.zones,
            state,
            contact.why,
            as_stored(contact.waits_until),
            contact.attempts_used,
            as_stored(contact.enrolled_at),
            ended.c.last,
            func.coalesce(ended.c.talk_minutes, 0.0),
            cast(type_coerce(contact.fields, String), String),
        )
        .select_from(tables.contact)
        .outerjoin(ended, ended.c.contact_id == contact.id)
    )
    query = _picked(query, wanted, campaign_id=contact.campaign_id, at=contact.enrolled_at)
    query = _of_words(query, state, wanted.states)
    if wanted.dispositions is not None:
        places = [list(Disposition).index(each) for each in wanted.dispositions]
        query = query.where((ended.c.last % ORDINAL_STEP).in_(places))
    return query.order_by(contact.campaign_id, contact.row_number, contact.id)


def calls(wanted: Wanted) -> Select[Any]:
    """Return the statement for CALLS."""
    call, attempt = tables.call_record.c, tables.attempt.c
    query = (
        select(
            call.id,
            attempt.campaign_id,
            call.attempt_id,
            attempt.contact_id,
            call.direction,
            call.local_number,
            call.remote_number,
            call.status,
            call.hangup_reason,
            as_stored(call.created_at),
            as_stored(call.started_at),
            as_stored(call.ended_at),
            attempt.disposition,
            attempt.talk_minutes,
        )
        .select_from(tables.call_record)
        .outerjoin(tables.attempt, attempt.id == call.attempt_id)
    )
    query = _picked(query, wanted, campaign_id=attempt.campaign_id, at=call.created_at)
    query = _of_words(query, call.status, wanted.states)
    query = _of_words(query, attempt.disposition, wanted.dispositions)
    return query.order_by(call.created_at, call.id)


def budget(wanted: Wanted) -> Select[Any]:
    """Return the statement for BUDGET; its states are the sources of the entries."""
    entry, attempt = tables.budget_entry.c, tables.attempt.c
    query = select(
        entry.organisation,
        entry.campaign_id,
        entry.source,
        entry.attempt_id,
        entry.call_id,
        entry.calls,
        entry.minutes,
        entry.minutes_max,
        as_stored(entry.counts_from),
        as_stored(entry.calls_until),
        as_stored(entry.minutes_until),
    ).select_from(tables.budget_entry)
    query = _picked(query, wanted, campaign_id=entry.campaign_id, at=entry.counts_from)
    query = _of_words(query, entry.source, wanted.states)
    if wanted.dispositions is not None:
        query = query.outerjoin(tables.attempt, attempt.id == entry.attempt_id)
        query = _of_words(query, attempt.disposition, wanted.dispositions)
    return query.order_by(entry.counts_from, entry.id)


def _picked(
    query: Select[Any],
    wanted: Wanted,
    *,
    campaign_id: ColumnElement[Any],
    at: ColumnElement[Any],
) -> Select[Any]:
    query = _of_words(query, campaign_id, wanted.campaign_ids)
    if wanted.since is not None:
        query = query.where(at >= wanted.since)
    if wanted.until is not None:
        query = query.where(at < wanted.until)
    return query


def _of_words(
    query: Select[Any], column: ColumnElement[Any], words: Sequence[Any] | None
) -> Select[Any]:
    if words is None:
        return query
    return query.where(column.in_(list(words)) if words else false())


def _standing(wanted: Wanted) -> Subquery:
    """The sequence of the result that stands of each attempt: see `domain.result.standing`."""
    result = tables.attempt_result.c
    opted_out = func.max(case((result.effect == Effect.DO_NOT_CALL, result.sequence)))
    query = select(func.coalesce(opted_out, func.max(result.sequence)).label("sequence"))
    return (
        _of_words(query, result.campaign_id, wanted.campaign_ids)
        .group_by(result.attempt_id)
        .subquery()
    )


def _ended(wanted: Wanted) -> Subquery:
    """By contact: all its minutes, and the place of its last disposition after its ordinal.

    Joined as one grouping: SQLite would look through all ended attempts for each contact.
    """
    attempt = tables.attempt.c
    place = case(
        *((attempt.disposition == each, place) for place, each in enumerate(Disposition)), else_=0
    )
    query = select(
        attempt.contact_id,
        func.max(attempt.ordinal * ORDINAL_STEP + place).label("last"),
        func.coalesce(func.sum(attempt.talk_minutes), 0.0).label("talk_minutes"),
    ).where(attempt.state == AttemptState.ENDED)
    return (
        _of_words(query, attempt.campaign_id, wanted.campaign_ids)
        .group_by(attempt.contact_id)
        .subquery()
    )
