"""A database as an older program would have left it: its tables, with what a newer one holds."""

from alembic import command
from sqlalchemy import MetaData, create_engine, select

from inkbatch.adapters.store.migrating import configuration

FIRST_WITH_FILES, FIRST_WITH_PLAIN_ROWS = "0002", "0003"


def write_older_database(source, target, *, revision):
    """Copy an SQLite database into a new one at an earlier revision, as far as that has columns.

    Programs before plain rows stored a row for each contact, and before files each with its file.
    """
    newer, older = (create_engine(f"sqlite:///{path}") for path in (source, target))
    with newer.connect() as reading, older.begin() as writing:
        config = configuration()
        config.attributes["connection"] = writing
        command.upgrade(config, revision)
        held, wanted = MetaData(), MetaData()
        held.reflect(reading)
        wanted.reflect(writing)
        for table in wanted.sorted_tables:
            rows = _rows_of(reading, held, table.name, revision=revision)
            kept = [{key: row[key] for key in row.keys() & table.columns.keys()} for row in rows]
            if kept and table.name != "alembic_version":
                writing.execute(table.insert(), kept)
    newer.dispose()
    older.dispose()
    return target


def _rows_of(reading, held, name, *, revision):
    if name not in held.tables:
        return []
    rows = [dict(row) for row in reading.execute(select(held.tables[name])).mappings()]
    if name != "list_row" or revision >= FIRST_WITH_PLAIN_ROWS:
        return rows
    contacts = reading.execute(select(held.tables["contact"])).mappings().all()
    (file,) = reading.execute(select(held.tables["list_file"])).mappings().all()
    of_file = {
        "file_id": file["id"],
        "file_name": file["name"],
        "file_sha256": file["sha256"],
        "campaign_id": file["campaign_id"],
        "enrolled_at": file["enrolled_at"],
        "status": "accepted",
    }
    return [
        {**of_file, "row_number": contact["row_number"], "contact_id": contact["id"]}
        for contact in contacts
    ]
