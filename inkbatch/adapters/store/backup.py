"""A copy of an SQLite database while it is used; for PostgreSQL its own tools do that."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from inkbatch.adapters.store.engine import (
    BUSY_SECONDS,
    OWNER_ONLY,
    described,
    parse_url,
    sqlite_path,
)
from inkbatch.domain.errors import StoreError, UserMistake


def backup(database_url: str, to: Path) -> Path:
    """Write one state of the database to a new file, checked and on disk; return its path.

    Runs go on meanwhile; a commit waits until the copy is made. Raises UserMistake where the file
    exists or the database is none of SQLite, StoreError where the copy cannot be made.
    """
    url = parse_url(database_url)
    source = sqlite_path(url)
    if source is None:
        raise UserMistake(
            f"{described(url)} is backed up by PostgreSQL's own tools, such as "
            "pg_dump --format=custom; restore it with pg_restore."
        )
    if not source.exists():
        raise UserMistake(f"there is no database file {source}, so nothing was copied.")
    if to.exists():
        raise UserMistake(f"{to} exists already; nothing was overwritten. Give another path.")
    unfinished = to.with_name(f".{to.name}.unfinished")
    try:
        _copy(source, unfinished)
        unfinished.replace(to)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"No copy of {described(url)} was made at {to}: {error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return to


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        found = new.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged: {found}")
    with target.open("rb") as copied:
        os.fsync(copied.fileno())
