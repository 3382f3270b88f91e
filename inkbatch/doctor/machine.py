"""The machine: room on its disk, and what it knows of time zones."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from inkbatch.doctor.finding import Finding, beware, fine, wrong

GIB = 1024**3
FREE_BYTES_WANTED = GIB
FREE_BYTES_MIN = GIB // 10
"""A full disk stops dialing: an intent that cannot be written is not dialed."""

ZONES_MIN = 400
"""The time zone database has had more names than that since the nineties."""


def disk(folders: Mapping[str, Path]) -> list[Finding]:
    """Look at the room where each of these lies; those on one disk are told once."""
    found: dict[int, Finding] = {}
    for what, folder in folders.items():
        there = _existing(folder)
        found.setdefault(there.stat().st_dev, room(what, shutil.disk_usage(there).free))
    return list(found.values())


def room(what: str, free_bytes: int) -> Finding:
    """Judge the free bytes of a disk on which `what` lies."""
    saw = f"{free_bytes / GIB:.1f} GiB free for {what}"
    advice = "Make room: where the disk is full nothing more is dialed, and nothing is lost."
    if free_bytes < FREE_BYTES_MIN:
        return wrong("disk", saw, advice=advice)
    if free_bytes < FREE_BYTES_WANTED:
        return beware("disk", saw, advice=advice)
    return fine("disk", saw)


def time_zones() -> Finding:
    """Look whether calling hours of other places can be worked out here."""
    known = available_timezones()
    try:
        ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        known = set()
    if len(known) < ZONES_MIN:
        return wrong(
            "time zones",
            f"{len(known)} time zones are known",
            advice="Install the system's tzdata, or `pip install tzdata`: contacts whose zone is "
            "not known are not called.",
        )
    return fine("time zones", f"{len(known)} are known")


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
