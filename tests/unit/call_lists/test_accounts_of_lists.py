"""A corpus of damaged lists: whatever is wrong with a file, each of its rows is accounted for."""

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import openpyxl
import pandas as pd
import pytest

from inkbatch.adapters.call_lists import findings, open_call_list, write_findings
from inkbatch.domain.call_list import Columns
from inkbatch.domain.list_row import RowStatus

HEADER = ("Name", "Phone", "Time zone", "Country", "Priority", "Deadline", "Consent")
SUPPRESSED = {"+14155550100": "asked not to be called", "+442079460007": "moved"}
ROWS = 60


@dataclass(frozen=True)
class Damage:
    """What may be wrong with a cell of each column; a cell in three is damaged."""

    phones: tuple[str, ...] = ()
    others: dict[str, tuple[str, ...]] = field(default_factory=dict)


DAMAGES = {
    "clean": Damage(),
    "spreadsheet": Damage(phones=("4.15555E+09", "4155550142.0", "#N/A", "-4155550143", "TRUE")),
    "typing": Damage(
        phones=("", "415555013", "415-555-0144 x7", "ask Ben", "4155550132/33", "n/a")
    ),
    "abroad": Damage(
        phones=("020 7946 0123", "00442079460124", "+44 (0)20 7946 0125"),
        others={"Country": ("UK", "Atlantis", "United Kingdom", "")},
    ),
    "zones": Damage(others={"Time zone": ("EST", "UTC-5", "Mars", "Eastern", "IST")}),
    "times": Damage(others={"Deadline": ("30/11/2026", "2026-11-30", "tomorrow", "9999-12-31")}),
    "priorities": Damage(others={"Priority": ("high", "5.0", "-3", "1e9")}),
    "consent": Damage(others={"Consent": ("no", "opt-out", "perhaps", "ja")}),
    "twice": Damage(phones=("+1 415 555 0133", "(415) 555-0133", "14155550133", "4155550133.0")),
    "control characters": Damage(
        phones=(
            "\u200e+14155550134",
            "\u00a0",
            "\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff13\uff15",
        )
    ),
}


def rows_with(damage):
    chance = random.Random(20261122)
    rows = []
    for row in range(ROWS):
        cells = {"Name": f"Person {row}", "Phone": f"+1415555{100 + row:04d}", "Consent": "yes"}
        if damage.phones and chance.random() < 1 / 3:
            cells["Phone"] = chance.choice(damage.phones)
        for column, values in damage.others.items():
            if chance.random() < 1 / 3:
                cells[column] = chance.choice(values)
        rows.append([cells.get(column, "") for column in HEADER])
    return rows


def as_text(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])


def as_semicolons_of_windows(path, rows):
    with path.open("w", encoding="utf-16", newline="") as file:
        file.write("Our customers, all of them\r\n\r\n")
        csv.writer(file, delimiter=";").writerows([HEADER, *rows])


def as_workbook(path, rows):
    """Numbers and dates are typed, as far as they are such, and a row is hidden."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (HEADER, *rows):
        sheet.append([_typed(cell) for cell in row])
    sheet.row_dimensions[5].hidden = True
    book.save(path)


def _typed(cell):
    if cell.isdecimal() and cell.isascii():
        return int(cell)
    if cell == "2026-11-30":
        return datetime(2026, 11, 30)  # noqa: DTZ001 (a cell of a workbook has no zone)
    return cell or None


def as_parquet(path, rows):
    pd.DataFrame(rows, columns=list(HEADER)).to_parquet(path)


FORMS: dict[str, tuple[str, Callable[..., None]]] = {
    "csv": ("people.csv", as_text),
    "utf-16": ("people.txt", as_semicolons_of_windows),
    "xlsx": ("people.xlsx", as_workbook),
    "parquet": ("people.parquet", as_parquet),
}


def opened(path):
    return open_call_list(path, columns=Columns(), default_region="US", suppressed=SUPPRESSED)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("form", ["csv", "utf-16"])
def test_every_row_of_a_damaged_list_has_one_status(tmp_path, form, damage):
    """Accepted, repaired, duplicate, suppressed and rejected add up to the rows of the file."""
    assert_accounted(tmp_path, form, damage)


@pytest.mark.parametrize(
    ("form", "damage"), [("xlsx", "spreadsheet"), ("xlsx", "times"), ("parquet", "twice")]
)
def test_every_row_of_a_damaged_workbook_has_one_status(tmp_path, form, damage):
    """The same holds where cells have types."""
    assert_accounted(tmp_path, form, damage)


def assert_accounted(folder, form, damage):
    name, write = FORMS[form]
    rows = rows_with(DAMAGES[damage])
    write(folder / name, rows)
    call_list = opened(folder / name)
    found = findings(call_list.batches)
    assert found.rows == len(rows)
    assert sum(found.by_status.values()) == len(rows)
    read = list(call_list)
    assert [row.fields["name"] for row in read] == [name for name, *_ in rows]
    for status in RowStatus:
        assert sum(row.status is status for row in read) == found.by_status[status]
    assert all(row.reason or row.status is RowStatus.ACCEPTED for row in read)
    unsuspicious = sum(row.status is RowStatus.ACCEPTED and not row.reason for row in read)
    assert sum(group.rows for group in found.groups) + unsuspicious == len(rows)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_changes_no_number_into_another(tmp_path, damage):
    """A contact's number is the one that the row had before the damage, or one that it spells."""
    as_text(tmp_path / "people.csv", rows_with(DAMAGES[damage]))
    for row in opened(tmp_path / "people.csv"):
        if row.becomes_contact:
            digits = [letter for letter in row.number if letter.isdecimal()]
            own = f"1415555{100 + row.row_number - 2:04d}"
            spelled = any(
                "".join(digits).endswith(_digits(phone)[-9:]) for phone in DAMAGES[damage].phones
            )
            assert "".join(digits) == own or spelled


def _digits(text):
    return "".join(
        str(int(letter))
        for letter in text.partition("x")[0].removesuffix(".0")
        if letter.isdecimal()
    )


def test_the_file_given_back_has_every_row(tmp_path):
    """No row is lost on the way to the person who mends the list."""
    rows = rows_with(DAMAGES["typing"])
    as_text(tmp_path / "people.csv", rows)
    write_findings(opened(tmp_path / "people.csv"), tmp_path / "findings.csv")
    with (tmp_path / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        _, *back = csv.reader(file)
    assert [row[0] for row in back] == [row[0] for row in rows]
    assert {row[-2] for row in back} <= set(RowStatus)
