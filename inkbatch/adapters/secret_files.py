"""Secrets in files: what an orchestrator mounts, or a person keeps out of the environment."""

import logging
import os
import stat
from pathlib import Path

SECRET_BYTES_MAX = 10_000

log = logging.getLogger("inkbatch.settings")


def secret_in(path: Path) -> str:
    """Return the secret that stands in a file, without the end of its line.

    Logs a warning where others may read it. Raises ValueError where there is none.
    """
    try:
        with path.open("rb") as file:
            text = file.read(SECRET_BYTES_MAX).decode("utf-8").strip()
        if is_open_to_others(path):
            log.warning("%s holds a secret and others may read it: chmod 600 it", path)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the secret in {path} cannot be read: {_why(error)}") from error
    if not text:
        raise ValueError(f"there is no secret in {path}: it is empty")
    return text


def is_open_to_others(path: Path) -> bool:
    """Tell whether others than those it is meant for may read a file, as far as its mode says so.

    Its group may where the file is not ours: systemd (LoadCredential) and Kubernetes (fsGroup)
    hand out files of root that our group reads.
    """
    if os.name != "posix":
        return False
    told = path.stat()
    return allows_others(told.st_mode, is_own=told.st_uid == os.geteuid())


def allows_others(mode: int, *, is_own: bool) -> bool:
    """Tell whether a mode lets others read; of a file of our own the group is others too."""
    return bool(mode & (stat.S_IRGRP | stat.S_IROTH if is_own else stat.S_IROTH))


def _why(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "it is unreadable") if isinstance(error, OSError) else "it is no text"
