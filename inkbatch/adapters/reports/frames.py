"""A campaign's attempts, contacts and rows as typed DataFrames, for analysts and exports.

Times are `datetime64[us, UTC]`, counts and ids `Int64`, minutes `float64`, states and other
repeated words categories, numbers and texts strings; what is not known is missing, never 0.
The columns of the person's own file come last, each as `field_<its name>`.
"""

from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import CompoundSelect, Engine, Select, literal, null, select, union_all

from inkbatch.adapters.reports.result_frames import EFFECTS, standing_results
from inkbatch.adapters.reports.whole_columns import (
    as_stored,
    category,
    read_frame,
    read_times,
    typed_frame,
)
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.engine import reading
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.list_row import RowStatus

FIELD_PREFIX: Final = "field_"

ATTEMPT_COLUMNS: Final = (
    "attempt_id",
    "contact_id",
    "row_number",
    "ordinal",
    "state",
    "disposition",
    "from_number",
    "number",
    "zones",
    "reserved_at",
    "placed_at",
    "ended_at",
    "local_hour",
    "local_weekday",
    "talk_minutes",
    "call_id",
    "reason",
    "result",
    "result_effect",
    "call_back_at",
    "result_fields",
)


_STATES = category(AttemptState)
_DISPOSITIONS = category(Disposition)
_CONTACT_STATES = category(ContactState)
_ROW_STATUSES = category(RowStatus)


def attempts_frame(engine: Engine, campaign_id: int) -> pd.DataFrame:
    """Return one row per attempt, by the time it was reserved.

    attempt_id, contact_id, row_number (of the contact in its file), ordinal (from 1), state,
    disposition, from_number, number, zones (joined by `|`), reserved_at, placed_at, ended_at,
    local_hour (0 to 23) and local_weekday (0 is Monday) of reserved_at in the contact's first
    zone, talk_minutes, call_id, reason; and of the result that stands, missing where the agent
    posted none: result (its word), result_effect, call_back_at, result_fields (JSON).
    """
    with reading(engine).connect() as connection:
        frame = read_frame(connection, _attempts(campaign_id))
        frame = frame.join(standing_results(connection, campaign_id), on="attempt_id")
    times = read_times(frame["reserved_at"])
    local = _local(times, frame["zones"])
    typed = typed_frame(
        frame.join(local),
        counts=("contact_id", "row_number", "ordinal", "local_hour", "local_weekday"),
        times=("reserved_at", "placed_at", "ended_at", "call_back_at"),
        minutes=("talk_minutes",),
        words={
            "state": _STATES,
            "disposition": _DISPOSITIONS,
            "result_effect": EFFECTS,
            "from_number": "category",
            "zones": "category",
        },
    )
    return typed[[*ATTEMPT_COLUMNS]]


def contacts_frame(engine: Engine, campaign_id: int, now: datetime) -> pd.DataFrame:
    """Return one row per contact, in the order of the file.

    contact_id, row_number, number, zones (joined by `|`), state (due told from waiting at
    `now`), why, waits_until, attempts_used, enrolled_at, last_disposition (of the last ended
    attempt), talk_minutes (over all its attempts), and `field_*`.
    """
    # Joined here: SQLite would look through all ended attempts for each contact.
    with reading(engine).connect() as connection:
        contacts = read_frame(connection, _contacts(campaign_id))
        ended = read_frame(connection, _ended(campaign_id)).groupby("contact_id")
    frame = contacts.join(
        ended.agg(last_disposition=("disposition", "last"), talk_minutes=("talk_minutes", "sum")),
        on="contact_id",
    ).fillna({"talk_minutes": 0.0})
    fields = frame.pop("fields")
    waits_until = read_times(frame["waits_until"])
    is_due = (frame["state"] == ContactState.WAITING) & (waits_until <= pd.Timestamp(now))
    frame["state"] = frame["state"].mask(is_due, ContactState.DUE.value)
    typed = typed_frame(
        frame,
        counts=("contact_id", "row_number", "attempts_used"),
        times=("waits_until", "enrolled_at"),
        minutes=("talk_minutes",),
        words={
            "state": _CONTACT_STATES,
            "last_disposition": _DISPOSITIONS,
            "zones": "category",
        },
    )
    return _with_fields(typed, fields)


