"""The sheet that a campaign names, from the workbook to the store."""

import pandas as pd

from inkbatch.settings import Settings
from inkbatch.wiring import Workplace, load_campaign

CAMPAIGN = """
name = "spring"
call_list = "people.xlsx"
{sheet}
from_numbers = ["+14155550100"]
[calling_window]
weekdays = ["09:00-20:00"]
"""


def enrolled(folder, sheet):
    """Enroll the list as `run` does, and return how many rows it had and how many were new."""
    (folder / "campaign.toml").write_text(CAMPAIGN.format(sheet=sheet), "utf-8")
    settings = Settings(_env_file=None, database_url=f"sqlite:///{folder}/inkbatch.db")
    workplace = Workplace(settings=settings)
    store = workplace.open_store()
    found = workplace.enroll(store, load_campaign(folder), folder).enrolled
    store.close()
    return found.rows, found.contacts_added, found.known_rows


def test_each_sheet_of_a_workbook_is_a_list_of_its_own(tmp_path):
    """Whoever names another sheet gets its people enrolled, though the file is the same."""
    with pd.ExcelWriter(tmp_path / "people.xlsx") as book:
        for sheet, numbers in {"April": ["+14155550132"], "May": ["+14155550133"]}.items():
            frame = pd.DataFrame({"Name": [sheet] * len(numbers), "Phone": numbers})
            frame.to_excel(book, sheet_name=sheet, index=False)
    assert enrolled(tmp_path, "") == (1, 1, 0)
    assert enrolled(tmp_path, 'sheet = "May"') == (1, 1, 0)
    assert enrolled(tmp_path, 'sheet = "May"') == (1, 0, 1)
