"""Rid an SQLite file, and the journal beside it, of what was deleted from it.

A deleted row stays readable in unused bytes of its page, and the journal that is kept beside the
file (`journal_mode`) holds pages as they were before. VACUUM writes the file anew from what is
there; leaving the journal's mode, or emptying a write-ahead log into the file, ends the other.
"""

import sqlite3
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPICursor

BUSY = timedelta(seconds=10)
"""How long to wait for others that use the file."""

WAL, NO_JOURNAL_LEFT = "wal", "delete"


def scrub_file(engine: Engine, *, busy: timedelta) -> bool:
    """Rebuild the file; False where somebody else used it for as long as `busy`."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {busy // timedelta(milliseconds=1)}")
        cursor.execute("VACUUM")
        return _end_journal(cursor)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        return False
    finally:
        connection.invalidate()  # its settings are not those that others begin with


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
