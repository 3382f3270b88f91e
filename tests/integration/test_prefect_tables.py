"""Prefect's own tables in a file, which spare the demo Prefect's migrations."""

from flows.prefect_tables import TABLES, make_prefect_tables, migrated_tables


def test_prefect_finds_its_tables_up_to_date(tmp_path):
    """The installed Prefect has nothing to migrate; else `python -m flows.prefect_tables`."""
    make_prefect_tables(tmp_path)
    assert migrated_tables(tmp_path) == TABLES.read_text("utf-8")
