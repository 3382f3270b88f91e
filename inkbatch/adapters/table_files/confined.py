"""Parsing in a process of its own: whatever the file does to it, this one goes on."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from threading import Event, Timer
from typing import Any

from inkbatch.adapters.table_files.limits import Limits, Unreadable, mebibytes
from inkbatch.adapters.table_files.open_file import OpenFile

_CHILD = "inkbatch.adapters.table_files.child"
_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
_REPORT_BYTES_MAX = 4 * 1024 * 1024


def parse_confined(
    file: OpenFile, *, form: str, sheet: str | None, limits: Limits
) -> tuple[dict[str, Any], OpenFile]:
    """Return what the process found and its rows, in a file that vanishes with its last reader.

    Raises Unreadable: the process's own sentence, or one for the limit that ended it.
    """
    task = json.dumps({"form": form, "sheet": sheet, "limits": asdict(limits)})
    with tempfile.TemporaryFile() as rows, tempfile.TemporaryFile() as report:
        os.lseek(file.descriptor, 0, os.SEEK_SET)
        code = _ended(task, stdin=file.descriptor, stdout=rows, stderr=report, limits=limits)
        found = _report(report, code, limits)
        return found, OpenFile(os.dup(rows.fileno()))


def _ended(task: str, *, limits: Limits, **streams: Any) -> int:
    """Run the process to its end and return its exit code; raises Unreadable if it takes long.

    Popen's own timeout looks every twentieth of a second, which is long for a small file.
    """
    command = [sys.executable, "-P", "-m", _CHILD, task]
    env = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    is_late = Event()
    with subprocess.Popen(command, env=env, **streams) as child:  # noqa: S603 (our own module, no shell)

        def give_up() -> None:
            is_late.set()
            child.kill()

        clock = Timer(limits.wall_seconds_max, give_up)
        clock.daemon = True
        clock.start()
        try:
            code = child.wait()
        except BaseException:
            child.kill()
            raise
        finally:
            clock.cancel()
    if code == -signal.SIGKILL and is_late.is_set():
        raise _too_long(limits.wall_seconds_max)
    return code


def _report(report: Any, code: int, limits: Limits) -> dict[str, Any]:
    size = report.seek(0, os.SEEK_END)
    report.seek(max(0, size - _REPORT_BYTES_MAX))
    lines = report.read().splitlines()
    if code == -signal.SIGXCPU:
        raise _too_long(limits.cpu_seconds_max)
    if code == -signal.SIGKILL:
        raise Unreadable("was not read, since the system ended the reading; try again")
    try:
        found = json.loads(lines[-1]) if code == 0 else None
    except (ValueError, IndexError):
        found = None
    if not isinstance(found, dict) or found.get("refusal", "") is None:
        raise Unreadable(
            f"cannot be read within {mebibytes(limits.memory_bytes_max)} of memory, or is made to "
            "break programs that read it; save only the list in a new file"
        )
    if "refusal" in found:
        raise Unreadable(found["refusal"])
    return found


def _too_long(seconds: int) -> Unreadable:
    return Unreadable(
        f"takes more than {seconds} seconds to read; save only the list in a new file, or as CSV"
    )
