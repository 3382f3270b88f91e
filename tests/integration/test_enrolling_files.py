"""Files of a campaign, from the folder to the store."""

import sqlite3

import pandas as pd
import phonenumbers
from sqlalchemy import event

from inkbatch.settings import Settings
from inkbatch.wiring import Workplace, load_campaign

CAMPAIGN = """
name = "spring"
call_list = "{file}"
{sheet}
from_numbers = ["+14155550100"]
[calling_window]
weekdays = ["09:00-20:00"]
"""
VARIABLES_MAX = 10_100
"""SQLite may be built to take no more values in a statement, and often takes 32,766."""


def enrolled(folder, *, file="people.xlsx", sheet=""):
    """Enroll the list as `run` does, and return how many rows it had and how many were new."""
    text = CAMPAIGN.format(file=file, sheet=sheet)
    (folder / "campaign.toml").write_text(text, "utf-8")
    settings = Settings(_env_file=None, database_url=f"sqlite:///{folder}/inkbatch.db")
    workplace = Workplace(settings=settings)
    store = workplace.open_store()
    store.engine.dispose()
    event.listen(store.engine, "connect", take_few_values)
    found = workplace.enroll(store, load_campaign(folder), folder).enrolled
    store.close()
    return found.rows, found.contacts_added, found.duplicates


def take_few_values(connection, _record):
    connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, VARIABLES_MAX)


def has_reserved_numbers(area):
    return phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550100"))


def test_each_sheet_of_a_workbook_is_a_list_of_its_own(tmp_path):
    """Whoever names another sheet gets its people enrolled, though the file is the same."""
    with pd.ExcelWriter(tmp_path / "people.xlsx") as book:
        for sheet, number in {"April": "+14155550132", "May": "+14155550133"}.items():
            frame = pd.DataFrame({"Name": [sheet], "Phone": [number]})
            frame.to_excel(book, sheet_name=sheet, index=False)
    assert enrolled(tmp_path) == (1, 1, 0)
    assert enrolled(tmp_path, sheet='sheet = "May"') == (1, 1, 0)
    assert enrolled(tmp_path, sheet='sheet = "May"') == (1, 0, 0)


def test_a_long_list_of_known_people_is_read_by_any_build_of_sqlite(tmp_path):
    """The same numbers in another order are duplicates, however many come at once."""
    areas = [area for area in range(201, 600) if has_reserved_numbers(area)]
    numbers = [f"+1{area}55501{last:02d}" for area in areas[:120] for last in range(100)]
    for name, column in {"one.csv": numbers, "two.csv": numbers[::-1]}.items():
        (tmp_path / name).write_text("\n".join(["phone", *column]), "utf-8")
    rows, added, _ = enrolled(tmp_path, file="one.csv")
    assert rows == added > VARIABLES_MAX
    assert enrolled(tmp_path, file="two.csv") == (rows, 0, rows)
