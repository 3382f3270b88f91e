"""SQLite in a world of full disks, read-only files, network mounts, copies and other programs."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inkbatch.adapters.store import backup, open_store, storage
from inkbatch.adapters.store.engine import WAL_IS_SAFE_FROM
from inkbatch.adapters.store.filesystems import require_local
from inkbatch.adapters.store.installation import Installation
from inkbatch.adapters.store.revisions import create_file
from inkbatch.domain.errors import StoreError, UserMistake

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /srv tmpfs rw 0 0
server:/export /srv/shared nfs4 rw,vers=4.2 0 0
//server/our\\040files /mnt/our\\040files cifs rw 0 0
me@host:/home /mnt/far fuse.sshfs rw 0 0
/dev/sdb1 /mnt/near fuse.ntfs-3g rw 0 0
/dev/sdc1 /srv/shared/local ext4 rw 0 0
host /mnt/guest 9p rw 0 0
"""


@pytest.fixture
def opened(sqlite_url):
    """An open store, its address and its file."""
    store = open_store(sqlite_url)
    yield store, sqlite_url, Path(sqlite_url.removeprefix("sqlite:///"))
    store.close()


def write(store, reason):
    with store.transaction() as tx:
        tx.hold("acme", until=NOW, reason=reason, now=NOW)


def reasons_in(path):
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT reason FROM budget_hold ORDER BY id")]


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/shared", "nfs4"),
        ("/srv/shared/deep/er", "nfs4"),
        ("/mnt/our files/here", "cifs"),
        ("/mnt/far", "fuse.sshfs"),
        ("/mnt/guest", "9p"),
    ],
)
def test_a_file_on_a_network_mount_is_refused(tmp_path, folder, kind):
    """Its locks cannot be trusted; the message says what to do."""
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS, "utf-8")
    with pytest.raises(StoreError, match=rf"network mount \({kind}\).*local disk.*PostgreSQL"):
        require_local(Path(folder) / "inkbatch.db", mounts=mounts)


@pytest.mark.parametrize(
    "folder", ["/srv", "/home/me", "/mnt/near", "/srv/shared/local/x", "/srv/shared2"]
)
def test_a_file_on_a_local_disk_is_not(tmp_path, folder):
    """The innermost mount decides; a name that only begins alike is another folder."""
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS, "utf-8")
    require_local(Path(folder) / "inkbatch.db", mounts=mounts)
    require_local(Path(folder) / "inkbatch.db", mounts=tmp_path / "no such file")


def test_a_full_disk_keeps_nothing_of_a_step_and_what_was_kept_stays(opened):
    """SQLite's own error of a full disk: the commit did not happen, and later ones may."""
    store, _, path = opened
    write(store, "before")
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(StoreError, match="full"):
        write(store, "x" * 50_000)
    assert reasons_in(path) == ["before"]
    write(store, "after")
    assert reasons_in(path) == ["before", "after"]


LIMITED = """
import resource, sys
from datetime import UTC, datetime
from inkbatch.adapters.store import open_store
from inkbatch.domain.errors import StoreError
store, now = open_store(sys.argv[1]), datetime(2026, 11, 2, tzinfo=UTC)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    with store.transaction() as tx:
        tx.hold("acme", until=now, reason="x" * 500_000, now=now)
except StoreError as error:
    print(error)
"""


def test_a_file_that_may_grow_no_more_is_told_and_stays_whole(opened):
    """The kernel refuses to let it grow, as a quota does: an error of the disk, no damage."""
    store, url, path = opened
    write(store, "before")
    limit = str(path.stat().st_size + 4096)
    told = subprocess.run(
        [sys.executable, "-c", LIMITED, url, limit], capture_output=True, text=True, check=True
    )
    assert "The database failed" in told.stdout
    assert reasons_in(path) == ["before"]
    write(store, "after")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


SCRUBS = """
import ctypes, glob, os, resource, sys
from inkbatch.adapters.store import open_store
store, path, limit = open_store(sys.argv[1]), sys.argv[2], sys.argv[3]
if limit == "read-only":
    store.engine.dispose()
    for each in glob.glob(f"{path}*"):
        os.chmod(each, 0o444)
    if os.geteuid() == 0:
        ctypes.CDLL(None).setfsuid(65534)  # no file is read-only for root
else:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
scrubbed = store.scrub()
print(bool(scrubbed), scrubbed.problem)
"""


