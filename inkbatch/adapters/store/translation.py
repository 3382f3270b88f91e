"""What a database driver raises becomes a StoreError with a sentence and no phone number."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from inkbatch.domain.errors import StoreError

REFUSALS = {
    "contact_number": "the campaign has a contact of this number already",
    "contact.number, contact.campaign_id": "the campaign has a contact of this number already",
    "attempt_one_open_per_number": "the number has an open attempt already",
    "attempt.number": "the number has an open attempt already",
    "attempt_one_unfinished_per_contact": "the contact has an unfinished attempt already",
    "attempt.contact_id": "the contact has an unfinished attempt already",
    "attempt_call_id_key": "the call is bound to another attempt already",
    "attempt.call_id": "the call is bound to another attempt already",
    "budget_entry_attempt_id_key": "the attempt has its budget reserved already",
    "budget_entry.attempt_id": "the attempt has its budget reserved already",
}
"""Sentences for the constraints that guard promises: PostgreSQL names them, SQLite the columns."""

FAILURES = (SQLAlchemyError, sqlite3.Error, psycopg.Error)
CONSTRAINTS = (IntegrityError, sqlite3.IntegrityError, psycopg.IntegrityError)


PRIMARY = 0xFF
"""The part of SQLite's error code that says the kind; the rest says where it happened."""


class RefusedByConstraint(StoreError):
    """A constraint forbids what was to be written; the transaction may go on without it."""


class CannotBeWritten(StoreError):
    """The operating system does not let SQLite write to its file, or open one beside it."""


@contextmanager
def translated(database: Path | None = None) -> Iterator[None]:
    """Raise StoreError for what the database refuses or fails to do inside the block.

    A file that cannot be opened or written to is named, where it is known.
    """
    try:
        with _translated():
            yield
    except CannotBeWritten as error:
        if database is None:
            raise
        raise StoreError(
            f"The database file {database} cannot be used ({first_line(_origin(error))}). "
            "Check that it is still there and that this user may write to it and to its folder. "
            "Nothing of this step was kept."
        ) from error


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FAILURES as error:
        raise_translated(error)


def raise_translated(error: Exception) -> NoReturn:
    """Raise the StoreError that one of `FAILURES` becomes."""
    if isinstance(error, CONSTRAINTS):
        # Not chained: the driver's own text quotes the values, and they are phone numbers.
        raise RefusedByConstraint(f"The database refused it: {_refusal(error)}.") from None
    kind = CannotBeWritten if _forbids_writing(_cause(error)) else StoreError
    raise kind(f"The database failed: {first_line(error)}. Nothing of this step was kept.") from (
        None if _quotes_values(error) else error
    )


def _forbids_writing(cause: BaseException) -> bool:
    code = getattr(cause, "sqlite_errorcode", None) or sqlite3.SQLITE_OK
    return code & PRIMARY in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


def _origin(error: CannotBeWritten) -> Exception:
    return error.__cause__ if isinstance(error.__cause__, Exception) else error


def first_line(error: Exception) -> str:
    """Return what the driver said, without SQLAlchemy's statement and the driver's details."""
    cause = _cause(error)
    lines = str(cause).strip().splitlines()
    if not lines or isinstance(cause, psycopg.DataError):  # which quotes the value in its first
        return type(cause).__name__
    return lines[0].rstrip(".")


def _quotes_values(error: Exception) -> bool:
    """Whether the driver's own text may hold rows: PostgreSQL's details do, and lines of a COPY."""
    cause = _cause(error)
    return isinstance(cause, psycopg.Error) and (
        isinstance(cause, psycopg.DataError) or len(str(cause).strip().splitlines()) > 1
    )


def _cause(error: Exception) -> BaseException:
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig
    return error


def _refusal(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.Error):
        broken = cause.diag.constraint_name or "a constraint"
    else:
        broken = str(cause).rpartition(": ")[2]
    return REFUSALS.get(broken, f"{broken} forbids it")
