"""A campaign's contacts, attempts, rows or transcripts as a file for a spreadsheet or pandas."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine

from inkbatch.adapters.reports.atomic_file import replacing
from inkbatch.adapters.reports.frames import attempts_frame, contacts_frame, rows_frame
from inkbatch.adapters.reports.result_frames import transcripts_frame
from inkbatch.adapters.reports.spreadsheets import write_csv, write_xlsx
from inkbatch.domain.errors import UserMistake
from inkbatch.ports import CampaignRecord


class Exported(StrEnum):
    """What an export has a line for."""

    CONTACTS = "contacts"
    ATTEMPTS = "attempts"
    ROWS = "rows"
    TRANSCRIPTS = "transcripts"


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame with its types: times stay aware, states stay categories."""
    frame.to_parquet(path, index=False)


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
    frame = _frame(engine, campaign, what=what, now=now)
    with replacing(to) as unfinished:
        write(frame, unfinished)
    return to


def _frame(
    engine: Engine, campaign: CampaignRecord, *, what: Exported | str, now: datetime
) -> pd.DataFrame:
    match what:
        case Exported.CONTACTS:
            return contacts_frame(engine, campaign.id, now)
        case Exported.ATTEMPTS:
            return attempts_frame(engine, campaign.id)
        case Exported.ROWS:
            return rows_frame(engine, campaign.id)
        case Exported.TRANSCRIPTS:
            return transcripts_frame(engine, campaign.id)
    raise UserMistake(f"cannot export {what!r}: choose {_either(Exported)}.")


def _either(choices: "type[Exported] | dict[str, Callable[[pd.DataFrame, Path], None]]") -> str:
    *most, last = map(str, choices)
    return f"{', '.join(most)} or {last}"
