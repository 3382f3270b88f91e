"""The process that `arrow.py` runs: queries by ADBC, each written to standard output as Arrow.

It is run as a file, so that it imports nothing of inkbatch and is there in a fifth of a second.
Its last line on standard error is `done`, or why not: the address that it was given may hold a
password, and is not in it.
"""

import json
import sys
from types import ModuleType
from typing import Any

import pyarrow as pa

BATCH_ROWS = 65_536

# ADBC loads it to take data in, and with it pandas: a quarter of a second that nothing here needs.
sys.modules["pyarrow.dataset"] = ModuleType("pyarrow.dataset")


def main() -> None:
    """Do the one task that standard input describes."""
    task = json.load(sys.stdin)
    try:
        with _connected(task) as connection, connection.cursor() as cursor:
            if task["driver"] == "sqlite":
                cursor.execute(f"PRAGMA busy_timeout = {int(task['busy_milliseconds'])}").fetchall()
                cursor.adbc_statement.set_options(
                    **{"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)}
                )
            else:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            for statement in task["statements"]:  # in one transaction, so of one state
                cursor.execute(statement)
                with cursor.fetch_record_batch() as reader:
                    _write(reader)
    except Exception as error:  # noqa: BLE001 (whatever fails is told to the other process)
        lines = str(error).replace(task["uri"], "the database").splitlines()
        print("failed:", lines[0] if lines else type(error).__name__, file=sys.stderr)  # noqa: T201 (how a child tells its parent)
        sys.exit(1)
    print("done", file=sys.stderr)  # noqa: T201 (how a child tells its parent)


def _write(reader: pa.RecordBatchReader) -> None:
    with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as stream:
        for batch in reader:
            stream.write_batch(batch)


def _connected(task: dict[str, Any]) -> Any:
    if task["driver"] == "sqlite":
        from adbc_driver_sqlite import dbapi as sqlite  # noqa: PLC0415 (one of the two is needed)

        return sqlite.connect(task["uri"])
    from adbc_driver_postgresql import dbapi as postgresql  # noqa: PLC0415 (the other one)

    return postgresql.connect(task["uri"])


if __name__ == "__main__":
    main()
