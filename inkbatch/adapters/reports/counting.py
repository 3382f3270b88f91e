"""Counts of rows, people and reasons, each by one SQL aggregation over an indexed campaign."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text

from inkbatch.adapters.reports.figures import Reason, ReviewItem
from inkbatch.adapters.store import counting, tables
from inkbatch.adapters.store.models import LOOKED_AT, NOT_CALLED_YET
from inkbatch.domain.contact import FINAL_STATES, ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.list_row import RowStatus

REASONS_MAX = 25
"""The commonest reasons that are told one by one; the rest are summed up."""

REVIEW_MAX = 50
"""The longest list of contacts for review that a report shows."""


def first_and_last(
    connection: Connection, campaign_id: int
) -> tuple[datetime | None, datetime | None]:
    """Return when the first and the last attempt was reserved, by the index."""
    at = tables.attempt.c.reserved_at
    of_campaign = select(at).where(tables.attempt.c.campaign_id == campaign_id, at.is_not(None))
    first, last = (
        connection.execute(of_campaign.order_by(order).limit(1)).scalar()
        for order in (at, at.desc())
    )
    return first, last


def rows_by_status(connection: Connection, campaign_id: int) -> dict[str, int]:
    """Return the rows of all files by what became of them."""
    query = counting.rows_by_status(campaign_id)
    return _in_order(RowStatus, _pairs(connection.execute(query).all()))


def contacts_by_state(connection: Connection, campaign_id: int, *, now: datetime) -> dict[str, int]:
    """Return the contacts by state, telling due from waiting, each by a walk along the index."""
    contact = tables.contact.c
    of_campaign = contact.campaign_id == campaign_id
    query = select(contact.state, func.count()).where(of_campaign).group_by(contact.state)
    counts = _pairs(connection.execute(query).all())
    is_due = (contact.state == ContactState.WAITING) & (contact.waits_until <= now)
    counts[ContactState.DUE] = connection.execute(
        select(func.count()).select_from(tables.contact).where(of_campaign, is_due)
    ).scalar_one()
    counts[ContactState.WAITING] = counts.get(ContactState.WAITING, 0) - counts[ContactState.DUE]
    return _in_order(ContactState, {state: count for state, count in counts.items() if count})


def reasons_not_reached(
    connection: Connection, campaign_id: int, *, contacts: Mapping[str, int]
) -> tuple[Reason, ...]:
    """Return why contacts are done with and were not reached, commonest first.

    `contacts` are all of them by state. The index is of those that have a reason of their own;
    who has none is what is left of a state.
    """
    contact = tables.contact.c
    done = FINAL_STATES - {ContactState.REACHED}
    query = (
        select(contact.state, contact.why, func.count().label("contacts"))
        .where(contact.campaign_id == campaign_id, contact.state.in_(done), text(LOOKED_AT))
        .group_by(contact.state, contact.why)
    )
    told = [tuple(row) for row in connection.execute(query)]
    for state in done:
        rest = contacts.get(state, 0) - sum(count for of, _, count in told if of == state)
        told += [(str(state), NOT_CALLED_YET, rest)] if rest else []
    return _commonest(told)


def reasons_set_aside(connection: Connection, campaign_id: int) -> tuple[Reason, ...]:
    """Return why rows became no contact, commonest first."""
    row = tables.list_row.c
    contacts = (RowStatus.ACCEPTED, RowStatus.REPAIRED)
    query = (
        select(row.status, func.coalesce(row.reason, ""), func.count())
        .join(tables.list_file, tables.list_file.c.id == row.file_id)
        .where(tables.list_file.c.campaign_id == campaign_id, row.status.not_in(contacts))
        .group_by(row.status, row.reason)
    )
    return _commonest(connection.execute(query).all())


def review_queue(connection: Connection, campaign_id: int) -> tuple[ReviewItem, ...]:
    """Return contacts that a person must decide about, longest waiting first."""
    contact, attempt = tables.contact.c, tables.attempt.c
    query = (
        select(
            contact.id.label("contact_id"),
            contact.row_number,
            attempt.id.label("attempt_id"),
            attempt.reserved_at,
            contact.why,
        )
        .join_from(
            tables.contact,
            tables.attempt,
            (attempt.contact_id == contact.id) & (attempt.disposition == Disposition.UNKNOWN),
            isouter=True,
        )
        .where(contact.campaign_id == campaign_id, contact.state == ContactState.REVIEW)
        .order_by(contact.waits_until, contact.id, attempt.ordinal)
    )
    # A contact released once and unknown again has two such attempts; the later one counts.
    latest = {row["contact_id"]: ReviewItem(**row) for row in connection.execute(query).mappings()}
    return tuple(latest.values())[:REVIEW_MAX]


def _pairs(rows: Sequence[Any]) -> dict[Any, int]:
    return {key: int(count) for key, count in rows}


def _in_order(words: Any, counts: dict[str, int]) -> dict[str, int]:
    return {str(word): counts[word] for word in words if word in counts}


def _commonest(rows: Sequence[Any]) -> tuple[Reason, ...]:
    reasons = [Reason(state=state, why=why, count=int(count)) for state, why, count in rows]
    reasons.sort(key=lambda reason: (-reason.count, reason.state, reason.why))
    told, rest = reasons[:REASONS_MAX], reasons[REASONS_MAX:]
    by_state: dict[str, int] = {}
    for reason in rest:
        by_state[reason.state] = by_state.get(reason.state, 0) + reason.count
    return (*told, *(Reason(state=s, why="other reasons", count=n) for s, n in by_state.items()))
