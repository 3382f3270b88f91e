"""What is stored of a campaign as a file for a spreadsheet or pandas."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine

from inkbatch.adapters.reports.arrow_tables import (
    as_frame,
    attempts_table,
    budget_table,
    calls_table,
    contacts_table,
)
from inkbatch.adapters.reports.atomic_file import replacing
from inkbatch.adapters.reports.columns import (
    ATTEMPTS,
    BUDGET,
    CALLS,
    CONTACTS,
    ROWS,
    TRANSCRIPTS,
    Column,
    schema_of,
)
from inkbatch.adapters.reports.queries import Wanted
from inkbatch.adapters.reports.rows import rows_frame
from inkbatch.adapters.reports.spreadsheets import write_csv, write_xlsx
from inkbatch.adapters.reports.talk_frames import transcripts_frame
from inkbatch.domain.errors import UserMistake
from inkbatch.ports import CampaignRecord


class Exported(StrEnum):
    """What an export has a line for."""

    CONTACTS = "contacts"
    ATTEMPTS = "attempts"
    CALLS = "calls"
    BUDGET = "budget"
    ROWS = "rows"
    TRANSCRIPTS = "transcripts"


COLUMNS: Final = {
    Exported.CONTACTS: CONTACTS,
    Exported.ATTEMPTS: ATTEMPTS,
    Exported.CALLS: CALLS,
    Exported.BUDGET: BUDGET,
    Exported.ROWS: ROWS,
    Exported.TRANSCRIPTS: TRANSCRIPTS,
}
"""The documented columns of each; COLUMNS.md is made from them."""


def write_parquet(frame: pd.DataFrame, path: Path, columns: tuple[Column, ...] = ()) -> None:
    """Write a frame with its types; with `columns` by their schema, whatever the frame holds."""
    if not columns:
        frame.to_parquet(path, index=False)
        return
    schema = schema_of(columns, own=tuple(frame.columns[len(columns) :]))
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    pq.write_table(table, path)


WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    ".csv": write_csv,
    ".parquet": write_parquet,
    ".xlsx": write_xlsx,
}


def export(
    engine: Engine, campaign: CampaignRecord, *, what: Exported | str, to: Path, now: datetime
) -> Path:
    """Write the file, in the form that its ending names, and return its path.

    Raises UserMistake for another ending or another `what`, and where the file cannot be
    written; an older file is then kept.
    """
    write = WRITERS.get(to.suffix.lower())
    if write is None:
        raise UserMistake(
            f"cannot export to {to.name}: the ending says the form. Give a file name that ends in "
            f"{_either(WRITERS)}."
        )
    if what not in COLUMNS:
        raise UserMistake(f"cannot export {what!r}: choose {_either(Exported)}.")
    columns = COLUMNS[Exported(what)]
    frame = _frame(engine, campaign, what=Exported(what), now=now)
    with replacing(to) as unfinished:
        if write is write_parquet:
            write_parquet(frame, unfinished, columns)
        else:
            write(frame, unfinished)
    return to


def _frame(
    engine: Engine, campaign: CampaignRecord, *, what: Exported, now: datetime
) -> pd.DataFrame:
    wanted = Wanted(campaign_ids=[campaign.id])
    match what:
        case Exported.CONTACTS:
            return as_frame(contacts_table(engine, wanted, now=now))
        case Exported.ATTEMPTS:
            return as_frame(attempts_table(engine, wanted))
        case Exported.CALLS:
            return as_frame(calls_table(engine, wanted))
        case Exported.BUDGET:
            return as_frame(budget_table(engine, wanted))
        case Exported.ROWS:
            return rows_frame(engine, campaign.id)
        case Exported.TRANSCRIPTS:
            return transcripts_frame(engine, campaign.id)


def _either(choices: "type[Exported] | dict[str, Callable[[pd.DataFrame, Path], None]]") -> str:
    *most, last = map(str, choices)
    return f"{', '.join(most)} or {last}"
