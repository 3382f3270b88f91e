"""A file is there whole or not at all: written beside its place, then moved onto it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from inkbatch.domain.errors import UserMistake


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to; it becomes `path` when the block ends without an error.

    The file is readable by its owner only, since it may hold people's numbers. Raises
    UserMistake where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix, delete=False
        ) as file:
            unfinished = Path(file.name)
        try:
            yield unfinished
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise UserMistake(
            f"cannot write {path}: {error.strerror or error}. Close the file if a program has it "
            "open, or give another path."
        ) from error
