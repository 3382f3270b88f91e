"""What is said of the rows of a list, and the file that is given back."""

import csv

import openpyxl
import pytest

from inkbatch.adapters.call_lists import findings, open_call_list, write_findings
from inkbatch.domain.call_list import Columns
from inkbatch.domain.errors import UserMistake
from inkbatch.domain.list_row import RowStatus

LIST = (
    "Name,Phone,Note\n"
    "Ada,+1 415 555 0132,=1+1\n"
    "Ben,4155550133.0,\n"
    ",,\n"
    'Clara,4.15555E+09,"two\nlines"\n'
    "Dalia,(415) 555-0132,@x\n"
    "Emeka,+14155550134,\n"
)
HEADER = ("Name", "Phone", "Note", "inkbatch status", "inkbatch reason")
REASONS = (
    ("accepted", ""),
    ("repaired", "Phone: a spreadsheet had made the number a decimal one; its .0 was dropped"),
    ("rejected", "the row is empty"),
    ("rejected", "Phone: a spreadsheet shortened the number"),
    ("duplicate", "Phone: row 2 has the same number, and is the one to call"),
    ("suppressed", "Phone: on the suppression list: asked"),
)


@pytest.fixture
def opened(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(LIST, "utf-8")
    suppressed = {"+14155550134": "asked"}
    return open_call_list(path, columns=Columns(), default_region="US", suppressed=suppressed)


def test_findings_group_what_is_alike(tmp_path):
    """Ten thousand rows with one fault are one finding, with the first of them as examples."""
    path = tmp_path / "people.csv"
    path.write_text("Phone\n" + "+14155550132\n" * 9 + "x\n" * 7)
    found = findings(open_call_list(path, columns=Columns(), default_region="US").batches)
    assert [(group.status.value, group.rows) for group in found.groups] == [
        ("rejected", 7),
        ("duplicate", 8),
    ]
    assert [row.row_number for row in found.groups[0].examples] == [11, 12, 13, 14, 15]


def test_the_account_adds_up(opened):
    """Each row has one status, and none is left out."""
    found = findings(opened.batches)
    assert found.by_status == {
        RowStatus.ACCEPTED: 1,
        RowStatus.REPAIRED: 1,
        RowStatus.DUPLICATE: 1,
        RowStatus.SUPPRESSED: 1,
        RowStatus.REJECTED: 2,
    }
    assert (found.rows, found.rejected) == (6, 2)


def test_who_waits_for_findings_is_told_of_each_row(opened, tmp_path):
    """The rows that are told while they are written add up to those of the list."""
    told = []
    found = write_findings(opened, tmp_path / "findings.csv", count=told.append)
    assert sum(told) == found.rows == 6


def test_a_workbook_of_findings_is_the_list_with_two_more_columns(opened, tmp_path):
    """Row for row the person's own cells, all of them text, so that none is a formula."""
    found = write_findings(opened, tmp_path / "findings.xlsx")
    assert found == findings(opened.batches)
    sheet = openpyxl.load_workbook(tmp_path / "findings.xlsx").active
    header, *rows = sheet.iter_rows()
    assert tuple(cell.value for cell in header) == HEADER
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    cells = [tuple(cell.value or "" for cell in row) for row in rows]
    assert cells[0][:3] == ("Ada", "+1 415 555 0132", "=1+1")
    assert cells[3][2] == "two\nlines"
    for (*_, status, reason), (expected, start) in zip(cells, REASONS, strict=True):
        assert status == expected
        assert reason.startswith(start)
        assert bool(reason) == bool(start)


def test_a_text_file_of_findings_holds_no_formula(opened, tmp_path):
    """A cell that would be computed gets an apostrophe, the numbers among them."""
    write_findings(opened, tmp_path / "findings.csv")
    with (tmp_path / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == HEADER
    assert rows[0][:3] == ["Ada", "'+1 415 555 0132", "'=1+1"]
    assert rows[4][:3] == ["Dalia", "(415) 555-0132", "'@x"]
    assert [row[3] for row in rows] == [status for status, _ in REASONS]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_findings_can_be_corrected_and_read_again(opened, tmp_path, ending):
    """The file given back is a call list like any other, and says the same of every row."""
    path = tmp_path / f"findings.{ending}"
    write_findings(opened, path)
    again = open_call_list(
        path, columns=Columns(), default_region="US", suppressed=opened.suppressed
    )
    assert [row.number for row in again] == [row.number for row in opened]
    assert [row.status for row in again][3:] == [row.status for row in opened][3:]


def test_the_list_itself_is_never_overwritten(opened, tmp_path):
    """Neither by its name nor by a link to it."""
    (tmp_path / "link.csv").symlink_to(opened.path)
    (tmp_path / "hard.csv").hardlink_to(opened.path)
    for name in ("people.csv", "link.csv", "hard.csv", "../" + tmp_path.name + "/people.csv"):
        with pytest.raises(UserMistake, match="is the list itself"):
            write_findings(opened, tmp_path / name)
    assert opened.path.read_text("utf-8") == LIST


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("findings.pdf", r"end its name in \.xlsx or \.csv"),
        ("nowhere/findings.csv", "cannot be written: No such file"),
        ("folder.csv", "cannot be written: Is a directory"),
    ],
)
def test_where_findings_cannot_be_written_is_told(opened, tmp_path, name, message):
    """The sentence names the file, and nothing half written is left."""
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UserMistake, match=message):
        write_findings(opened, tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "people.csv"]


def test_what_a_sheet_cannot_hold_is_not_cut_off(tmp_path):
    """A text too long for a cell of .xlsx is kept by .csv, and never lost in silence."""
    path = tmp_path / "people.csv"
    path.write_text("Phone,Note\n+14155550132," + "x" * 40_000 + "\n")
    opened = open_call_list(path, columns=Columns(), default_region=None)
    with pytest.raises(UserMistake, match=r"32,767 characters; write the findings as \.csv"):
        write_findings(opened, tmp_path / "findings.xlsx")
    assert not (tmp_path / "findings.xlsx").exists()
    write_findings(opened, tmp_path / "findings.csv")
    assert "x" * 40_000 in (tmp_path / "findings.csv").read_text("utf-8-sig")
