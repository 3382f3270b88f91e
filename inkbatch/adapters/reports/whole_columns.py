"""Whole columns out of the database at once; value by value they take several times as long."""

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, String, type_coerce

from inkbatch.adapters.reports.columns import Column, Kind

TIME: Final = "datetime64[us, UTC]"


def read_frame(connection: Connection, query: Select[Any] | CompoundSelect[Any]) -> pd.DataFrame:
    """Return what a query finds, untyped; times are those of `as_stored`."""
    result = connection.execute(query)
    names = list(result.keys())
    # Plain tuples: pandas would ask each row object what it is.
    return pd.DataFrame.from_records([*map(tuple, result.all())], columns=names)


def as_stored(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a time column unconverted: ISO text in UTC from SQLite, aware from PostgreSQL."""
    return type_coerce(column, String)


def read_times(stored: "pd.Series[Any]") -> "pd.Series[pd.Timestamp]":
    """Return what `as_stored` gave as aware UTC times, missing ones as NaT."""
    return pd.to_datetime(stored, utc=True, format="ISO8601").astype(TIME)


def typed_frame(frame: pd.DataFrame, columns: Iterable[Column]) -> pd.DataFrame:
    """Return the frame with the columns that are named, in their order, and typed."""
    columns = tuple(columns)
    times = [column.name for column in columns if column.kind is Kind.TIME]
    typed = frame.assign(**{name: read_times(frame[name]) for name in times})
    dtypes = {column.name: column.dtype for column in columns if column.name not in times}
    return typed[[column.name for column in columns]].astype(dtypes)
