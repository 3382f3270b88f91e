"""Attempts, contacts, calls and the budget's ledger as Arrow tables of `columns.py`.

What is asked for is picked by the database. Each table is of one state of it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine, Select, select

from inkbatch.adapters.reports import queries
from inkbatch.adapters.reports.columns import (
    ATTEMPT_ID,
    ATTEMPTS,
    BUDGET,
    CALLS,
    CAMPAIGN,
    CONTACTS,
    FIELD_PREFIX,
    RESULT,
    Column,
    Kind,
    schema_of,
)
from inkbatch.adapters.reports.queries import Wanted
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.arrow import (
    MISSING_NUMBER,
    MISSING_TEXT,
    arrow_streams,
    tellable,
)
from inkbatch.domain.disposition import Disposition

_MISSING = {Kind.TEXT: MISSING_TEXT, Kind.TIME: "", Kind.WORD: MISSING_TEXT}


def attempts_table(engine: Engine, wanted: Wanted) -> pa.Table:
    """Return one row per attempt, by the time it was reserved."""
    local, told = ("local_hour", "local_weekday"), (ATTEMPT_ID, *RESULT)
    stored = tuple(each for each in ATTEMPTS if each.name not in local and each not in RESULT)
    asked = ((queries.results(wanted), told), (queries.attempts(wanted), stored))
    streams = zip(_streams(engine, *asked, wanted=wanted), (told, stored), strict=True)
    results, table = [_table(batches, columns) for batches, columns in streams]
    hours, weekdays = _local(table["reserved_at"], table["zones"])
    place = [column.name for column in ATTEMPTS].index(local[0])
    table = table.add_column(place, local[0], hours).add_column(place + 1, local[1], weekdays)
    return _with_results(table, results.combine_chunks()).cast(schema_of(ATTEMPTS))


def contacts_table(engine: Engine, wanted: Wanted, *, now: datetime) -> pa.Table:
    """Return one row per contact, in the order of its file; due is told from waiting at `now`."""
    last, fields_told = Column("last", Kind.COUNT, ""), Column("fields", Kind.TEXT, "")
    told = (*CONTACTS[:-2], last, CONTACTS[-1], fields_told)
    found, own = [], dict[str, None]()
    records: list[list[dict[str, str]]] = []
    for batch in _batches(engine, queries.contacts(wanted, now=now), told, wanted=wanted):
        fields = [json.loads(text) if text else {} for text in batch["fields"].to_pylist()]
        own |= dict.fromkeys(name for each in fields for name in each)
        records.append(fields)
        found.append(_with_last_disposition(batch))
    table = _table(found, CONTACTS)
    for name in own:
        texts = [each.get(name) for fields in records for each in fields]
        table = table.append_column(f"{FIELD_PREFIX}{name}", pa.array(texts, pa.string()))
    schema = schema_of(CONTACTS, own=tuple(f"{FIELD_PREFIX}{name}" for name in own))
    return table.cast(schema)


def calls_table(engine: Engine, wanted: Wanted) -> pa.Table:
    """Return one row per call that Inkbox told of, ours and others', by the time it was made."""
    return _table(_batches(engine, queries.calls(wanted), CALLS, wanted=wanted), CALLS)


