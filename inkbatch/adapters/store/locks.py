"""Dialing locks, which die with their process: the only proof that a shift is dead."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import psycopg
from filelock import FileLock, Timeout
from sqlalchemy import URL

from inkbatch.adapters.store.engine import OWNER_ONLY
from inkbatch.adapters.store.keepalives import KEEPALIVES, KEPT_ALIVE_BY_THE_SERVER
from inkbatch.adapters.store.translation import first_line
from inkbatch.domain.errors import StoreError
from inkbatch.ports import DialingLock

NOT_SAFE_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9_-]+")

IDLE_MAX = 2
"""So many connections that hold no lock are kept; one would do, but threads may look at once."""


class Locks(ABC):
    """Takes dialing locks, and gives up those still held when it is closed."""

    def __init__(self) -> None:
        self._taken: list[DialingLock] = []

    def take(self, name: str) -> DialingLock | None:
        """Take the lock of this name, or return None where somebody alive has it."""
        lock = self._try(name)
        if lock is not None:
            self._taken = [held for held in self._taken if held.is_held()]
            self._taken.append(lock)
        return lock

    def close(self) -> None:
        """Give up every lock that is still held."""
        for lock in self._taken:
            lock.release()
        self._taken.clear()

    @abstractmethod
    def _try(self, name: str) -> DialingLock | None: ...


class FileLocks(Locks):
    """Locks of the operating system on files beside an SQLite database."""

    def __init__(self, database: Path) -> None:
        super().__init__()
        self._database = database

    def _try(self, name: str) -> DialingLock | None:
        path = Path(f"{self._database}.{_safe_file_name(name)}.lock")
        # A soft lock, which filelock may fall back to, would outlive its process.
        lock = FileLock(path, 0, OWNER_ONLY, thread_local=False, fallback_to_soft=False)
        try:
            lock.acquire()
        except Timeout:
            return None
        except OSError as error:
            raise StoreError(
                f"The lock file {path} cannot be used: {error.strerror}. Keep the database on a "
                "local disk and in a folder that may be written to."
            ) from error
        return _FileDialingLock(lock, path)


class AdvisoryLocks(Locks):
    """Advisory locks of PostgreSQL, each on a connection of its own that does nothing else.

    They need a direct connection: a pooler that shares sessions would share the locks too. A
    connection that holds no lock any more, or found it held, is kept for the next try: each pass
    looks whether the other shifts live, and for the server a new connection is a new process.
    """

    def __init__(self, url: URL) -> None:
        super().__init__()
        self._url = url.set(drivername="postgresql")
        self._idle = list[psycopg.Connection[Any]]()

    def close(self) -> None:
        """Give up every lock that is still held, and all connections."""
        super().close()
        while (connection := self._idle_one()) is not None:
            connection.close()

    def _try(self, name: str) -> DialingLock | None:
        key = _advisory_key(name)
        try:
            connection, is_ours = self._ask(key)
        except psycopg.Error as error:
            raise StoreError(f"No dialing lock can be taken: {first_line(error)}.") from error
        if is_ours:
            return _AdvisoryDialingLock(connection, key, when_free=self._keep)
        self._keep(connection)
        return None

    def _ask(self, key: int) -> tuple[psycopg.Connection[Any], bool]:
        idle = self._idle_one()
        if idle is not None:
            try:
                return idle, _takes(idle, key)
            except psycopg.OperationalError:  # the server was restarted meanwhile
                idle.close()
        fresh = self._connect()
        return fresh, _takes(fresh, key)

    def _idle_one(self) -> psycopg.Connection[Any] | None:
        try:
            return self._idle.pop()
        except IndexError:  # or another thread was sooner
            return None

    def _connect(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(
            self._url.render_as_string(hide_password=False),
            autocommit=True,
            application_name="inkbatch dialing lock",
            **KEEPALIVES,
        )
        connection.execute(KEPT_ALIVE_BY_THE_SERVER)  # else a dead machine holds it for two hours
        return connection

    def _keep(self, connection: psycopg.Connection[Any]) -> None:
        if len(self._idle) < IDLE_MAX:
            self._idle.append(connection)
        else:
            connection.close()


class _FileDialingLock:
    def __init__(self, lock: FileLock, path: Path) -> None:
        self._lock = lock
        self._path = path
        self._file = _identity(path)

    def is_held(self) -> bool:
        """Return whether it is still ours; a lock file that somebody replaced guards nothing."""
        return self._lock.is_locked and self._file == _identity(self._path)

    def release(self) -> None:
        """Give it up; the file stays, since removing it would split those who wait for it."""
        self._lock.release()


class _AdvisoryDialingLock:
    def __init__(
        self,
        connection: psycopg.Connection[Any],
        key: int,
        *,
        when_free: Callable[[psycopg.Connection[Any]], None],
    ) -> None:
        self._connection: psycopg.Connection[Any] | None = connection
        self._key = key
        self._when_free = when_free

    def is_held(self) -> bool:
        """Return whether the connection lives, asking the server; with it the lock would go."""
        connection = self._connection  # another thread may be about to give it up
        if connection is None:
            return False
        try:
            connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def release(self) -> None:
        """Give it up."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.execute("SELECT pg_advisory_unlock(%s)", (self._key,))
        except psycopg.Error:
            connection.close()  # the lock goes with it
        else:
            self._when_free(connection)


def _takes(connection: psycopg.Connection[Any], key: int) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()
    return row is not None and bool(row[0])


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _safe_file_name(name: str) -> str:
    safe = NOT_SAFE_IN_FILE_NAMES.sub("-", name)[:60]
    return safe if safe == name else f"{safe}-{blake2b(name.encode(), digest_size=4).hexdigest()}"


def _advisory_key(name: str) -> int:
    digest = blake2b(f"inkbatch {name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
