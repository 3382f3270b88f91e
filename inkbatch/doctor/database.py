"""The database: whether it can be used, and is at this program's revision."""

import sqlite3
from pathlib import Path

from inkbatch.adapters.store.engine import described, journal_mode, parse_url, sqlite_path
from inkbatch.adapters.store.revisions import REVISIONS, current_revision
from inkbatch.doctor.finding import Finding, beware, fine, wrong
from inkbatch.domain.errors import StoreError


def database(database_url: str) -> Finding:
    """Look at the database; nothing is made or upgraded."""
    try:
        revision = current_revision(database_url)
        url = parse_url(database_url)
    except StoreError as error:
        return wrong("database", "it cannot be used", advice=str(error))
    path = sqlite_path(url)
    if revision is None:
        return _new(described(url), path)
    if revision == REVISIONS[-1]:
        return fine("database", f"{described(url)}, revision {revision}{_engine(path)}")
    if revision in REVISIONS:
        return _behind(described(url), revision, path)
    return wrong(
        "database",
        f"{described(url)} is at revision {revision}, which a newer inkbatch made",
        advice="Upgrade inkbatch here; nothing was changed.",
    )


def database_folder(database_url: str) -> Path | None:
    """Return the folder of an SQLite file; None for a server, or for what is no address."""
    try:
        path = sqlite_path(parse_url(database_url))
    except StoreError:
        return None
    return None if path is None else path.absolute().parent


def _new(name: str, path: Path | None) -> Finding:
    if path is None:
        return wrong("database", f"{name} has no tables yet", advice="Run: inkbatch db upgrade")
    if not path.absolute().parent.is_dir():
        advice = "Make its folder, or name another file in INKBATCH_DATABASE_URL."
        return wrong("database", f"{name} cannot be made", advice=advice)
    return beware(
        "database",
        f"{name} does not exist yet; the first run makes it",
        advice="If campaigns ran before, INKBATCH_DATABASE_URL names another file, and whoever "
        "was called would be called again: name the old one.",
    )


def _behind(name: str, revision: str, path: Path | None) -> Finding:
    saw = f"{name} is at revision {revision}; this program needs {REVISIONS[-1]}"
    if path is None:
        return wrong("database", saw, advice="Run: inkbatch db upgrade")
    return beware("database", saw, advice="The next run upgrades it; keep a copy before.")


def _engine(path: Path | None) -> str:
    if path is None:
        return ""
    mode = journal_mode(sqlite3.sqlite_version_info)
    return f", SQLite {sqlite3.sqlite_version}, {mode} journal"
