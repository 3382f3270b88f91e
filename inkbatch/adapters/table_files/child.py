"""The confined process: parses the file on its standard input, writes rows to standard output.

Run by `confined.py`. Its last line on standard error is a JSON object: what was found, or the
sentence that refuses the file. It knows neither the file's name nor any secret.
"""

import gc
import json
import os
import sys
from io import TextIOWrapper
from typing import Any

from inkbatch.adapters.table_files.forms import unreadable_as
from inkbatch.adapters.table_files.limits import Limits, Unreadable
from inkbatch.adapters.table_files.open_file import OpenFile
from inkbatch.adapters.table_files.spool import ENCODING, write_rows
from inkbatch.adapters.table_files.surveys import survey

_STANDARD_INPUT = 0


def main() -> None:
    """Do the one task that the arguments describe."""
    task = json.loads(sys.argv[1])
    limits = Limits(**task["limits"])
    _confine(limits)
    gc.disable()  # the process is short, and looking for cycles costs it a third of its time
    try:
        found = _parse(task["form"], sheet=task["sheet"], limits=limits)
    except Unreadable as refusal:
        found = {"refusal": str(refusal)}
    except MemoryError:
        found = {"refusal": None}
    except Exception:  # noqa: BLE001 (parsers raise whatever they like on what is not theirs)
        found = {"refusal": str(unreadable_as(task["form"], "its parts do not fit together"))}
    sys.stderr.write("\n" + json.dumps(found) + "\n")
    sys.stderr.flush()
    os._exit(0)  # all is written: to take the tables and the libraries down first is lost time


def _confine(limits: Limits) -> None:
    """Bound memory, processor time and what is written; systems without limits have the clock."""
    try:
        import resource  # noqa: PLC0415 (only POSIX has it)
    except ImportError:
        return
    for which, most in (
        (resource.RLIMIT_AS, limits.memory_bytes_max),
        (resource.RLIMIT_FSIZE, limits.inflated_bytes_max),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(which, (most, most))
    # Between the two it is told by a signal of its own, which the other process understands.
    seconds = limits.cpu_seconds_max
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def _parse(form: str, *, sheet: str | None, limits: Limits) -> dict[str, Any]:
    match form:
        case ".xlsx" | ".xls" | ".ods":
            from inkbatch.adapters.table_files.workbooks import (  # noqa: PLC0415 (start quickly)
                read_workbook,
            )

            stream = sys.stdin.buffer
            spooled, rows = read_workbook(stream, form=form, sheet=sheet, limits=limits)
            with TextIOWrapper(sys.stdout.buffer, encoding=ENCODING, newline="") as output:
                write_rows(rows, to=output, limits=limits)
            return spooled.as_json()
        case ".parquet":
            _without("numpy", "cloudpickle")
            from inkbatch.adapters.table_files.parquet import (  # noqa: PLC0415 (start quickly)
                read_parquet,
            )

            to = sys.stdout.buffer
            return read_parquet(sys.stdin.buffer, to=to, limits=limits).as_json()
        case _:
            return survey(OpenFile(_STANDARD_INPUT), form=form, limits=limits).as_json()


def _without(*modules: str) -> None:
    """Let pyarrow, which needs them for nothing here, be imported in half the time."""
    for name in modules:
        sys.modules[name] = None  # type: ignore[assignment]  # the documented way to hide one


if __name__ == "__main__":
    main()
