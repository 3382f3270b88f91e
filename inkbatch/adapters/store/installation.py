"""Which database this is, and whether it was last dialed from here or is a copy of some age.

A database that was restored from a backup, or copied to a second host, does not know whom the
original called since: it would call them again. So the database has an id, and a small file
beside it says which database was last dialed here, by which machine, and in which shift. A copy has
no such file, or one that names a shift that the copy does not know.
"""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import uuid4

from sqlalchemy import Connection, Engine, insert, select

from inkbatch.adapters.store.engine import writing
from inkbatch.adapters.store.tables import installation as table
from inkbatch.adapters.store.tables import shift
from inkbatch.adapters.store.translation import translated
from inkbatch.domain.errors import StoreError

MACHINE_ID = Path("/etc/machine-id")


CURRENT = select(table.c.id).order_by(table.c.number.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands beside a database; `shift` is the last one that began or ended, if any did.

    `inode` is the file's own number on its disk, which a copy of it does not have.
    """

    installation: str
    shift: str | None
    has_ended: bool
    machine: str | None
    inode: int | None = None


class Installation:
    """The identity of a database; what stands beside it is told of SQLite files only."""

    def __init__(
        self, engine: Engine, database: Path | None, *, machine_id: Path = MACHINE_ID
    ) -> None:
        self._engine = engine
        self._machine_id = machine_id
        self._database = database

    def require_original(self) -> str:
        """Return its id; raises StoreError where this is a copy. A new database is made ours."""
        with translated(self._database), writing(self._engine).begin() as connection:
            known = connection.scalar(CURRENT)
            if known is None:
                return self._mark_anew(connection)
            doubt = None if self._database is None else self._doubt(connection, known)
        if doubt is not None:
            raise StoreError(
                f"The database file {self._database} {doubt}. Nothing was dialed, since whom "
                "another copy called meanwhile might be called again. If no other copy dials any "
                "more, say `inkbatch db adopt`; the next run then compares it with the calls of "
                "the last 48 hours before it dials."
            )
        return str(known)

    def note_shift(self, shift_id: str, *, has_ended: bool) -> None:
        """Say beside the database that this shift began or ended, which is in it already."""
        if self._database is None:
            return
        with translated(self._database), self._engine.connect() as connection:
            known = connection.scalar(CURRENT)
        if known is not None:
            self._write(self._mark(str(known), shift=shift_id, has_ended=has_ended))

    def adopt(self) -> None:
        """Make a copy an original: it has a new id from now on, and remembers those before."""
        with translated(self._database), writing(self._engine).begin() as connection:
            self._mark_anew(connection)

    def _mark_anew(self, connection: Connection) -> str:
        """Mark first and commit then: a process that comes between finds no id and marks anew."""
        fresh = str(uuid4())
        if self._database is not None:
            self._write(self._mark(fresh))
        connection.execute(insert(table).values(id=fresh))
        return fresh

    def _mark(self, known: str, *, shift: str | None = None, has_ended: bool = False) -> Mark:
        return Mark(
            known,
            shift=shift,
            has_ended=has_ended,
            machine=self._machine(),
            inode=self._inode(),
        )

    def _doubt(self, connection: Connection, known: str) -> str | None:
        mark = self._read()
        if mark is None:
            return "was dialed from another place or machine: it was copied, moved or restored"
        if mark.installation != known:
            return "is another one than was last dialed here"
        machine = self._machine()
        if None not in (mark.machine, machine) and mark.machine != machine:
            return "was last dialed by another machine: its folder was copied or moved"
        if mark.inode not in (None, self._inode()):
            return "is another file than was last dialed: its folder was copied, moved or restored"
        if mark.shift is not None and not _knows(connection, mark.shift, has_ended=mark.has_ended):
            return "is older than what was last dialed here: it was restored from a backup"
        return None

    @property
    def _file(self) -> Path:
        return Path(f"{self._database}.installation")

    def _read(self) -> Mark | None:
        try:
            return Mark(**json.loads(self._file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _write(self, mark: Mark) -> None:
        """Replace the file as a whole; a power cut leaves the old one or the new one."""
        try:
            with NamedTemporaryFile("w", dir=self._file.parent, delete=False) as unfinished:
                unfinished.write(json.dumps(asdict(mark)))
                unfinished.flush()
                os.fsync(unfinished.fileno())
            Path(unfinished.name).replace(self._file)
        except OSError as error:
            raise StoreError(
                f"The file {self._file} cannot be written: {error.strerror}. Keep the database in "
                "a folder that may be written to."
            ) from error

    def _inode(self) -> int | None:
        return None if self._database is None else self._database.stat().st_ino

    def _machine(self) -> str | None:
        """Return the machine's own id where the system has one; containers mostly have none."""
        with suppress(OSError):
            return self._machine_id.read_text("utf-8").strip() or None
        return None


def _knows(connection: Connection, shift_id: str, *, has_ended: bool) -> bool:
    known = select(shift.c.id).where(shift.c.id == shift_id)
    if has_ended:
        known = known.where(shift.c.ended_at.is_not(None))
    return connection.scalar(known) is not None
