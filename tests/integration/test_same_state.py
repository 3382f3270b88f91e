"""A second connection sees what the first one sees, or there is none; it never waits."""

import sqlite3

import pytest
from sqlalchemy import insert, select

from inkbatch.adapters.store import open_store
from inkbatch.adapters.store.engine import reading
from inkbatch.adapters.store.side_by_side import same_state
from inkbatch.adapters.store.tables import organisation


def names(connection):
    return set(connection.execute(select(organisation.c.name)).scalars())


def test_both_see_the_same_whatever_is_written_meanwhile(store):
    """What is committed after the first began is seen by neither."""
    with reading(store.engine).connect() as first:
        before = names(first)
        if store.engine.dialect.name == "postgresql":
            with store.engine.begin() as writer:
                writer.execute(insert(organisation), {"name": "late"})
        with same_state(first) as second:
            assert second is not None
            assert names(second) == names(first) == before


def test_a_writer_about_to_commit_is_not_waited_for(sqlite_url):
    """SQLite lets nobody in beside it, and it waits for the first: there is no second, at once."""
    store = open_store(sqlite_url)
    writer = sqlite3.connect(store.engine.url.database, isolation_level=None, timeout=0)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO organisation (name) VALUES ('new')")
    with reading(store.engine).connect() as first:
        assert names(first) == set()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            writer.execute("COMMIT")
        with same_state(first) as second:
            assert second is None
        assert names(first) == set()
    writer.execute("COMMIT")
    writer.close()
    with reading(store.engine).connect() as first:
        assert names(first) == {"new"}
        with same_state(first) as second:
            assert names(second) == {"new"}
    store.close()
