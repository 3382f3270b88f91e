"""What agents said attempts came to, and what was talked, as typed DataFrames."""

import json
from typing import Final

import pandas as pd
from sqlalchemy import Connection, Engine, Select, select

from inkbatch.adapters.reports.whole_columns import (
    as_stored,
    category,
    read_frame,
    typed_frame,
)
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.engine import reading
from inkbatch.domain.result import Effect, Party

TRANSCRIPT_COLUMNS: Final = (
    "attempt_id",
    "result_id",
    "posted_at",
    "entry",
    "party",
    "ts_ms",
    "text",
)

EFFECTS: Final = category(Effect)
PARTIES: Final = category(Party)


def standing_results(connection: Connection, campaign_id: int) -> pd.DataFrame:
    """Return the result of each attempt that stands, as `domain.result.standing` says.

    By attempt_id: result, result_effect, call_back_at, result_fields (JSON); untyped.
    """
    results = read_frame(connection, _results(campaign_id))
    stand = results.drop_duplicates("attempt_id", keep="last").set_index("attempt_id")
    texts = [json.dumps(value) for value in stand["result_fields"]]
    return stand.assign(result_fields=pd.Series(texts, index=stand.index, dtype="object"))


def transcripts_frame(engine: Engine, campaign_id: int) -> pd.DataFrame:
    """Return one row per entry of each transcript that an agent posted, in the order it was said.

    attempt_id, result_id and posted_at (of the result it came with), entry (from 1), party
    (`remote` is the person called), ts_ms (from the start of the talk), text.
    """
    with reading(engine).connect() as connection:
        results = read_frame(connection, _transcripts(campaign_id))
    entries = [
        {"attempt_id": attempt_id, "result_id": id_, "posted_at": at, "entry": number, **spoken}
        for attempt_id, id_, at, transcript in results.itertuples(index=False)
        for number, spoken in enumerate(transcript, start=1)
    ]
    typed = typed_frame(
        pd.DataFrame(entries, columns=[*TRANSCRIPT_COLUMNS]),
        counts=("entry", "ts_ms"),
        times=("posted_at",),
        minutes=(),
        words={"party": PARTIES},
    )
    return typed[[*TRANSCRIPT_COLUMNS]]


def _results(campaign_id: int) -> Select[tuple[object, ...]]:
    """Return the query for all results, those that stand last of their attempt."""
    result = tables.attempt_result.c
    return (
        select(
            result.attempt_id,
            result.word.label("result"),
            result.effect.label("result_effect"),
            as_stored(result.call_back_at).label("call_back_at"),
            result.fields.label("result_fields"),
        )
        .where(result.campaign_id == campaign_id)
        .order_by(result.effect == Effect.DO_NOT_CALL, result.sequence)
    )


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
