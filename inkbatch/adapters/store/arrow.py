"""Whole queries as Arrow, read by ADBC in a process of its own.

ADBC brings an SQLite library of its own. Two such libraries in one process must not open the same
file: POSIX takes all locks of a process from a file as soon as it closes any handle of it, so a
look at a report could take the lock from under a dialer's commit (sqlite.org/howtocorrupt.html,
2.2.1). PostgreSQL needs no such care, and goes the same way so that there is only one.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO, Any, Final

import pyarrow as pa
from sqlalchemy import URL, Engine, Select, func

from inkbatch.adapters.store.engine import BUSY_SECONDS, sqlite_path
from inkbatch.domain.errors import StoreError

MISSING_TEXT: Final = "\x01"
"""Stands for a text that is missing on its way out of SQLite; no cell of a call list keeps it."""

MISSING_NUMBER: Final = -1.0
SECONDS_MAX = 900
PIPE_BYTES = 1024 * 1024
_CHILD = Path(__file__).with_name("arrow_child.py")
_OWN_VARIABLES = "INKBATCH_"


def arrow_streams(engine: Engine, *queries: Select[Any]) -> Iterator[Iterator[pa.RecordBatch]]:
    """Yield for each query what it finds, in batches, all as one state of the database.

    Each is read to its end before the next one is asked for, and that after the last tells whether
    all went well: it raises StoreError where the database could not be read. Values of a query
    stand in its text: give ids, times and words of ours, no text of a stranger. Texts, times and
    real numbers that may be missing are told by `tellable`.
    """
    task = {
        "statements": [_text(engine, query) for query in queries],
        "busy_milliseconds": BUSY_SECONDS * 1000,
        **_address(engine.url),
    }
    with tempfile.TemporaryFile() as complaints:
        with _reading(task, complaints) as streams:
            yield from streams
        _require_success(complaints)


def tellable(engine: Engine, column: Any, *, missing: str | float) -> Any:
    """Return a column that says by a value of its own type that it has none.

    ADBC takes the types of an SQLite column from the first values that it meets, and a column
    that begins with thousands of missing ones for one of whole numbers. A column of a table that
    is never missing is left alone, which saves a fifth of the time; one that comes by an outer
    join may be missing, and must be given as an expression.
    """
    if engine.dialect.name != "sqlite" or not getattr(column, "nullable", True):
        return column
    return func.coalesce(column, missing)


def _text(engine: Engine, query: Select[Any]) -> str:
    # Named parameters, of which there are none: with the driver's own a % would be doubled.
    kind: Any = type(engine.dialect)
    dialect = kind(paramstyle="named")
    return str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _address(url: URL) -> Mapping[str, str]:
    path = sqlite_path(url)
    if path is not None:
        return {"driver": "sqlite", "uri": f"{path.resolve().as_uri()}?mode=ro"}
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return {"driver": "postgresql", "uri": plain}


@contextmanager
def _reading(
    task: Mapping[str, Any], complaints: IO[bytes]
) -> Iterator[Iterator[Iterator[pa.RecordBatch]]]:
    """Run the process for as long as its batches are read; the address goes in by a pipe."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(_OWN_VARIABLES)}
    command = [sys.executable, "-P", str(_CHILD)]
    with subprocess.Popen(  # noqa: S603 (our own file, no shell)
        command,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        pipesize=PIPE_BYTES,
    ) as child:
        clock = Timer(SECONDS_MAX, child.kill)
        clock.daemon = True
        clock.start()
        try:
            yield _streams(child, task)
            child.wait()
        except BaseException:
            child.kill()
            raise
        finally:
            clock.cancel()


def _streams(
    child: "subprocess.Popen[bytes]", task: Mapping[str, Any]
) -> Iterator[Iterator[pa.RecordBatch]]:
    if child.stdin is None or child.stdout is None:
        raise StoreError("the process that reads the database has no pipes")
    child.stdin.write(json.dumps(task).encode())
    child.stdin.close()
    for _ in task["statements"]:
        yield _batches(child.stdout)


def _batches(output: IO[bytes]) -> Iterator[pa.RecordBatch]:
    if output.closed:
        return
    try:
        yield from pa.ipc.open_stream(output)
    except (pa.ArrowInvalid, OSError):
        # It broke off; what it said of that is told once it ended.
        output.close()


def _require_success(complaints: IO[bytes]) -> None:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    if not lines or lines[-1] != "done":
        said = lines[-1].removeprefix("failed: ") if lines else f"it took over {SECONDS_MAX} s"
        raise StoreError(f"The database could not be read: {said}. Nothing of it was changed.")