@pytest.mark.parametrize(
    ("limit", "advice"),
    [("4096", "about 2 MiB for a while, 1 beside the file"), ("read-only", "be written to")],
)
def test_a_file_that_cannot_be_rewritten_is_to_be_scrubbed_later(opened, tmp_path, limit, advice):
    """What was forgotten is gone from the tables, and the next time from the unused bytes."""
    store, url, path = opened
    with store.transaction() as tx:
        tx.erase("+14155550102", now=NOW)
    with reachable_by_others(tmp_path):
        told = subprocess.run(
            [sys.executable, "-c", SCRUBS, url, path, limit],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith(f"False The database file {path} could not be rewritten (")
    assert advice in told.stdout
    for each in path.parent.glob(f"{path.name}*"):
        each.chmod(0o600)
    with store.reading() as tx:
        assert tx.has_traces()
    assert store.scrub()


@contextmanager
def reachable_by_others(folder):
    """Let a process that gave up the rights of root come to a folder's files."""
    above = [each for each in (folder, *folder.parents) if not each.stat().st_mode & 0o001]
    modes = [each.stat().st_mode for each in above]
    for each in above:
        each.chmod(0o755)
    try:
        yield
    finally:
        for each, mode in zip(above, modes, strict=True):
            each.chmod(mode)


READS_AND_WRITES = """
import ctypes, os, sys
from datetime import UTC, datetime
from inkbatch.adapters.store import open_store
from inkbatch.domain.errors import StoreError

def write(url):
    with open_store(url).transaction() as tx:
        tx.hold("acme", until=NOW, reason="written", now=NOW)

NOW = datetime(2026, 11, 2, tzinfo=UTC)
write(sys.argv[1])
if os.geteuid() == 0:
    ctypes.CDLL(None).setfsuid(65534)  # no file is read-only for root
try:
    write(sys.argv[2])
except StoreError as error:
    print(error)
"""


def test_a_file_that_may_only_be_read_is_one_sentence(sqlite_url, sqlite_template, tmp_path):
    """Nothing can be written, so nothing can be dialed; it says which file, and what to do."""
    path = Path(shutil.copy(sqlite_template, tmp_path / "read-only.db"))
    path.chmod(0o444)
    with reachable_by_others(tmp_path):
        told = subprocess.run(
            [sys.executable, "-c", READS_AND_WRITES, sqlite_url, f"sqlite:///{path}"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith(
        f"The database file {path} cannot be used (attempt to write a readonly database)."
    )
    assert "may write to it and to its folder" in told.stdout


def test_an_older_sqlite_does_not_join_a_newer_one_that_uses_wal(opened):
    """WAL of two connections is what the bug corrupts; where ours has it, we do not take part."""
    store, url, path = opened
    store.engine.dispose()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA journal_mode = WAL")
        newer.execute("BEGIN IMMEDIATE")
        if sqlite3.sqlite_version_info >= WAL_IS_SAFE_FROM:
            open_store(url).close()
        else:
            with pytest.raises(StoreError, match=r"WAL|locked"):
                open_store(url)
        newer.rollback()


def test_people_are_told_how_their_database_is_kept(sqlite_url, postgres_url):
    """Which SQLite, which journal and why; for a server that it keeps intents on disk."""
    assert f"SQLite {sqlite3.sqlite_version}, journal" in storage(sqlite_url)
    assert "synchronous FULL" in storage(sqlite_url)
    assert "PostgreSQL" in storage(postgres_url)


def test_a_backup_is_one_state_in_one_file_and_overwrites_nothing(opened, tmp_path):
    """What is written later is not in it; only its owner may read it; nothing is left beside it."""
    store, url, _ = opened
    write(store, "before")
    copy = backup(url, tmp_path / "copy.db")
    write(store, "later")
    with pytest.raises(UserMistake, match="exists already"):
        backup(url, copy)
    assert reasons_in(copy) == ["before"]
    assert copy.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir() if "copy" in each.name] == ["copy.db"]


def test_a_backup_waits_for_a_writer_and_has_all_or_nothing_of_it(opened, tmp_path):
    """A transaction that is not committed is not in the copy."""
    store, url, _ = opened
    with store.transaction() as tx:
        tx.hold("acme", until=NOW, reason="open", now=NOW)
        copy = backup(url, tmp_path / "copy.db")
    assert reasons_in(copy) == []


def test_postgresql_is_backed_up_by_its_own_tools(postgres_url, tmp_path):
    """The message names them."""
    with pytest.raises(UserMistake, match="pg_dump"):
        backup(postgres_url, tmp_path / "copy.db")


@pytest.mark.parametrize("second", ["another", "the same", None])
def test_a_folder_that_was_copied_to_another_machine_is_not_dialed(opened, tmp_path, second):
    """The machine's id tells; one without an id, such as a container, cannot be told apart."""
    store, _, path = opened
    ids = [tmp_path / "first-id", tmp_path / "second-id"]
    ids[0].write_text("the same\n", "utf-8")
    if second is not None:
        ids[1].write_text(f"{second}\n", "utf-8")
    here, there = (Installation(store.engine, path, machine_id=each) for each in ids)
    here.require_original()
    if second == "another":
        with pytest.raises(StoreError, match=r"another machine.*inkbatch db adopt"):
            there.require_original()
        there.adopt()
    there.require_original()


def test_a_folder_that_was_copied_on_the_same_machine_is_not_dialed(opened, tmp_path):
    """With what stands beside the file, as `cp -r` takes it: the original may dial on."""
    store, url, path = opened
    store.require_original()
    there = Path(shutil.copytree(path.parent, tmp_path / "a copy")) / path.name

    copied = open_store(url.replace(str(path), str(there)))
    with pytest.raises(StoreError, match=r"its folder was copied.*inkbatch db adopt"):
        copied.require_original()
    store.require_original()
    copied.adopt()
    copied.require_original()
    copied.close()


def test_what_stands_beside_a_database_since_an_earlier_version_is_understood(opened):
    """It does not say which file it was; that is no reason to refuse it."""
    store, _, path = opened
    store.require_original()
    mark = Path(f"{path}.installation")
    earlier = {key: value for key, value in json.loads(mark.read_text()).items() if key != "inode"}
    mark.write_text(json.dumps(earlier), "utf-8")
    store.require_original()


TRY_TO_WRITE = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    other.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    print(error)
"""


def test_creating_a_database_that_is_there_takes_no_lock_from_whoever_writes_to_it(opened):
    """A process that closes any handle of a file gives up all that it has locked of it."""
    store, _, path = opened
    with store.transaction():
        create_file(path)
        told = subprocess.run(
            [sys.executable, "-c", TRY_TO_WRITE, path], capture_output=True, check=True, text=True
        )
    assert "locked" in told.stdout


def test_another_database_in_its_place_is_not_dialed(opened):
    """A copy of some other database was put where this one is."""
    store, _, path = opened
    store.require_original()
    mark = Path(f"{path}.installation")
    mark.write_text(mark.read_text("utf-8").replace('"installation": "', '"installation": "0'))
    with pytest.raises(StoreError, match="another one than was last dialed here"):
        store.require_original()
