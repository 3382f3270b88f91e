"""The processes that dial: `inkbatch run`, started from the page and living on without it.

Who runs a campaign is decided by its dialing lock alone; a second process finds it held and ends.
"""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread

SAID_BYTES_MAX = 4_000
LOG_NAME = "last-run.log"


@dataclass(slots=True)
class ChildRuns:
    """Fulfils `office.Runs` with child processes in sessions of their own.

    What one says goes to a file beside its campaign, anew each time; it names nobody.
    """

    _started: dict[Path, subprocess.Popen[bytes]] = field(default_factory=dict)
    _again: set[Path] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def start(self, folder: Path) -> None:
        """Start one for a campaign's folder; while one runs, the next follows when it has ended.

        One that is ending since the campaign was paused may not see that it was resumed. If it
        does go on, the one that follows finds nothing to do and ends.
        """
        with self._lock:
            if not self.is_running(folder):
                self._spawn(folder)
            elif folder not in self._again:
                self._again.add(folder)
                ending = self._started[folder]
                Thread(target=self._follow, args=(folder, ending), daemon=True).start()

    def is_running(self, folder: Path) -> bool:
        """Return whether one that was started from here still runs."""
        child = self._started.get(folder)
        return child is not None and child.poll() is None

    def last_words(self, folder: Path, *, since: datetime | None) -> str | None:
        """Return what the last one said when it failed; None where it did not, or runs.

        What it said outlives the page, beside the campaign. It is over once another run began,
        the latest at `since`: that one may be none of the page's.
        """
        child, log = self._started.get(folder), _log(folder)
        if (child is not None and not child.poll()) or not log.is_file():
            return None
        if since is not None and log.stat().st_mtime < since.timestamp():
            return None
        complaint = _complaint(log)
        if complaint is None and child is not None:
            return "it ended without saying why"
        return complaint

    def _follow(self, folder: Path, ending: subprocess.Popen[bytes]) -> None:
        ending.wait()
        with self._lock:
            self._again.discard(folder)
            self._spawn(folder)

    def _spawn(self, folder: Path) -> None:
        command = [sys.executable, "-m", "inkbatch", "run", "--yes", str(folder)]
        with _log(folder).open("wb") as log:
            self._started[folder] = subprocess.Popen(  # noqa: S603 (our own program, no shell)
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "INKBATCH_LOG_FORMAT": "text"},  # people read its last words
                start_new_session=True,
            )


def _complaint(log: Path) -> str | None:
    """Return what a run complained of at its end; None where it did not."""
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - SAID_BYTES_MAX, 0))
        said = file.read().decode("utf-8", "replace")
    _, found, complaint = said.rpartition("inkbatch: ")
    return " ".join(complaint.split()) if found else None


def _log(folder: Path) -> Path:
    return folder / LOG_NAME
