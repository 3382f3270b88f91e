"""Opening, upgrading and refusing databases, and what SQLite is told to do."""

import os
import re
import sqlite3
import stat
import subprocess
import sys
import traceback
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from inkbatch.adapters.reports import rows_frame
from inkbatch.adapters.store import current_revision, open_store, upgrade
from inkbatch.adapters.store.engine import journal_mode, parse_url
from inkbatch.adapters.store.migrating import configuration
from inkbatch.adapters.store.revisions import REVISIONS
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.errors import StoreError
from inkbatch.domain.turns import ContactGroup

ZONE_GROUPS = [("Europe/London",), ("America/Chicago", "America/New_York")]

OLDER_ROWS = """
INSERT INTO campaign (id, organisation, name, folder, state, priority, rules, changed_at)
    VALUES (1, 'acme', 'old', '.', 'active', 0, '{}', '2026-11-02 12:00:00');
INSERT INTO contact (id, campaign_id, number, zones, fields, row_number, priority, state,
        waits_until, why, attempts_used, enrolled_at)
    VALUES (1, 1, '+14155550102', 'America/New_York', '{}', 2, 0, 'waiting',
        '2026-11-02 12:00:00', 'new', 0, '2026-11-02 12:00:00');
INSERT INTO list_row (campaign_id, file_name, file_sha256, row_number, status, reason, contact_id,
        enrolled_at)
    VALUES (1, 'one.csv', 'a', 2, 'accepted', NULL, 1, '2026-11-02 12:00:00'),
        (1, 'one.csv', 'a', 3, 'rejected', 'no number', NULL, '2026-11-02 12:00:00'),
        (1, 'two.csv', 'b', 2, 'duplicate', NULL, 1, '2026-11-02 12:00:00');
INSERT INTO shift (id, campaign_id, lock_name, host, pid, started_at)
    VALUES ('shift', 1, 'campaign-1', 'host', 1, '2026-11-02 12:00:00');
INSERT INTO attempt (id, campaign_id, contact_id, number, from_number, ordinal, state, shift_id,
        predicted_minutes, created_at, looks)
    VALUES ('attempt', 1, 1, '+14155550102', '+14155550100', 1, 'withdrawn', 'shift', 1.0,
        '2026-11-02 12:00:00', 0);
"""
LATER = datetime(2026, 11, 9, 12, 0, tzinfo=UTC)

OPEN_AT_ONCE = """
import sys
from datetime import UTC, datetime
from inkbatch.adapters.store import open_store
print("ready", flush=True)
sys.stdin.readline()
store, now = open_store(sys.argv[1]), datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
with store.transaction() as tx:
    tx.hold(sys.argv[2], until=now.replace(year=2030), reason="x", now=now)
"""

CLAUSES = re.compile(r",(?![^(]*\))|(?<=\w) \(\n")
SQLITE_CATALOG = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_auto%'"
POSTGRESQL_CATALOG = """
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT table_name || '.' || column_name, data_type || is_nullable
FROM information_schema.columns WHERE table_schema = 'public'
"""


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def refusal(database_url, **options) -> str:
    """Return the sentence with which opening is refused."""
    with pytest.raises(StoreError) as refused:
        open_store(database_url, **options)
    return str(refused.value)


def catalog(engine) -> dict[str, list[str]]:
    """Return everything that the database says of its tables but for Alembic's own."""
    query = SQLITE_CATALOG if engine.dialect.name == "sqlite" else POSTGRESQL_CATALOG
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(query).all()
    # A table's clauses are compared as a set: their order means nothing.
    return {
        name: sorted(" ".join(clause.split()).strip(" ()") for clause in CLAUSES.split(sql or ""))
        for name, sql in rows
        if not name.startswith("alembic_version")
    }


