"""Prefect's own tables, as its migrations make them: a file, since those take ten seconds.

`prefect_tables.sql` is what Prefect 3.8.8 makes of an empty database; a newer Prefect goes on from
there. `python -m flows.prefect_tables` writes it anew.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

TABLES = Path(__file__).with_suffix(".sql")
DATABASE_NAME = "prefect.db"


def make_prefect_tables(home: Path) -> None:
    """Put a database without rows where a Prefect with this home looks for one."""
    home.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(home / DATABASE_NAME)) as database:
        database.executescript(TABLES.read_text("utf-8"))


def migrated_tables(home: Path) -> str:
    """Let Prefect bring the database of a home up to date, and return its tables as SQL."""
    command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"]
    subprocess.run(  # noqa: S603 (our own interpreter and fixed words)
        command,
        env={**os.environ, "PREFECT_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    with closing(sqlite3.connect(home / DATABASE_NAME)) as database:
        return "\n".join(database.iterdump()) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        TABLES.write_text(migrated_tables(Path(folder)), "utf-8")
