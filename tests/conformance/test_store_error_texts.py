"""What a failing database says: no value of a row is in it, nor in the traceback's chain."""

import traceback

import pytest
from sqlalchemy import text

from inkbatch.adapters.store.translation import translated
from inkbatch.domain.errors import StoreError

HER, NAME = "+14155550102", "Ottilie"


def everything_told(error):
    """Return what a crash prints, with the whole chain of errors."""
    return "".join(traceback.format_exception(error))


def write_nowhere(store):
    """Insert into a table that does not exist."""
    with translated(), store.engine.begin() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:number)"), {"number": HER})


def copy_into(store, column):
    """Copy a row into a table whose column of the number has this type."""
    with translated(), store.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TEMP TABLE t (name text, number {column})")
        with connection.connection.cursor().copy("COPY t FROM STDIN") as copy:
            copy.write_row((NAME, f"{HER}x"))


def test_a_statement_that_fails_tells_no_parameter(store):
    """The statement may be told, and what is wrong with it; whom it was about may not."""
    with pytest.raises(StoreError, match="nowhere") as caught:
        write_nowhere(store)
    assert HER not in everything_told(caught.value)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("column", ["integer", "varchar(3)"])
def test_a_row_that_is_refused_on_its_way_in_is_not_told(store, column):
    """PostgreSQL quotes the value, and the line of the COPY that it stood in."""
    with pytest.raises(StoreError, match="The database failed") as caught:
        copy_into(store, column)
    told = everything_told(caught.value)
    assert [value for value in (HER, NAME) if value in told] == []
