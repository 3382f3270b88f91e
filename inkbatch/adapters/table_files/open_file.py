"""A regular file, opened once: what was checked is what is read, however often."""

import hashlib
import io
import os
import stat
import weakref
from pathlib import Path
from typing import BinaryIO

from inkbatch.adapters.table_files.limits import Unreadable

CHUNK_BYTES = 1024 * 1024


class OpenFile:
    """A file's descriptor, closed with the last reader of it; readers do not disturb another."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._state = self._look()
        weakref.finalize(self, os.close, descriptor)

    @property
    def size_bytes(self) -> int:
        """The size that the file had when it was opened."""
        return self._state[0]

    def reader(self) -> BinaryIO:
        """Return a reader of its own place, from the file's start."""
        return io.BufferedReader(_Reader(self), buffer_size=CHUNK_BYTES // 4)

    def head(self, count: int) -> bytes:
        """Return the first bytes."""
        return os.pread(self.descriptor, count, 0)

    def tail(self, count: int) -> bytes:
        """Return the last bytes."""
        return os.pread(self.descriptor, count, max(0, self.size_bytes - count))

    def sha256(self) -> str:
        """Return the hash of all bytes, in hexadecimal digits."""
        digest = hashlib.sha256()
        with self.reader() as reader:
            while chunk := reader.read(CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()

    def require_unchanged(self) -> None:
        """Refuse a file that somebody wrote to while it was read."""
        if self._look() != self._state:
            raise Unreadable("was changed while it was read; try again when it is saved")

    def _look(self) -> tuple[int, int]:
        seen = os.fstat(self.descriptor)
        return seen.st_size, seen.st_mtime_ns


class _Reader(io.RawIOBase):
    def __init__(self, file: OpenFile) -> None:
        self._file, self._place = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._file.size_bytes}
        self._place = start[whence] + offset
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer does
        chunk = os.pread(self._file.descriptor, len(buffer), self._place)
        buffer[: len(chunk)] = chunk
        self._place += len(chunk)
        return len(chunk)


def open_regular(path: Path) -> OpenFile:
    """Open a file and nothing else: a pipe does not block, a folder and a device are refused.

    Raises FileNotFoundError and Unreadable.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise Unreadable(
            f"cannot be opened: {getattr(error, 'strerror', None) or error}"
        ) from error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return OpenFile(descriptor)
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise Unreadable("is a folder; give the file inside it that holds the rows")
    raise Unreadable("is no file but a pipe or a device; save the rows to a file and give that")
