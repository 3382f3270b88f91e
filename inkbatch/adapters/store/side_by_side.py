"""A second connection that sees the very state of the database that a first one reads."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, select, text
from sqlalchemy.exc import OperationalError

from inkbatch.adapters.store.tables import campaign


@contextmanager
def same_state(connection: Connection) -> Iterator[Connection | None]:
    """Give it for reading from another thread, or None where it cannot be had at once.

    `connection` is of an engine of `engine.reading`, and has read something already. With SQLite's
    rollback journal nobody commits while it reads, so whoever reads too sees the same. With WAL
    others do commit meanwhile, so there is none. PostgreSQL lets a transaction give its state away.
    """
    if connection.dialect.name == "postgresql":
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        with connection.engine.connect() as other:
            other.execute(text(f"SET TRANSACTION SNAPSHOT '{snapshot}'"))
            yield other
    elif connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal":
        yield None
    else:
        with _impatient(connection.engine).connect() as other:
            yield other if _can_read(other) else None


def _impatient(engine: Engine) -> Engine:
    """Return an engine for SQLite that waits for nobody.

    A writer about to commit lets nobody begin until the first has read: to wait for it while the
    first waits for this would hold up all three.
    """
    options = {"timeout": 0, "isolation_level": None, "check_same_thread": False}
    impatient = create_engine(
        engine.url, hide_parameters=True, connect_args=options, poolclass=NullPool
    )

    @event.listens_for(impatient, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return impatient


def _can_read(connection: Connection) -> bool:
    try:
        connection.execute(select(campaign.c.id).limit(1)).all()
    except OperationalError:
        return False
    return True
