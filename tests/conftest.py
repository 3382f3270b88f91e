"""Databases for tests: a fresh SQLite file or a fresh database of a real PostgreSQL server."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pgserver
import psycopg
import pytest
from sqlmodel import SQLModel

from inkbatch.adapters.store import SqlStore, open_store, upgrade

RUN_ALONE = {
    "test_kill.py",
    "test_many_kills.py",
    "test_mistakes.py",
    "test_seeds.py",
    "test_steering.py",
}
"""Their tests are long and share nothing, so that every process may take the next one."""


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are processors: many tests wait for other programs."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in its own
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of any other file in one process, with what they share."""
    for item in items:
        if item.path.name not in RUN_ALONE:
            item.add_marker(pytest.mark.xdist_group(item.path.name))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[pgserver.PostgresServer]:
    """Start one server per test process; as root it runs as a system user of its own."""
    # Not under pytest's folder: its path would be too long for the server's socket.
    folder = tempfile.mkdtemp(prefix="inkbatch-pg-")
    server = pgserver.get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # Its data live no longer than the tests, so nothing needs to reach the disk.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def database_names() -> Iterator[str]:
    """Names that no other test of this session uses."""
    return (f"test_{number}" for number in count())


@pytest.fixture(scope="session")
def upgraded_postgres_url(postgres_server, database_names) -> str:
    """One upgraded database, which the tests of this process use in turn."""
    url = _create_database(postgres_server, next(database_names))
    upgrade(url)
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    """An upgraded file that others are copied from."""
    path = tmp_path_factory.mktemp("template") / "inkbatch.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def empty_postgres_url(postgres_server, database_names) -> str:
    """A database without any table."""
    return _create_database(postgres_server, next(database_names))


@pytest.fixture
def postgres_url(upgraded_postgres_url) -> Iterator[str]:
    """An upgraded database without any row."""
    yield upgraded_postgres_url
    with psycopg.connect(upgraded_postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute(f"TRUNCATE {', '.join(SQLModel.metadata.tables)} RESTART IDENTITY")


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path) -> str:
    """An upgraded file without any row."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request) -> str:
    """Each backend in turn; whatever uses it is a promise of both."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(fixture))


@pytest.fixture
def store(database_url) -> Iterator[SqlStore]:
    """An open store on each backend in turn."""
    opened = open_store(database_url)
    yield opened
    opened.close()


def _create_database(server, name: str) -> str:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return str(server.get_uri(name))