def budget_table(engine: Engine, wanted: Wanted) -> pa.Table:
    """Return the ledger: what counts against the rolling 24 hours, from when until when."""
    return _table(_batches(engine, queries.budget(wanted), BUDGET, wanted=wanted), BUDGET)


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Return a table as pandas, with the types of `columns.py`; the table is used up."""
    frame: pd.DataFrame = table.to_pandas(
        types_mapper={pa.int64(): pd.Int64Dtype()}.get, split_blocks=True, self_destruct=True
    )
    return frame


def _batches(
    engine: Engine, query: Select[Any], columns: tuple[Column, ...], *, wanted: Wanted
) -> Iterator[pa.RecordBatch]:
    """Read a query whose columns are these, and give its batches their types."""
    for batches in _streams(engine, (query, columns), wanted=wanted):
        yield from batches


def _streams(
    engine: Engine, *asked: tuple[Select[Any], tuple[Column, ...]], wanted: Wanted
) -> Iterator[Iterator[pa.RecordBatch]]:
    """Read queries with their columns, each to its end before the next, all of one state."""
    names = _campaign_names(engine, wanted)
    streams = arrow_streams(engine, *(_telling(engine, *each) for each in asked))
    for batches, (_, columns) in zip(streams, asked, strict=True):
        yield (_typed_batch(batch, columns, names) for batch in batches)


def _telling(engine: Engine, query: Select[Any], columns: tuple[Column, ...]) -> Select[Any]:
    told = [
        _told(engine, selected, column).label(column.name)
        for selected, column in zip(query.selected_columns, columns, strict=True)
    ]
    return query.with_only_columns(*told)


def _typed_batch(
    batch: pa.RecordBatch, columns: tuple[Column, ...], campaigns: Mapping[int, str]
) -> pa.RecordBatch:
    arrays = [_typed(_copied(batch[column.name]), column, campaigns) for column in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of(columns))


def _with_results(attempts: pa.Table, results: pa.Table) -> pa.Table:
    """Return attempts with the columns of the result that stands, missing where there is none."""
    places = pc.index_in(attempts[ATTEMPT_ID.name], value_set=results[ATTEMPT_ID.name])
    for column in RESULT:
        attempts = attempts.append_column(column.name, results[column.name].take(places))
    return attempts


def _copied(array: pa.Array) -> pa.Array:
    """Return an array of its own memory; else one column kept would keep its whole batch."""
    return pa.concat_arrays([array.slice(0, 0), array])


def _campaign_names(engine: Engine, wanted: Wanted) -> dict[int, str]:
    with engine.connect() as connection:
        query = select(tables.campaign.c.id, tables.campaign.c.name)
        if wanted.campaign_ids is not None:
            query = query.where(tables.campaign.c.id.in_(wanted.campaign_ids))
        return {row.id: row.name for row in connection.execute(query)}


def _told(engine: Engine, selected: Any, column: Column) -> Any:
    if column.kind is Kind.COUNT or column.name == CAMPAIGN.name:
        return selected
    return tellable(engine, selected, missing=_MISSING.get(column.kind, MISSING_NUMBER))


def _typed(array: pa.Array, column: Column, campaigns: Mapping[int, str]) -> pa.Array:
    """Return an array as its column wants it, with what is missing null."""
    match column.kind:
        case Kind.TIME:
            return _time(array)
        case Kind.NUMBER:
            return _or_null(array.cast(pa.float64()), MISSING_NUMBER)
        case Kind.TEXT:
            return _or_null(array, MISSING_TEXT)
        case Kind.WORD if column.name == CAMPAIGN.name:
            return _campaigns(array, campaigns)
        case Kind.WORD:
            return _words(_or_null(array, MISSING_TEXT), column)
    return array.cast(column.kind.arrow)


def _time(array: pa.Array) -> pa.Array:
    """Return aware times; PostgreSQL gives them, SQLite ISO texts in UTC."""
    if not pa.types.is_timestamp(array.type):
        array = _or_null(array, "").cast(pa.timestamp("us"))
    return array.cast(Kind.TIME.arrow)


def _campaigns(ids: pa.Array, names: Mapping[int, str]) -> pa.Array:
    """Return names for ids; campaigns of two organisations may share one."""
    words = list(dict.fromkeys(names.values()))
    known = pc.index_in(ids.cast(pa.int64()), value_set=pa.array(list(names), pa.int64()))
    places = pa.array([words.index(name) for name in names.values()], pa.int32())
    return pa.DictionaryArray.from_arrays(places.take(known), pa.array(words, pa.string()))


def _or_null(array: pa.Array, missing: str | float) -> pa.Array:
    if isinstance(missing, str):
        array = array.cast(pa.string())
    is_missing = pc.equal(array, pa.scalar(missing, array.type))
    if not pc.any(is_missing).as_py():
        return array
    return pc.if_else(is_missing, pa.scalar(None, array.type), array)


def _words(array: pa.Array, column: Column) -> pa.Array:
    """Return a dictionary, whose words and their order are fixed where they are known."""
    if column.words is None:
        return array.dictionary_encode()
    words = pa.array([word.value for word in column.words])
    return pa.DictionaryArray.from_arrays(pc.index_in(array, value_set=words), words)


def _table(batches: Iterable[pa.RecordBatch], columns: tuple[Column, ...]) -> pa.Table:
    return pa.Table.from_batches(list(batches), schema=schema_of(columns)).unify_dictionaries()


def _with_last_disposition(batch: pa.RecordBatch) -> pa.RecordBatch:
    words = pa.array([disposition.value for disposition in Disposition])
    places = pa.array(np.asarray(batch["last"]) % queries.ORDINAL_STEP, from_pandas=True)
    last = pa.DictionaryArray.from_arrays(places.cast(pa.int32()), words)
    names = [column.name for column in CONTACTS]
    arrays = [last if name == "last_disposition" else batch[name] for name in names]
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of(CONTACTS))


def _local(times: pa.ChunkedArray, zones: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """Return hour and weekday of each time in the first of its zones."""
    at = times.to_pandas()
    hours, weekdays = np.full(len(at), -1, "int64"), np.full(len(at), -1, "int64")
    codes = zones.combine_chunks()
    names = codes.dictionary.to_pylist() if len(at) else []
    of_zone = np.asarray(codes.indices.fill_null(-1)) if len(at) else np.empty(0)
    known = at.notna().to_numpy()
    for code, name in enumerate(names):
        here = np.flatnonzero((of_zone == code) & known)
        there = at.iloc[here].dt.tz_convert(name.partition("|")[0]).dt
        hours[here], weekdays[here] = there.hour, there.day_of_week
    return _count(hours), _count(weekdays)


def _count(values: np.ndarray[Any, Any]) -> pa.Array:
    return pa.array(values, mask=values < 0)