def test_a_new_sqlite_file_is_created_and_upgraded(tmp_path):
    """`open_store` on a path that does not exist is all that a new user needs."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert current_revision(url) is None
    open_store(url).close()
    assert current_revision(url) == REVISIONS[-1]


@pytest.mark.parametrize("open_to_others", [0o022, 0o002, 0o000])
def test_nobody_else_may_read_a_new_sqlite_file_or_what_lies_beside_it(tmp_path, open_to_others):
    """People's numbers are in it and in its journal, whatever the umask leaves to others."""
    before = os.umask(open_to_others)
    try:
        store = open_store(f"sqlite:///{tmp_path / 'new.db'}")
        store.require_original()
        lock = store.take_lock("campaign-1")
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    finally:
        os.umask(before)
    lock.release()
    store.close()
    assert {"new.db", "new.db.campaign-1.lock", "new.db.installation"} < modes.keys()
    assert set(modes.values()) == {0o600}


def test_who_may_read_an_older_file_is_left_to_its_owner(tmp_path):
    """Somebody may have given it to a group; it is opened as it is."""
    path = tmp_path / "old.db"
    path.touch(0o640)
    path.chmod(0o640)
    open_store(f"sqlite:///{path}").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_an_older_sqlite_file_is_upgraded_on_opening(tmp_path):
    """A database from before the first revision opens and goes on, and keeps what it has."""
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE kept (value TEXT)")
        connection.execute("INSERT INTO kept VALUES ('here')")
    connection.close()
    store = open_store(f"sqlite:///{path}")
    with store.engine.connect() as opened:
        assert opened.exec_driver_sql("SELECT value FROM kept").scalar_one() == "here"
    store.close()
    assert current_revision(f"sqlite:///{path}") == REVISIONS[-1]


def test_upgrading_again_changes_nothing(database_url):
    """An upgrade that is not needed is no work."""
    upgrade(database_url)
    assert current_revision(database_url) == REVISIONS[-1]


def test_two_processes_may_start_on_a_new_file_at_once(tmp_path):
    """One creates the tables, the other finds them, and both go on."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    names = ["first", "second"]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_AT_ONCE, url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0, 0]
    with sqlite3.connect(tmp_path / "new.db") as connection:
        rows = connection.execute("SELECT organisation FROM budget_hold ORDER BY organisation")
        assert [row[0] for row in rows] == names
    connection.close()


def test_the_revisions_are_those_of_the_migrations():
    """The program knows its revisions without loading Alembic; here they are held to it."""
    scripts = ScriptDirectory.from_config(configuration())
    assert [script.revision for script in scripts.walk_revisions()] == [*reversed(REVISIONS)]


@pytest.fixture(params=["sqlite", "postgresql"])
def older_url(request, tmp_path) -> str:
    """A database that the first program made, with rows of two files."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in OLDER_ROWS.split(";\n")[:-1]:
            connection.exec_driver_sql(statement)
    engine.dispose()
    return url


def test_rows_stored_by_an_older_program_are_kept(older_url):
    """An upgrade moves what each row said of its file, and loses none."""
    upgrade(older_url)
    engine = create_engine(parse_url(older_url))
    with engine.connect() as connection:
        stored = connection.exec_driver_sql(
            "SELECT f.name, f.sha256, r.row_number, r.status, r.reason, r.contact_id "
            "FROM list_row r JOIN list_file f ON f.id = r.file_id ORDER BY f.id, r.row_number"
        ).all()
    engine.dispose()
    assert [tuple(row) for row in stored] == [
        ("one.csv", "a", 2, "accepted", None, 1),
        ("one.csv", "a", 3, "rejected", "no number", None),
        ("two.csv", "b", 2, "duplicate", None, 1),
    ]


