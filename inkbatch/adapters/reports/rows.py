"""A campaign's rows as a typed DataFrame: of every file, so that nothing of it is missing."""

from typing import Any

import pandas as pd
from sqlalchemy import CompoundSelect, Engine, literal, null, select, union_all

from inkbatch.adapters.reports.columns import FIELD_PREFIX, ROWS
from inkbatch.adapters.reports.whole_columns import as_stored, read_frame, typed_frame
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.engine import reading
from inkbatch.domain.list_row import RowStatus


def rows_frame(engine: Engine, campaign_id: int) -> pd.DataFrame:
    """Return one row per row of every file, by `columns.ROWS`; the file's own columns come last.

    A row that became a contact shows the contact's fields, the others their own.
    """
    with reading(engine).connect() as connection:
        frame = read_frame(connection, _rows(campaign_id)).drop(columns="file_id")
    contact_fields = frame.pop("contact_fields")
    fields = frame.pop("fields")
    typed = typed_frame(frame, ROWS)
    return _with_fields(typed, fields.where(fields.notna(), contact_fields))


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


def _with_fields(frame: pd.DataFrame, fields: "pd.Series[Any]") -> pd.DataFrame:
    records = [value if isinstance(value, dict) else {} for value in fields]
    own = pd.DataFrame(records, index=frame.index, dtype="str").add_prefix(FIELD_PREFIX)
    return pd.concat([frame, own], axis="columns")
