"""Whole columns out of the database at once; value by value they take several times as long."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, String, type_coerce

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


def category(words: type[StrEnum]) -> pd.CategoricalDtype:
    """Return the type of a column of these words."""
    return pd.CategoricalDtype([word.value for word in words])


def typed_frame(
    frame: pd.DataFrame,
    *,
    counts: Iterable[str],
    times: Iterable[str],
    minutes: Iterable[str],
    words: Mapping[str, pd.CategoricalDtype | str],
) -> pd.DataFrame:
    """Return the frame with its columns typed; those that nobody names are texts."""
    typed = frame.assign(**{name: read_times(frame[name]) for name in times})
    dtypes: dict[str, Any] = dict.fromkeys(counts, "Int64")
    dtypes |= dict.fromkeys(minutes, "float64")
    dtypes |= words
    dtypes |= {name: "str" for name in frame.columns if name not in {*dtypes, *times}}
    return typed.astype(dtypes)
