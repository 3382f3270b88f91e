"""The report's figures as typed DataFrames: campaign beside campaign, outcomes, times to reach."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Engine, Select, case, func, select

from inkbatch.adapters.reports.attempt_columns import MADE_STATES
from inkbatch.adapters.reports.columns import COMPARISON, IDLE, OUTCOMES, TIMES_TO_REACH
from inkbatch.adapters.reports.comparing import Compared, compare, ended_cells
from inkbatch.adapters.reports.idle_time import idle_time_alone
from inkbatch.adapters.reports.whole_columns import as_stored, read_frame, read_times, typed_frame
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.engine import reading
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.ports import CampaignRecord

FIGURE_COLUMNS: Final = {
    "comparison": COMPARISON,
    "outcomes": OUTCOMES,
    "times_to_reach": TIMES_TO_REACH,
    "idle": IDLE,
}
"""The documented columns of each."""

Records = Sequence[CampaignRecord]


def comparison_frame(engine: Engine, records: Records) -> pd.DataFrame:
    """Return one row per campaign, by `columns.COMPARISON`."""
    rows = map(_comparison, compare(engine, records).campaigns)
    return typed_frame(pd.DataFrame(rows, columns=[each.name for each in COMPARISON]), COMPARISON)


def outcomes_frame(engine: Engine, records: Records) -> pd.DataFrame:
    """Return one row per campaign, try and disposition, by `columns.OUTCOMES`."""
    with reading(engine).connect() as connection:
        rows = [
            (each.name, *cell, *told)
            for each in records
            for cell, told in ended_cells(connection, each.id).items()
        ]
    return typed_frame(pd.DataFrame(rows, columns=[each.name for each in OUTCOMES]), OUTCOMES)


def times_to_reach_frame(engine: Engine, records: Records) -> pd.DataFrame:
    """Return one row per person reached on an answered attempt, by `columns.TIMES_TO_REACH`."""
    with reading(engine).connect() as connection:
        frames = [
            read_frame(connection, _times(each.id)).assign(campaign=each.name) for each in records
        ]
    none = pd.DataFrame(columns=[each.name for each in TIMES_TO_REACH])
    frame = pd.concat(frames, ignore_index=True) if frames else none
    reached = read_times(frame["reached_at"])
    for name, since in (
        ("hours_from_enrolment", "enrolled_at"),
        ("hours_from_first_attempt", "first_attempt_at"),
    ):
        took = reached - read_times(frame[since])
        frame[name] = (took.dt.total_seconds() / 3_600).clip(lower=0.0)
    return typed_frame(frame, TIMES_TO_REACH)


def idle_frame(engine: Engine, records: Records, *, now: datetime) -> pd.DataFrame:
    """Return the hours of each campaign by why nobody was called, by `columns.IDLE`."""
    rows: list[tuple[str, str | None, int]] = []
    with reading(engine).connect() as connection:
        told = [(each.name, idle_time_alone(connection, each, now=now)) for each in records]
    for name, idle in told:
        if idle is not None:
            rows.append((name, None, idle.hours_dialed))
            rows += [(name, each.reason, each.hours) for each in idle.reasons]
    return typed_frame(pd.DataFrame(rows, columns=[each.name for each in IDLE]), IDLE)


def _comparison(each: Compared) -> dict[str, Any]:
    return {
        "campaign": each.campaign,
        "state": each.state,
        "contacts": each.reached.cases,
        "reached": each.reached.hits,
        "reached_share": each.reached.share,
        "reached_low": each.reached.low,
        "reached_high": each.reached.high,
        "rang": each.answers.cases,
        "answered": each.answers.hits,
        "answer_share": each.answers.share,
        "answer_low": each.answers.low,
        "answer_high": each.answers.high,
        "calls": each.calls,
        "minutes": each.minutes,
        "calls_per_reached": each.calls_per_reached,
        "minutes_per_reached": each.minutes_per_reached,
    }


def _times(campaign_id: int) -> Select[Any]:
    attempt, contact = tables.attempt.c, tables.contact.c
    answered = case((attempt.disposition == Disposition.ANSWERED, attempt.reserved_at))
    return (
        select(
            contact.id.label("contact_id"),
            as_stored(contact.enrolled_at).label("enrolled_at"),
            as_stored(func.min(attempt.reserved_at)).label("first_attempt_at"),
            as_stored(func.max(answered)).label("reached_at"),
        )
        .join_from(tables.contact, tables.attempt, attempt.contact_id == contact.id)
        .where(
            attempt.campaign_id == campaign_id,
            contact.state == ContactState.REACHED,
            attempt.state.in_(MADE_STATES),
        )
        .group_by(contact.id, contact.enrolled_at)
        .having(func.max(answered).is_not(None))
        .order_by(contact.id)
    )
