"""The real store on a database that a seed has for itself: SQLite in memory, or PostgreSQL."""

from contextlib import closing, contextmanager
from functools import cache

import psycopg
from sqlalchemy import StaticPool, create_engine, event, insert
from sqlmodel import SQLModel

from inkbatch.adapters.store import SqlStore, tables
from inkbatch.adapters.store.engine import BUSY_SECONDS, parse_url
from inkbatch.adapters.store.locks import AdvisoryLocks, Locks

DATABASE_ID = "00000000-0000-4000-8000-000000000001"

FORWARD = (
    ("planned", "reserved"),
    ("planned", "withdrawn"),
    ("reserved", "placed"),
    ("reserved", "planned"),
    ("reserved", "ended"),
    ("reserved", "unconfirmed"),
    ("unconfirmed", "placed"),
    ("unconfirmed", "ended"),
    ("placed", "ended"),
    *((same, same) for same in ("planned", "reserved", "placed", "unconfirmed")),
)
"""The only ways of an attempt, as design.md draws them; what has ended does not change."""

IS_FORWARD = " OR ".join(f"(OLD.state = '{was}' AND NEW.state = '{is_}')" for was, is_ in FORWARD)
IS_REBOUND = "(OLD.call_id IS NOT NULL AND NEW.call_id <> OLD.call_id)"


@contextmanager
def sqlite_in_memory():
    """Yield a store on a fresh upgraded database in memory, with locks in memory too.

    One engine lives through all seeds of this process, so that it compiles each statement once;
    each seed has a connection of its own, and with it a database.
    """
    engine = _engine_in_memory()
    store = JudgedStore(engine, MemoryLocks(), judge=_driver(engine))
    try:
        _name(store)
        yield store
    finally:
        store.close()


@cache
def _engine_in_memory():
    engine = create_engine(
        "sqlite://",
        poolclass=StaticPool,
        connect_args={"isolation_level": None, "cached_statements": 1_000},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection, _):
        connection.deserialize(_template())
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection):
        driver = connection.connection.dbapi_connection
        driver.execute(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    return engine


@contextmanager
def postgresql(url):
    """Yield a store on an upgraded PostgreSQL database, emptied first; its locks are real too."""
    engine, judge = _connected(url)
    with engine.begin() as connection:
        names = ", ".join([*SQLModel.metadata.tables, "backwards"])
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
    locks = AdvisoryLocks(engine.url)
    store = JudgedStore(engine, locks, judge=judge)
    try:
        _name(store)
        yield store
    finally:
        locks.close()


@cache
def _connected(url):
    """Return an engine for all seeds of this process, and a connection that begins nothing.

    Nobody restarts this server, so that no connection is asked whether it lives before each use.
    """
    options = {"options": f"-c lock_timeout={BUSY_SECONDS}s"}
    engine = create_engine(parse_url(url), hide_parameters=True, connect_args=options)
    return engine, psycopg.connect(url, autocommit=True)


def watch_postgresql(url):
    """Let the database itself note each attempt that goes backwards."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE backwards (attempt TEXT, was TEXT, became TEXT)")
        connection.execute(
            "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO backwards VALUES (OLD.id, OLD.state, NEW.state); RETURN NEW; END $$"
        )
        connection.execute(
            "CREATE TRIGGER watch AFTER UPDATE ON attempt FOR EACH ROW "
            f"WHEN (NOT ({IS_FORWARD}) OR {IS_REBOUND}) EXECUTE FUNCTION note()"
        )


@cache
def _template():
    """Return the bytes of an empty database of this program's revision, with its watch."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    SQLModel.metadata.create_all(engine)
    raw = _driver(engine)
    raw.execute("CREATE TABLE backwards (attempt TEXT, was TEXT, became TEXT)")
    raw.execute(
        "CREATE TRIGGER watch AFTER UPDATE ON attempt "  # noqa: S608 (its parts are above)
        f"WHEN NOT ({IS_FORWARD}) OR COALESCE({IS_REBOUND}, 0) "
        "BEGIN INSERT INTO backwards VALUES (OLD.id, OLD.state, NEW.state); END"
    )
    raw.commit()
    return bytes(raw.serialize())


class JudgedStore(SqlStore):
    """The real store, into whose database a judge looks past it."""

    def __init__(self, engine, locks, *, judge):
        super().__init__(engine, locks)
        self._judge = judge

    def query(self, statement):
        """Return all rows of a SELECT, which begins no transaction of its own."""
        with closing(self._judge.cursor()) as cursor:
            return cursor.execute(statement).fetchall()


def _driver(engine):
    return engine.raw_connection().driver_connection


class MemoryLocks(Locks):
    """Dialing locks of simulated processes, which all live in this one."""

    def __init__(self):
        super().__init__()
        self._held = {}

    def _try(self, name):
        if name in self._held:
            return None
        self._held[name] = lock = _MemoryLock(self._held, name)
        return lock


class _MemoryLock:
    def __init__(self, held, name):
        self._all = held
        self._name = name

    def is_held(self):
        return self._all.get(self._name) is self

    def release(self):
        if self.is_held():
            del self._all[self._name]


def _name(store):
    """Give the database an id that is the same in each life."""
    with store.engine.begin() as connection:
        connection.execute(insert(tables.installation).values(id=DATABASE_ID))
