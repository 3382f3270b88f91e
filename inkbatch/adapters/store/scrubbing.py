"""Rid an SQLite file, and the journal beside it, of what was deleted from it.

A deleted row stays readable in unused bytes of its page, and the journal that is kept beside the
file (`journal_mode`) holds pages as they were before. VACUUM writes the file anew from what is
there; leaving the journal's mode, or emptying a write-ahead log into the file, ends the other.
"""

import sqlite3
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPICursor

from inkbatch.adapters.store.translation import PRIMARY
from inkbatch.ports import Scrubbed

BUSY = timedelta(seconds=10)
"""How long to wait for others that use the file."""

WAL, NO_JOURNAL_LEFT = "wal", "delete"


IN_USE = (
    "The database file is in use all the time, so unused bytes of it may still hold what was "
    "forgotten. Give the command again when no campaign runs; the next run does it too."
)
MIB = 2**20

IS_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
NO_RIGHT = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


def scrub_file(engine: Engine, path: Path, *, busy: timedelta) -> Scrubbed:
    """Rebuild the file; says why not where others used it so long or the disk did not let it."""
    connection = engine.raw_connection()
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {busy // timedelta(milliseconds=1)}")
        cursor.execute("VACUUM")
        return Scrubbed() if _end_journal(cursor) else Scrubbed(problem=IN_USE)
    except sqlite3.OperationalError as error:
        problem = _problem(error, path)
        if problem is None:
            raise
        if problem != IN_USE:
            with suppress(sqlite3.OperationalError):
                _end_journal(cursor)  # which holds the whole file and would fill the disk
        return Scrubbed(problem=problem)
    finally:
        connection.invalidate()  # its settings are not those that others begin with


def _problem(error: sqlite3.OperationalError, path: Path) -> str | None:
    """Return what to do about an error that may be gone the next time; None for any other."""
    kind = error.sqlite_errorcode & PRIMARY
    if kind in IS_BUSY:
        return IN_USE
    if kind in NO_ROOM:
        size = -(-path.stat().st_size // MIB)
        advice = (
            f"That takes about {2 * size} MiB for a while, {size} beside the file and {size} where "
            "temporary files are kept. Make room"
        )
    elif kind in NO_RIGHT:
        advice = "Let the file, its folder and the folder for temporary files be written to"
    else:
        return None
    return (
        f"The database file {path} could not be rewritten ({error}), so unused bytes of it may "
        f"still hold what was forgotten. {advice} and give the command again; the next run tries "
        "it too."
    )


def _end_journal(cursor: DBAPICursor) -> bool:
    if _asked(cursor, "PRAGMA journal_mode") == WAL:
        is_busy = _asked(cursor, "PRAGMA wal_checkpoint(TRUNCATE)")
        return not is_busy
    return bool(_asked(cursor, f"PRAGMA journal_mode = {NO_JOURNAL_LEFT}") == NO_JOURNAL_LEFT)


def _asked(cursor: DBAPICursor, pragma: str) -> Any:
    """Return the first value that SQLite answers."""
    cursor.execute(pragma)
    answer = cursor.fetchone()
    return answer[0] if answer else None
