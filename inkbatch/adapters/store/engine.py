"""One SQLAlchemy engine per database, with what durability and exclusion need switched on."""

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from inkbatch.adapters.store.keepalives import KEEPALIVES, KEPT_ALIVE_BY_THE_SERVER
from inkbatch.domain.errors import StoreError

BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up."""

WAL_IS_SAFE_FROM = (3, 51, 3)
"""SQLite 3.7.0 to 3.51.2 may corrupt a WAL database of two connections (its WAL-reset bug)."""

CACHE_KIB = 32_768
STATEMENTS_KEPT = 1_000
"""So many statements a connection need not parse again; the driver keeps 128 by itself."""

OWNER_ONLY = 0o600
"""Who may read a database file and what lies beside it: they hold people's numbers."""

JOURNAL_BYTES_MAX = 4 * 1024 * 1024

EXAMPLES = "such as sqlite:///inkbatch.db or postgresql://user@host/inkbatch"


def parse_url(database_url: str) -> URL:
    """Return the address with its driver; raises StoreError for a database we cannot use."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        # Not chained: the address may hold a password.
        raise StoreError(f"The database URL cannot be read. Give one {EXAMPLES}.") from None
    if url.get_backend_name() == "sqlite":
        return _sqlite_url(url)
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    raise StoreError(f"A database of kind {url.drivername} is not supported. Give one {EXAMPLES}.")


def sqlite_path(url: URL) -> Path | None:
    """Return the file of an SQLite database, None for a server."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def described(url: URL) -> str:
    """Return what a message may call the database: never with a password."""
    path = sqlite_path(url)
    if path is not None:
        return f"the database file {path}"
    host = url.host or url.query.get("host") or "this machine"
    return f"the PostgreSQL database {url.database} on {host}"


def make_engine(url: URL) -> Engine:
    """Return an engine for an address from `parse_url`; nothing is opened yet."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return _postgresql_engine(url)


def writing(engine: Engine) -> Engine:
    """Return the engine for transactions that write: in SQLite one at a time from its start."""
    return engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")


def reading(engine: Engine) -> Engine:
    """Return the engine for transactions that see one state of the database and only read."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(sqlite_begin="BEGIN")
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def journal_mode(sqlite_version: tuple[int, ...]) -> str:
    """Return the journal mode that is safe and fastest with this SQLite.

    WAL where its corruption bug is mended. Else a rollback journal that is kept and zeroed
    (PERSIST): as safe as DELETE and TRUNCATE and, since no directory entry or file size changes
    at each commit, about four times as fast with synchronous=FULL.
    """
    return "WAL" if sqlite_version >= WAL_IS_SAFE_FROM else "PERSIST"


def storage(database_url: str) -> str:
    """Say how a database is kept on disk, for people who ask."""
    url = parse_url(database_url)
    path = sqlite_path(url)
    if path is None:
        return f"{described(url)}: each intent is on the server's disk before its call is placed"
    mode = journal_mode(sqlite3.sqlite_version_info)
    unsafe = "; WAL is not used, since before 3.51.3 it may corrupt a database"
    why = "" if mode == "WAL" else unsafe
    return f"{path}: SQLite {sqlite3.sqlite_version}, journal {mode}, synchronous FULL{why}"


def _sqlite_url(url: URL) -> URL:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StoreError(
            "A database in memory would lose what must survive. Give a file, "
            "such as sqlite:///inkbatch.db."
        )
    return url.set(drivername="sqlite+pysqlite")


def _sqlite_engine(url: URL) -> Engine:
    # isolation_level None: the driver begins nothing by itself, the event below does.
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={
            "timeout": BUSY_SECONDS,
            "isolation_level": None,
            "cached_statements": STATEMENTS_KEPT,
        },
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        mode = journal_mode(sqlite3.sqlite_version_info)
        (used,) = connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()
        if used == "wal" != mode.lower():
            raise sqlite3.OperationalError(
                f"a newer SQLite is using it with WAL, which SQLite {sqlite3.sqlite_version} may "
                "corrupt; run all of inkbatch with one version of Python"
            )
        connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES_MAX}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver: sqlite3.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]  # the dialect's driver
        driver.execute(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    return engine


def _postgresql_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"application_name": "inkbatch", **KEEPALIVES},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: psycopg.Connection[Any], _record: Any) -> None:
        # An intent must be on disk before its call is placed, whatever the server's default.
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
        connection.execute(KEPT_ALIVE_BY_THE_SERVER)
        connection.commit()

    return engine
