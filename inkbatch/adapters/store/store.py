"""Opening a database as a `ports.Store`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from inkbatch.adapters.store import engine as engines
from inkbatch.adapters.store.filesystems import require_local
from inkbatch.adapters.store.installation import Installation
from inkbatch.adapters.store.latest import Latest, latest
from inkbatch.adapters.store.locks import AdvisoryLocks, FileLocks, Locks
from inkbatch.adapters.store.revisions import require_current, upgrade_engine
from inkbatch.adapters.store.scrubbing import BUSY, scrub_file
from inkbatch.adapters.store.transaction import SqlTransaction
from inkbatch.adapters.store.translation import translated
from inkbatch.ports import DialingLock, Scrubbed


def open_store(database_url: str, *, upgrade: bool = True) -> "SqlStore":
    """Open the database at `sqlite:///path` or `postgresql://user@host/name`.

    An SQLite file is created or brought to this program's revision unless `upgrade` is False;
    PostgreSQL is upgraded by `inkbatch db upgrade` alone. Raises StoreError.
    """
    url = engines.parse_url(database_url)
    engine = engines.make_engine(url)
    path = engines.sqlite_path(url)
    if path is not None:
        require_local(path)
    try:
        if upgrade and path is not None:
            upgrade_engine(engine)
        require_current(engine)
    except BaseException:
        engine.dispose()
        raise
    if path is None:
        return SqlStore(engine, AdvisoryLocks(url))
    return SqlStore(engine, FileLocks(path), path=path)


class SqlStore:
    """Fulfils `ports.Store`; safe to use from several threads.

    `engine` is there for reports that read many rows at once.
    """

    def __init__(self, engine: Engine, locks: Locks, *, path: Path | None = None) -> None:
        self.engine = engine
        self._path = path
        self._installation = Installation(engine, path)
        self._writing = engines.writing(engine)
        self._reading = engines.reading(engine)
        self._locks = locks

    @contextmanager
    def transaction(self, *, organisation: str | None = None) -> Iterator[SqlTransaction]:
        """Begin a writing transaction; it is on disk before the block is left without error."""
        with translated(self._path), self._writing.begin() as connection:
            transaction = SqlTransaction(connection, writes=True)
            if organisation is not None:
                transaction.lock_organisation(organisation)
            yield transaction
            transaction.finish()

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        """Begin a transaction that only reads, and sees one state of the database.

        In SQLite's rollback journal a writer's commit waits while a read lasts; so read what is
        needed and leave the block, and begin no writing transaction inside of it.
        """
        with translated(self._path), self._reading.begin() as connection:
            yield SqlTransaction(connection, writes=False)

    def take_lock(self, name: str) -> DialingLock | None:
        """Take a dialing lock; None when somebody alive holds it. Never waits."""
        return self._locks.take(name)

    def scrub(self, *, busy: timedelta = BUSY) -> Scrubbed:
        """Rebuild an SQLite file without the unused bytes that may hold what was forgotten.

        It is to be done again, and says why, where somebody else used the file for as long as
        `busy`, or the disk has too little room. A server looks after its files itself.
        """
        with self.reading() as tx:
            if not tx.has_traces():
                return Scrubbed()
        if self._path is not None:
            with translated(self._path):
                scrubbed = scrub_file(self.engine, self._path, busy=busy)
            if not scrubbed:
                return scrubbed
        with self.transaction() as tx:
            tx.note_scrubbed()
        return Scrubbed()

    def require_current(self) -> None:
        """Raise StoreError where it cannot be used, or is not at the revision that is needed."""
        require_current(self.engine)

    def require_original(self) -> str:
        """Return this database's id; raises StoreError where it is a copy of one that dialed."""
        return self._installation.require_original()

    def note_shift(self, shift_id: str, *, has_ended: bool) -> None:
        """Remember, outside of the database, that this shift began or ended, as it is stored."""
        self._installation.note_shift(shift_id, has_ended=has_ended)

    def adopt(self) -> None:
        """Make a copy an original, since a person says that no other dials any more."""
        self._installation.adopt()

    def latest(self) -> Latest:
        """Return when the latest of what it knows came in, so that a copy tells its age."""
        with translated(self._path), self._reading.begin() as connection:
            return latest(connection)

    def close(self) -> None:
        """Close the connections and release the locks."""
        self._locks.close()
        self.engine.dispose()
