"""Which revision a database is at, and bringing it to the one that this program needs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import Connection, Engine, func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from inkbatch.adapters.store.engine import (
    OWNER_ONLY,
    described,
    make_engine,
    parse_url,
    sqlite_path,
    writing,
)
from inkbatch.adapters.store.translation import first_line
from inkbatch.domain.errors import StoreError

REVISIONS = tuple(f"{number:04d}" for number in range(1, 16))
"""All that this program knows, oldest first; it needs the last."""

UPGRADE_LOCK = 0x696E6B6261746368
"""The key of PostgreSQL's advisory lock around an upgrade; the letters of the name."""


def upgrade(database_url: str) -> None:
    """Bring the database to this program's revision, all of it or nothing.

    A missing SQLite file is created. Several processes may do it at once: one does, the others
    find it done. Raises StoreError.
    """
    url = parse_url(database_url)
    engine = make_engine(url)
    try:
        upgrade_engine(engine)
    finally:
        engine.dispose()


def current_revision(database_url: str) -> str | None:
    """Return the revision that the database is at, None before its first. Raises StoreError."""
    engine = make_engine(parse_url(database_url))
    try:
        return revision_of(engine)
    finally:
        engine.dispose()


def upgrade_engine(engine: Engine) -> None:
    """Do the work of `upgrade` on an engine."""
    revision = revision_of(engine)
    _require_known(engine, revision)
    if revision == REVISIONS[-1]:
        return
    path = sqlite_path(engine.url)
    if path is not None and not path.parent.is_dir():
        raise StoreError(f"Cannot create {described(engine.url)}: make its folder first.")
    if path is not None:
        create_file(path)
    _upgrade(engine)


def require_current(engine: Engine) -> None:
    """Raise StoreError unless the database is at the revision that this program needs."""
    revision = revision_of(engine)
    _require_known(engine, revision)
    if revision != REVISIONS[-1]:
        raise StoreError(
            f"This program needs revision {REVISIONS[-1]} and {described(engine.url)} is at "
            f"{revision or 'none'}. Run `inkbatch db upgrade`."
        )


def revision_of(engine: Engine) -> str | None:
    """Return the revision that the database is at; raises StoreError where it cannot be opened."""
    path = sqlite_path(engine.url)
    if path is not None and not path.exists():
        return None
    try:
        with engine.connect() as connection:
            return _revision_seen_by(connection)
    except (SQLAlchemyError, psycopg.Error) as error:
        raise _unusable(engine, error) from error


def create_file(path: Path) -> None:
    """Create the file, unless it is there, so that nobody else may read it; nor its journal.

    One that is there is not opened: closing it would end the locks that this process has of it.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(
            f"Cannot write to the database file {path}: {error.strerror}. Let it and its folder be "
            "written to, or name another file."
        ) from error


def _upgrade(engine: Engine) -> None:
    from inkbatch.adapters.store.migrating import (  # noqa: PLC0415 (slow, and needed once a release)
        migrate,
    )

    # One process at a time, by SQLite's write lock or the advisory lock; what another one has
    # just done is seen here and not done again.
    try:
        with _unchecked(engine) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))
            _require_known(engine, _revision_seen_by(connection))
            migrate(connection)
    except (SQLAlchemyError, psycopg.Error) as error:
        raise _unusable(engine, error) from error


@contextmanager
def _unchecked(engine: Engine) -> Iterator[Connection]:
    """Open a connection on which SQLite lets a table be rebuilt that others refer to.

    It can be told so only outside of a transaction; the connection is not used again.
    """
    with writing(engine).connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
            connection.detach()
        yield connection


def _require_known(engine: Engine, revision: str | None) -> None:
    if revision is not None and revision not in REVISIONS:
        raise StoreError(
            f"A newer inkbatch made {described(engine.url)}: it is at revision {revision}, which "
            "this program does not know. Upgrade inkbatch; nothing was changed."
        )


def _revision_seen_by(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _unusable(engine: Engine, error: Exception) -> StoreError:
    if sqlite_path(engine.url) is None:
        advice = "Check that the server runs and that INKBATCH_DATABASE_URL names it"
    else:
        advice = "Check that its folder exists, that it may be written to and that it is a database"
    return StoreError(f"Cannot use {described(engine.url)}: {first_line(error)}. {advice}.")