def test_a_pause_of_before_the_upgrade_is_remembered(older_url):
    """Of a campaign that was paused it is known since when, as far as its last change tells."""
    engine = create_engine(parse_url(older_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE campaign SET state = 'paused'")
    upgrade(older_url)
    with engine.connect() as connection:
        told = connection.exec_driver_sql("SELECT campaign_id, state FROM campaign_state").all()
    engine.dispose()
    assert [tuple(row) for row in told] == [(1, "paused")]


def test_what_an_older_program_stored_goes_on(older_url, now):
    """Its contact may still be called, its attempts refer to it, and its rows are still shown."""
    upgrade(older_url)
    store = open_store(older_url)
    with store.reading() as tx:
        counts = tx.counts(1, now=now)
        (contact,) = tx.due_contacts(1, zones=[("America/New_York",)], now=LATER, limit=5)
    rows = rows_frame(store.engine, 1)
    with store.engine.connect() as connection:
        attempts = connection.exec_driver_sql(
            "SELECT a.id FROM attempt a JOIN contact c ON c.id = a.contact_id"
        ).all()
    store.close()
    assert counts.rows == {"accepted": 1, "rejected": 1, "duplicate": 1}
    assert (contact.number, contact.row_number, contact.why) == ("+14155550102", 2, "new")
    assert rows["status"].tolist() == ["accepted", "rejected", "duplicate"]
    assert [tuple(row) for row in attempts] == [("attempt",)]


ENDED_BEFORE = """
INSERT INTO attempt (id, campaign_id, contact_id, number, from_number, ordinal, state, shift_id,
        predicted_minutes, created_at, reserved_at, looks, disposition, talk_minutes)
    VALUES ('heard', 1, 1, '+14155550102', '+14155550100', 1, 'ended', 'shift', 1.0,
        '2026-11-02 12:00:00', '2026-11-02 23:30:00', 0, 'answered', 2.5),
    ('missed', 1, 1, '+14155550102', '+14155550100', 1, 'ended', 'shift', 1.0,
        '2026-11-02 12:00:00', '2026-11-02 23:40:00', 0, 'no_answer', 0.0)
"""


def test_calls_made_before_an_upgrade_teach_when_to_call(older_url):
    """They are counted by try and by the weekday and hour where the contact lives."""
    engine = create_engine(parse_url(older_url))
    with engine.begin() as connection:
        connection.exec_driver_sql(ENDED_BEFORE)
    upgrade(older_url)
    with engine.connect() as connection:
        counted = connection.exec_driver_sql("SELECT * FROM answer_tally").mappings().all()
    engine.dispose()
    assert [dict(row) for row in counted] == [
        {
            "campaign_id": 1,
            "ordinal": 1,
            "weekday": 0,
            "hour": 18,
            "calls": 2,
            "answered": 1,
            "voicemail": 0,
            "minutes": 2.5,
        }
    ]


def test_references_are_checked_after_an_upgrade(older_url):
    """Tables that others refer to are rebuilt unchecked; nothing that comes after is."""
    if "postgresql" in older_url:
        upgrade(older_url)
    store = open_store(older_url)
    with pytest.raises(IntegrityError), store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE attempt SET contact_id = 999")
    store.close()


def _can_be_compared(_object, name, *_) -> bool:
    """Alembic cannot read descending indexes back from SQLite; the catalog test compares them.

    Nor does it know that an index is one backend's alone.
    """
    return name not in ("contact_due", "contact_deadline", "contact_place")


def test_autogenerate_finds_no_difference(store):
    """The migrations lead to what the models say, as far as Alembic can tell."""
    with store.engine.connect() as connection:
        options = {"compare_type": True, "include_object": _can_be_compared}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, SQLModel.metadata)
    assert differences == []


def test_the_catalog_finds_no_difference_in_sqlite(sqlite_url, tmp_path):
    """Nor in what Alembic cannot compare: conditions of indexes, checks, orders."""
    made = create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    SQLModel.metadata.create_all(made)
    assert catalog(create_engine(sqlite_url)) == catalog(made)


def test_the_catalog_finds_no_difference_in_postgresql(postgres_url, empty_postgres_url):
    """The same in PostgreSQL."""
    made, migrated = (create_engine(parse_url(url)) for url in (empty_postgres_url, postgres_url))
    SQLModel.metadata.create_all(made)
    assert catalog(migrated) == catalog(made)
    made.dispose()
    migrated.dispose()


def test_postgresql_is_upgraded_by_command_only(empty_postgres_url):
    """A shared server is never changed by a program that merely starts."""
    assert "`inkbatch db upgrade`" in refusal(empty_postgres_url)
    assert current_revision(empty_postgres_url) is None
    upgrade(empty_postgres_url)
    open_store(empty_postgres_url).close()


def test_opening_without_upgrade_creates_nothing(tmp_path):
    """`upgrade=False` on a missing file says what to do and leaves no file behind."""
    assert "`inkbatch db upgrade`" in refusal(f"sqlite:///{tmp_path / 'no.db'}", upgrade=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fixture", ["sqlite_url", "empty_postgres_url"])
def test_a_database_of_a_newer_program_is_refused(request, fixture):
    """Going back to an older program must not write what the newer one does not expect."""
    database_url = request.getfixturevalue(fixture)
    upgrade(database_url)
    store = open_store(database_url)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    assert "A newer inkbatch made" in refusal(database_url)
    with pytest.raises(StoreError, match="Upgrade inkbatch"):
        upgrade(database_url)


@pytest.mark.parametrize(
    ("database_url", "sentence"),
    [
        ("sqlite://", "A database in memory would lose what must survive"),
        ("sqlite:///:memory:", "A database in memory would lose what must survive"),
        ("mysql://host/name", "A database of kind mysql is not supported"),
        ("inkbatch.db", "The database URL cannot be read"),
        ("postgres://user:secret@127.0.0.1:1/inkbatch", "PostgreSQL database inkbatch on 127.0.0"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_sentence(database_url, sentence):
    """It names the database and what to do, and never a password, not even in its causes."""
    with pytest.raises(StoreError, match=sentence) as refused:
        open_store(database_url)
    assert "secret" not in "".join(traceback.format_exception(refused.value))


def test_a_missing_folder_is_named(tmp_path):
    """A path that cannot be created says which one."""
    message = refusal(f"sqlite:///{tmp_path}/missing/inkbatch.db")
    assert f"Cannot create the database file {tmp_path}/missing/inkbatch.db" in message
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    """A spreadsheet given by mistake is neither opened nor changed."""
    path = tmp_path / "people.csv"
    path.write_text("phone\n+14155550102\n" * 100)
    assert "file is not a database" in refusal(f"sqlite:///{path}")
    assert path.read_text().startswith("phone\n")


def test_a_replaced_lock_file_is_noticed(sqlite_url):
    """A lock whose file somebody took away guards nothing, so it no longer counts as held."""
    store = open_store(sqlite_url)
    lock = store.take_lock("campaign-1")
    Path(f"{parse_url(sqlite_url).database}.campaign-1.lock").unlink()
    assert not lock.is_held()
    store.close()


def test_a_lost_connection_loses_the_lock(postgres_url):
    """The server frees the lock of a connection it drops, and its holder is told so."""
    store = open_store(postgres_url)
    lock = store.take_lock("campaign-1")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
    assert not lock.is_held()
    assert store.take_lock("campaign-1") is not None
    store.close()


LOCKING = (
    "FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'inkbatch dialing lock'"
)


def test_looking_whether_other_shifts_live_begins_no_server_process_each_time(postgres_url):
    """Each pass tries the lock of every other shift; a connection is a process of the server."""
    others = pids_of_locks(postgres_url)
    with closing(open_store(postgres_url)) as one, closing(open_store(postgres_url)) as other:
        lock = one.take_lock("campaign-1")
        before = pids_of_locks(postgres_url) - others
        assert [other.take_lock("campaign-1") for _ in range(5)] == [None] * 5
        lock.release()
        for _ in range(5):
            other.take_lock("campaign-1").release()
        after = pids_of_locks(postgres_url) - others
        assert (len(before), len(after)) == (1, 2)
        assert before < after


def pids_of_locks(url):
    """Return the server's processes for connections that hold locks, or held some."""
    with psycopg.connect(url) as connection:
        return {pid for (pid,) in connection.execute(f"SELECT pid {LOCKING}")}


def test_a_lock_is_taken_though_the_server_cut_the_connection_kept_for_it(postgres_url):
    """PostgreSQL was restarted between two passes."""
    with closing(open_store(postgres_url)) as store:
        store.take_lock("campaign-1").release()
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f"SELECT pg_terminate_backend(pid, 10000) {LOCKING}")
        lock = store.take_lock("campaign-1")
        assert lock is not None
        assert lock.is_held()


@pytest.mark.parametrize(
    ("version", "mode"), [((3, 40, 1), "PERSIST"), ((3, 51, 2), "PERSIST"), ((3, 51, 3), "WAL")]
)
def test_wal_is_used_only_where_it_is_safe(version, mode):
    """SQLite up to 3.51.2 can corrupt a WAL database that two connections use."""
    assert journal_mode(version) == mode


def test_sqlite_is_durable_and_checks_its_references(sqlite_url):
    """Each connection has what the promises need, and writers wait for one another."""
    store = open_store(sqlite_url)
    with store.engine.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("synchronous", "foreign_keys", "busy_timeout", "journal_mode")
        }
    store.close()
    expected_mode = journal_mode(sqlite3.sqlite_version_info).lower()
    assert told == {
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "journal_mode": expected_mode,
    }


DEADLINE_GROUP = ContactGroup(
    zones=("America/New_York",), priority=0, first_at=LATER, expires_at=LATER
)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda tx, _now: tx.zone_queues(1), "contact_due"),
        (
            lambda tx, now: tx.due_contacts(1, zones=ZONE_GROUPS, now=now, limit=5),
            "contact_due",
        ),
        (lambda tx, _now: tx.waiting_groups(1), "contact_due"),
        (
            lambda tx, now: tx.deadline_groups(1, before=now, limit=9),
            "contact_deadline (campaign_id=? AND state=? AND zones=? AND expires_at>",
        ),
        (
            lambda tx, now: tx.contacts_in_turn(1, [[DEADLINE_GROUP]], now=now, limit=5),
            "contact_deadline (campaign_id=? AND state=? AND zones=? AND expires_at=?",
        ),
        (lambda tx, _now: tx.answer_tallies(1), "answer_tally"),
        (lambda tx, now: tx.number_facts(["+14155550102"], since=now, now=now), "attempt_number"),
        (
            lambda tx, _now: tx.numbers_in_other_campaigns(
                ["+14155550102"], campaign_id=1, organisation="acme"
            ),
            "contact_number (number=?",
        ),
        (lambda tx, _now: tx.planned_attempts([1]), "attempt_one_unfinished_per_contact"),
        (
            lambda tx, _now: tx.open_attempts(AttemptState.PLACED, campaign_id=1),
            "attempt_unfinished",
        ),
        (lambda tx, now: tx.dialed_since(1, since=now, limit=9), "attempt_campaign"),
        (lambda tx, now: tx.count_dialed(1, since=now), "attempt_campaign"),
        (lambda tx, _now: tx.talk_minutes(1, limit=5), "attempt_campaign"),
        (
            lambda tx, now: tx.usage("acme", now=now),
            "budget_entry_calls (organisation=? AND calls_until>?)",
        ),
        (lambda tx, now: tx.current_hold("acme", now=now), "budget_hold_until"),
        (lambda tx, _now: tx.count_waiting(1, limit=9), "contact_due"),
        (lambda tx, now: tx.campaigns_to_look_at("acme", now=now), "attempt_unfinished"),
    ],
)
def test_what_a_pass_asks_is_answered_from_an_index(sqlite_url, now, ask, index):
    """No question of a pass scans a table or sorts it, so a long history costs nothing."""
    store, plan = open_store(sqlite_url), []

    class Explaining(sqlite3.Cursor):
        """Asks, before each question, how it will be answered."""

        def execute(self, statement, parameters=()):
            if statement.startswith(("SELECT", "WITH")):
                super().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plan.extend(row[-1] for row in self)
            return super().execute(statement, parameters)

    class Explained(sqlite3.Connection):
        def cursor(self):
            return super().cursor(Explaining)

    @event.listens_for(store.engine, "do_connect")
    def _connect(_dialect, _record, _arguments, options):
        options["factory"] = Explained

    store.engine.dispose()  # what is connected already explains nothing
    with store.reading() as tx:
        ask(tx, now)
    store.close()
    plan = "\n".join(plan)
    assert index in plan
    assert "SCAN attempt" not in plan
    assert "SCAN contact" not in plan
    assert "SCAN budget" not in plan
    assert index != "contact_due" or "TEMP B-TREE" not in plan
