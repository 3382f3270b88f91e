"""Whole files: forms, faults and the account of every row."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from inkbatch.adapters.call_lists import findings, read_call_list
from inkbatch.domain.call_list import Columns
from inkbatch.domain.errors import CallListError
from inkbatch.domain.list_row import RowStatus

HEADER = ["First name", "Phone", "Time zone", "Country", "Priority", "Not before", "Deadline"]
ROWS = [
    ["Ada", "+14155550132", "", "", "5", "", "2026-11-30"],
    ["Ben", "(212) 555-0101", "America/Chicago", "", "", "2026-11-30 09:30", ""],
    ["", "", "", "", "", "", ""],
    ["NA", "020 7946 0123", "", "UK", "", "", "2026-11-30T17:00+01:00"],
    ["Clara, Dr.", "212-555-0101", "", "US", "", "", ""],
    ["null", "4.15555E+09", "", "", "", "", ""],
    ["Elena", "2125550102.0", "", "United States", "-1", "", ""],
    ["Zoë", "2125550103", "Mars", "", "", "", ""],
    ["Gus", "2125550104", "", "Atlantis", "", "", ""],
    ["Hana", "2125550105", "", "", "high", "", ""],
    ["Ivan", "2125550106", "", "", "", "", "30/11/2026"],
    ["Jana", "+12125550107", "", "Atlantis", "", "", ""],
]
STATUSES = (
    "accepted accepted rejected accepted duplicate rejected repaired rejected rejected "
    "rejected rejected accepted"
)


def write(path: Path, *, header=HEADER, rows=ROWS) -> Path:
    frame = pd.DataFrame(rows, columns=header, dtype=str)
    match path.suffix:
        case ".csv":
            frame.to_csv(path, index=False)
        case ".tsv":
            frame.to_csv(path, index=False, sep="\t")
        case ".xlsx":
            frame.to_excel(path, index=False)
        case ".parquet":
            frame.to_parquet(path)
    return path


def read(path: Path, *, region="US", **columns):
    return read_call_list(path, columns=Columns(**columns), default_region=region)


def read_text(tmp_path: Path, text: str | bytes, *, name="people.csv", **columns):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, **columns)


@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx", "parquet"])
def test_every_form_gives_the_same_rows(tmp_path, ending):
    """It does not matter in which program a list was saved."""
    expected = read(write(tmp_path / "expected.csv"))
    found = read(write(tmp_path / f"people.{ending}"))
    assert list(found.rows) == list(expected.rows)
    assert found.columns == expected.columns
    assert [row.status.value for row in found.rows] == STATUSES.split()


def test_a_row_carries_what_the_dialer_needs(tmp_path):
    """Zone, priority and times come from the row; all other columns can fill a template."""
    call_list = read(write(tmp_path / "people.csv"))
    ada, ben, _, zoe, *_ = call_list.rows
    assert (ada.row_number, ada.number, ada.zones) == (2, "+14155550132", ("America/Los_Angeles",))
    assert (ada.priority, ada.fields["first_name"]) == (5, "Ada")
    assert ada.expires_at == datetime(2026, 12, 1, 8, tzinfo=UTC)  # midnight in Los Angeles
    assert ben.zones == ("America/Chicago",)
    assert ben.not_before == datetime(2026, 11, 30, 15, 30, tzinfo=UTC)
    assert zoe.expires_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert "phone" not in call_list.columns
    assert tuple(ada.fields) == call_list.columns


def test_a_rejected_row_says_where_and_why(tmp_path):
    """Column and value are told apart from the reason, which says what to do."""
    rows = list(read(write(tmp_path / "people.csv")).rows)
    assert (rows[4].duplicate_of, rows[4].column, rows[4].value) == (3, "Phone", "212-555-0101")
    assert (rows[5].column, rows[5].value, rows[5].number) == ("Phone", "4.15555E+09", None)
    assert (rows[7].column, rows[7].value, rows[7].number) == ("Time zone", "Mars", "+12125550103")
    assert (rows[8].column, rows[8].value) == ("Country", "Atlantis")
    assert (rows[9].column, rows[10].column) == ("Priority", "Deadline")
    assert rows[2].reason == "the row is empty"
    assert all(row.reason for row in rows if row.status is not RowStatus.ACCEPTED)


def test_texts_that_look_like_nothing_stay_texts(tmp_path):
    """`NA` and `null` are names of people too."""
    rows = list(read(write(tmp_path / "people.csv")).rows)
    assert (rows[3].fields["first_name"], rows[5].fields["first_name"]) == ("NA", "null")


def test_a_rejected_row_does_not_hide_a_good_one(tmp_path):
    """Of one number the first row that can be called is the contact."""
    text = "Phone,Time zone\n+14155550132,Mars\n+14155550132,\n+1 415 555 0132,\n"
    rows = list(read_text(tmp_path, text).rows)
    assert [row.status.value for row in rows] == ["rejected", "accepted", "duplicate"]
    assert rows[2].duplicate_of == 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    """Lists of many programs and countries are read without being told how."""
    lines = [["Name", "Phone"], ['"Doe, Jane; | "', "+14155550132"]]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    (row,) = read_text(tmp_path, text).rows
    assert (row.number, row.fields["name"]) == ("+14155550132", "Doe, Jane; |")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encoding_is_found(tmp_path, encoding):
    """Names keep their letters, and a mark in front does not hide the first column."""
    (row,) = read_text(tmp_path, "Phone,Name\n+14155550132,Zoë\n".encode(encoding)).rows
    assert (row.number, row.fields["name"]) == ("+14155550132", "Zoë")


def test_row_numbers_are_those_of_a_spreadsheet_program(tmp_path):
    """Blank rows count, and a line break inside a cell does not."""
    text = 'Name,Phone\n\n"two\nlines",+14155550132\nshort\n,+14155550133\n\n,\n'
    rows = list(read_text(tmp_path, text).rows)
    assert [(row.row_number, row.status.value) for row in rows] == [
        (2, "rejected"),
        (3, "accepted"),
        (4, "rejected"),
        (5, "accepted"),
    ]


def test_numbers_and_dates_of_a_workbook_are_read_as_typed(tmp_path):
    """A number cell has no point, a date no time of day, and a time no lost minutes."""
    frame = pd.DataFrame(
        {
            "Phone": [4155550132, 2125550101.0],
            "Deadline": [datetime(2026, 11, 30), datetime(2026, 11, 30, 17, 15)],  # noqa: DTZ001 (a cell has no zone)
            "Score": [1.5, None],
        }
    )
    frame.to_excel(tmp_path / "people.xlsx", index=False)
    first, second = read(tmp_path / "people.xlsx").rows
    assert (first.number, second.number) == ("+14155550132", "+12125550101")
    assert first.expires_at == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert second.expires_at == datetime(2026, 11, 30, 22, 15, tzinfo=UTC)
    assert (first.fields["score"], second.fields["score"]) == ("1.5", "")


def test_a_parquet_column_with_gaps_keeps_whole_numbers(tmp_path):
    """A gap makes a column of numbers decimal; the digits are the same."""
    pd.DataFrame({"Phone": [4155550132, None]}).to_parquet(tmp_path / "people.parquet")
    call_list = read(tmp_path / "people.parquet")
    assert [row.number for row in call_list.rows] == ["+14155550132"]
    assert findings(call_list.batches).by_status[RowStatus.ACCEPTED] == 1


def test_the_file_is_known_by_its_bytes(tmp_path):
    """The same file again can be told from a changed one."""
    path = write(tmp_path / "people.csv")
    call_list = read(path)
    assert call_list.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert call_list.name == "people.csv"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("people.csv", b"", "is empty"),
        ("people.csv", b" \n\n", "is empty"),
        ("people.csv", b"Name,Phone\n", "has column names but no rows"),
        ("people.csv", b"Name,Phone\n,\n\n", "has column names but no rows"),
        ("people.csv", b"Name,Fax\nAda,1\n", "has no phone column.*'Name', 'Fax'"),
        ("people.csv", b'Phone\n"1\n', "a quote opens in line 2"),
        ("people.csv", b"PK\x03\x04\x00\x00", "cannot be read as CSV .*binary"),
        ("people.xlsx", b"Phone\n+14155550132\n", "cannot be read as XLSX .*another form"),
        ("people.xlsx", b"PK\x03\x04\x00\x00", "cannot be read as XLSX"),
        ("people.xlsx", bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, "password"),
        ("people.parquet", b"PAR1 and no more", "cannot be read as PARQUET"),
        ("people.pdf", b"%PDF", r"does not end in one of \.csv, \.tsv, \.txt, \.xlsx"),
        ("people", b"Phone\n", "does not end in one of"),
    ],
)
def test_what_is_no_call_list_is_told_in_one_sentence(tmp_path, name, content, message):
    """The file is named, and what to do; no trace of a parser's insides is shown."""
    with pytest.raises(CallListError, match=message) as caught:
        read_text(tmp_path, content, name=name)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    """The two usual mistakes with paths."""
    with pytest.raises(CallListError, match="there is no file"):
        read(tmp_path / "people.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(CallListError, match="is a folder"):
        read(tmp_path / "folder.csv")


def test_rows_are_read_anew_each_time_and_held_by_nobody(tmp_path):
    """A list of a million rows needs the memory of a few."""
    call_list = read(write(tmp_path / "people.csv"))
    assert iter(call_list.rows) is not iter(call_list.rows)
    assert list(call_list.rows) == list(call_list.rows)
    assert not hasattr(call_list.rows, "__len__")


def test_the_choice_of_columns_and_what_is_odd_in_the_file_are_told(tmp_path):
    """A person can confirm what was recognised before anything is dialed."""
    text = "Vorname,Handynummer,Notiz,Notiz\nAda,+14155550132,x,y\n"
    call_list = read_text(tmp_path, text)
    assert [(one.role, one.header) for one in call_list.recognised] == [
        ("phone", "Handynummer"),
        ("first_name", "Vorname"),
    ]
    assert any("templates call them notiz, notiz_2" in note for note in call_list.notes)