def rows_frame(engine: Engine, campaign_id: int) -> pd.DataFrame:
    """Return one row per row of every file, so that nothing of the files is missing.

    file_name, row_number, status, reason, column, value, duplicate_of (a row number),
    contact_id, enrolled_at, and `field_*`.
    """
    with reading(engine).connect() as connection:
        frame = read_frame(connection, _rows(campaign_id)).drop(columns="file_id")
    contact_fields = frame.pop("contact_fields")
    fields = frame.pop("fields")
    typed = typed_frame(
        frame,
        counts=("row_number", "duplicate_of", "contact_id"),
        times=("enrolled_at",),
        minutes=(),
        words={"status": _ROW_STATUSES, "file_name": "category"},
    )
    return _with_fields(typed, fields.where(fields.notna(), contact_fields))


def _attempts(campaign_id: int) -> Select[tuple[object, ...]]:
    attempt, contact = tables.attempt.c, tables.contact.c
    return (
        select(
            attempt.id.label("attempt_id"),
            attempt.contact_id,
            contact.row_number,
            attempt.ordinal,
            attempt.state,
            attempt.disposition,
            attempt.from_number,
            attempt.number,
            contact.zones,
            as_stored(attempt.reserved_at).label("reserved_at"),
            as_stored(attempt.placed_at).label("placed_at"),
            as_stored(attempt.ended_at).label("ended_at"),
            attempt.talk_minutes,
            attempt.call_id,
            attempt.reason,
        )
        .join_from(tables.attempt, tables.contact, attempt.contact_id == contact.id)
        .where(attempt.campaign_id == campaign_id)
        .order_by(attempt.reserved_at, attempt.id)
    )


def _contacts(campaign_id: int) -> Select[tuple[object, ...]]:
    contact = tables.contact.c
    return (
        select(
            contact.id.label("contact_id"),
            contact.row_number,
            contact.number,
            contact.zones,
            contact.state,
            contact.why,
            as_stored(contact.waits_until).label("waits_until"),
            contact.attempts_used,
            as_stored(contact.enrolled_at).label("enrolled_at"),
            contact.fields,
        )
        .where(contact.campaign_id == campaign_id)
        .order_by(contact.row_number, contact.id)
    )


def _ended(campaign_id: int) -> Select[tuple[object, ...]]:
    attempt = tables.attempt.c
    return (
        select(attempt.contact_id, attempt.disposition, attempt.talk_minutes)
        .where(attempt.campaign_id == campaign_id, attempt.state == AttemptState.ENDED)
        .order_by(attempt.ordinal)
    )


def _rows(campaign_id: int) -> CompoundSelect[tuple[object, ...]]:
    row, contact, file = tables.list_row.c, tables.contact.c, tables.list_file.c
    told = (
        select(
            file.name.label("file_name"),
            row.row_number,
            row.status,
            row.reason,
            row.column,
            row.value,
            row.duplicate_of,
            row.contact_id,
            as_stored(file.enrolled_at).label("enrolled_at"),
            row.fields,
            contact.fields.label("contact_fields"),
            file.id.label("file_id"),
        )
        .join_from(tables.list_row, tables.list_file, row.file_id == file.id)
        .outerjoin(tables.contact, row.contact_id == contact.id)
    )
    plain = select(
        file.name,
        contact.row_number,
        literal(RowStatus.ACCEPTED.value),
        *(null() for _ in ("reason", "column", "value", "duplicate_of")),
        contact.id,
        as_stored(file.enrolled_at),
        null(),
        contact.fields,
        file.id,
    ).join_from(tables.list_file, tables.contact, contact.file_id == file.id)
    of_campaign = file.campaign_id == campaign_id
    # Both say the campaign: else the contacts of all campaigns are looked through for each file.
    plain_of_campaign = plain.where(of_campaign, contact.campaign_id == campaign_id)
    return union_all(told.where(of_campaign), plain_of_campaign).order_by("file_id", "row_number")


def _local(times: "pd.Series[pd.Timestamp]", zones: "pd.Series[str]") -> pd.DataFrame:
    local = pd.DataFrame(index=times.index, columns=["local_hour", "local_weekday"], dtype="Int64")
    first_zones = zones.astype("str").str.split("|", n=1).str[0]
    for zone, group in times.dropna().groupby(first_zones):
        there = group.dt.tz_convert(str(zone)).dt
        local.loc[group.index, "local_hour"] = there.hour.astype("Int64")
        local.loc[group.index, "local_weekday"] = there.day_of_week.astype("Int64")
    return local


def _with_fields(frame: pd.DataFrame, fields: "pd.Series[Any]") -> pd.DataFrame:
    records = [value if isinstance(value, dict) else {} for value in fields]
    own = pd.DataFrame(records, index=frame.index, dtype="str").add_prefix(FIELD_PREFIX)
    return pd.concat([frame, own], axis="columns")
