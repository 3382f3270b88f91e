"""What was talked, as a typed DataFrame."""

import pandas as pd
from sqlalchemy import Engine, Select, select

from inkbatch.adapters.reports.columns import TRANSCRIPTS
from inkbatch.adapters.reports.whole_columns import as_stored, read_frame, typed_frame
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.engine import reading


def transcripts_frame(engine: Engine, campaign_id: int) -> pd.DataFrame:
    """Return one row per entry of each transcript that an agent posted, in the order it was said.

    By `columns.TRANSCRIPTS`.
    """
    with reading(engine).connect() as connection:
        results = read_frame(connection, _transcripts(campaign_id))
    entries = [
        {"attempt_id": attempt_id, "result_id": id_, "posted_at": at, "entry": number, **spoken}
        for attempt_id, id_, at, transcript in results.itertuples(index=False)
        for number, spoken in enumerate(transcript, start=1)
    ]
    names = [column.name for column in TRANSCRIPTS]
    return typed_frame(pd.DataFrame(entries, columns=names), TRANSCRIPTS)


def _transcripts(campaign_id: int) -> Select[tuple[object, ...]]:
    result = tables.attempt_result.c
    return (
        select(
            result.attempt_id,
            result.result_id,
            as_stored(result.posted_at).label("posted_at"),
            result.transcript,
        )
        .where(result.campaign_id == campaign_id)
        .order_by(result.sequence)
    )
