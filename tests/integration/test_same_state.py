"""What is read in several steps is of one state: two connections, or two queries as Arrow."""

import sqlite3

import pytest
from sqlalchemy import func, insert, literal, select

from inkbatch.adapters.store import open_store
from inkbatch.adapters.store.arrow import arrow_streams
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


def test_queries_read_one_after_the_other_see_the_same_state(postgres_url):
    """What is committed while the first is under way is not in the second."""
    store = open_store(postgres_url)
    # More than the pipe holds, so that the other process cannot be done with it before we read.
    numbers = func.generate_series(1, 200_000).table_valued("number")
    many = select(func.repeat(literal("x"), 100).label("text")).select_from(numbers)
    count = select(func.count().label("count")).select_from(organisation)
    streams = arrow_streams(store.engine, many, count)
    first = next(streams)
    rows = next(first).num_rows
    with store.engine.begin() as writer:
        writer.execute(insert(organisation), {"name": "late"})
    rows += sum(batch.num_rows for batch in first)
    (found,) = [batch.to_pylist() for batch in next(streams)]
    assert (rows, found) == (200_000, [{"count": 0}])
    assert list(streams) == []
    store.close()
