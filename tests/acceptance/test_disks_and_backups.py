"""The real program when its disk is full, and when its database is put back to an older state."""

import resource
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from tests.acceptance.books import attempts_in, disagreements

CONTACTS = 10
ONE_TRY = {"max": 1}
CANNOT_MAKE_A_DISK = 77
IN_A_NAMESPACE = ("unshare", "--map-root-user", "--mount", "sh", "-c")
INKBATCH = (sys.executable, "-m", "inkbatch")


@pytest.fixture
def sandbox(sandbox_at):
    """Each test has its own ledger."""
    with sandbox_at("--durations", 0.02) as running:
        yield running


def test_a_disk_that_is_full_in_the_middle_stops_the_run_and_calls_nobody_twice(
    terminal, sandbox, campaign, sqlite_url
):
    """From some moment on no file may grow: one sentence, and the next run goes on."""
    folder = campaign(CONTACTS, calls_at_once=1, attempts=ONE_TRY)
    database = {"INKBATCH_DATABASE_URL": sqlite_url}
    with terminal.started("run", folder, **database) as process:
        sandbox.wait_for_calls(2, process=process)
        psutil.Process(process.pid).rlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        stopped = terminal.end_of(process)
    assert (stopped.code, "The database failed" in stopped.err) == (1, True)
    assert "Traceback" not in stopped.err
    assert len(sandbox.ledger()) < CONTACTS

    assert terminal.run("run", folder, **database).code == 0

    assert disagreements(sandbox.ledger(), attempts_in(sqlite_url)) == []
    assert set(Counter(call["to_number"] for call in sandbox.ledger()).values()) == {1}


ON_A_SMALL_DISK = """
mount -t tmpfs -o size="$1" none "$2" && cp "$3" "$2/inkbatch.db" || exit 77
shift 3
"$@" erase +14155550199 --yes
echo "erase: $?"
"$@" run "$FOLDER"
echo "run: $?"
"""
"""Size, mount point and database file, then how inkbatch is started; 77 where none can be made."""


def test_on_a_disk_without_room_to_rewrite_the_file_somebody_is_erased_and_a_run_dials(
    terminal, sandbox, campaign, sqlite_url, tmp_path
):
    """The tables have forgotten; what is missing is told, with the room that it takes."""
    folder = campaign(CONTACTS, attempts=ONE_TRY)
    database, disk = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "disk"
    disk.mkdir()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE big AS SELECT randomblob(3000000) AS bytes")
    told = subprocess.run(
        [*IN_A_NAMESPACE, ON_A_SMALL_DISK, "sh", "5m", disk, database, *INKBATCH],
        cwd=terminal.folder,
        env={
            **terminal.environment,
            "INKBATCH_DATABASE_URL": f"sqlite:///{disk}/inkbatch.db",
            "FOLDER": str(folder),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode == CANNOT_MAKE_A_DISK or "unshare" in told.stderr:
        pytest.skip("no file system can be mounted here")
    assert "Traceback" not in told.stderr
    assert "erase: 1" in told.stdout
    assert "run: 0" in told.stdout
    assert "That takes about 8 MiB for a while, 4 beside the file" in told.stderr
    assert "not_scrubbed" in told.stderr
    assert len(sandbox.ledger()) == CONTACTS


def test_a_backup_of_a_running_campaign_is_restored_and_calls_nobody_twice(
    terminal, sandbox, campaign, sqlite_url, tmp_path
):
    """The backup is minutes old: it is refused, adopted, compared with the call list, and ends."""
    folder = campaign(CONTACTS, calls_at_once=1, attempts=ONE_TRY)
    database = {"INKBATCH_DATABASE_URL": sqlite_url}
    with terminal.started("run", folder, **database) as process:
        sandbox.wait_for_calls(3, process=process)
        saved = terminal.run("db", "backup", tmp_path / "saved.db", **database)
        assert terminal.end_of(process).code == 0
    assert (saved.code, "saved.db" in saved.out) == (0, True)
    assert len(sandbox.ledger()) == CONTACTS
    shutil.copy(tmp_path / "saved.db", sqlite_url.removeprefix("sqlite:///"))

    refused = terminal.run("run", folder, **database)
    adopted = terminal.run("db", "adopt", **database)
    last = terminal.run("run", folder, "--json", **database)

    assert (refused.code, "inkbatch db adopt" in refused.err) == (1, True)
    assert (adopted.code, last.code) == (0, 0)
    assert len(sandbox.ledger()) == CONTACTS
    assert last.json["counts"]["contacts"]["review"] > 0
    assert sum(last.json["counts"]["contacts"].values()) == CONTACTS


def test_who_restores_a_backup_is_told_what_is_not_in_it(terminal, tmp_path):
    """Entries, opt-outs and erasures of after the backup; of when the latest is that it knows."""
    database = tmp_path / "calls.db"
    said = {"INKBATCH_DATABASE_URL": f"sqlite:///{database}"}
    terminal.run("suppress", "add", "+14155550101", **said)
    saved = terminal.run("db", "backup", tmp_path / "saved.db", **said)
    terminal.run("suppress", "add", "+14155550102", **said)
    terminal.run("erase", "+14155550103", "--yes", **said)
    shutil.copy(tmp_path / "saved.db", database)

    adopted = terminal.run("db", "adopt", **said)

    entry = terminal.run("suppress", "list", "--json", **said).json[0]
    added_at = datetime.fromisoformat(entry["added_at"])
    assert adopted.code == 0
    for told in (saved.out, adopted.out):
        assert "suppression list" in told
        assert "opt-outs" in told
        assert "erasures" in told
    assert f"{added_at:%Y-%m-%d %H:%M} UTC: the latest entry of the suppression list" in adopted.out
    assert "never: the latest erasure" in adopted.out
    assert "before the next run" in adopted.out
