"""Files for spreadsheet programs and analysts: safe, whole, and the same in each form."""

import csv
import os
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkbatch.adapters import reports
from inkbatch.adapters.reports import export
from inkbatch.adapters.reports.columns import columns_document, schema_of
from inkbatch.adapters.reports.exports import COLUMNS
from inkbatch.adapters.reports.figure_frames import FIGURE_COLUMNS
from inkbatch.adapters.reports.spreadsheets import FORMULA_START, write_csv, write_xlsx
from inkbatch.domain.errors import UserMistake
from inkbatch.domain.phone_number import E164

HOSTILE = ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "{=1}", '=HYPERLINK("")']
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)


@pytest.fixture
def hostile(campaign):
    """A campaign whose file is full of formulas."""
    for number, text in enumerate(HOSTILE):
        contact = campaign.contact(fields={"=name": text, "note": f"{number}"}, why=text)
        attempt = campaign.attempt(contact, "no_answer", reason=text)
        spoken = {"party": "remote", "text": text, "ts_ms": 0}
        campaign.result(attempt, text, "none", fields={text: text}, transcript=[spoken])
        campaign.row("rejected", reason=text, value=text, column=text)
    campaign.save()
    return campaign


@pytest.mark.parametrize("what", ["contacts", "attempts", "rows", "transcripts"])
def test_no_cell_of_xlsx_is_a_formula(hostile, now, tmp_path, what):
    """Every text is typed as text, whatever it begins with, and is not changed."""
    path = tmp_path / "out.xlsx"
    export(hostile.engine, hostile.record, what=what, to=path, now=now)
    cells = [cell for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert HOSTILE[0] in {cell.value for cell in cells}


@pytest.mark.parametrize("what", ["contacts", "attempts", "rows", "transcripts"])
def test_no_cell_of_csv_begins_as_a_formula(hostile, now, tmp_path, what):
    """Excel takes such a cell for a formula; exact E.164 numbers are exempt and stay usable."""
    path = tmp_path / "out.csv"
    export(hostile.engine, hostile.record, what=what, to=path, now=now)
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    cells = [*table.columns, *table.to_numpy().ravel()]
    begins = [cell for cell in cells if FORMULA_START.match(cell)]
    assert all(E164.fullmatch(cell) for cell in begins)
    assert f"'{HOSTILE[0]}" in cells


def test_csv_opens_in_excel_as_utf_8(campaign, now, tmp_path):
    """Without the byte order mark Excel reads Zoë as ZoÃ«."""
    campaign.contact(fields={"first_name": "Zoë"})
    campaign.save()
    path = export(
        campaign.engine, campaign.record, what="contacts", to=tmp_path / "out.csv", now=now
    )
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "Zoë" in path.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("what", ["contacts", "attempts", "rows"])
def test_the_three_forms_agree(hostile, now, tmp_path, what):
    """CSV, XLSX and Parquet hold the same rows, columns, times, numbers and texts."""
    told = []
    for ending in ("csv", "xlsx", "parquet"):
        path = tmp_path / f"out.{ending}"
        export(hostile.engine, hostile.record, what=what, to=path, now=now)
        told.append(plainly(path))
    assert told[0] == told[1] == told[2]


def plainly(path):
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
    elif path.suffix == ".xlsx":
        frame = pd.read_excel(path, dtype="str", keep_default_na=False, engine="openpyxl")
    else:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    return {name: [plain(name, value) for value in column] for name, column in frame.items()}


def plain(name, value):
    if pd.isna(value) or value == "":
        return None
    if name.endswith(("_at", "_until")):
        return pd.to_datetime(value, utc=True)
    if name in {"talk_minutes", "contact_id", "row_number", "ordinal"}:
        return float(value)
    # ECMA-376 part 1, 22.9.2.19: a carriage return in XLSX, which openpyxl does not read back.
    return str(value).removeprefix("'").replace("_x000D_", "\r").strip()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_any_text_survives_xlsx_as_text(tmp_path, texts):
    """Whatever a file said comes back as it was."""
    path = tmp_path / "texts.xlsx"
    write_xlsx(pd.DataFrame({"text": pd.Series(texts, dtype="str")}), path)
    sheet = openpyxl.load_workbook(path).active
    assert [sheet.cell(row, 1).value or "" for row in range(2, len(texts) + 2)] == texts


def test_an_unknown_ending_is_a_mistake_that_names_the_endings(campaign, now, tmp_path):
    """The person learns what would work, and no file is written."""
    with pytest.raises(UserMistake, match=r"\.csv, \.parquet or \.xlsx"):
        export(campaign.engine, campaign.record, what="rows", to=tmp_path / "out.ods", now=now)
    assert list(tmp_path.glob("out*")) == []


def test_an_unknown_thing_to_export_is_a_mistake(campaign, now, tmp_path):
    """The mistake names all that can be exported."""
    with pytest.raises(UserMistake, match="contacts, attempts, calls, budget, rows or transcripts"):
        export(campaign.engine, campaign.record, what="people", to=tmp_path / "out.csv", now=now)


def test_more_rows_than_a_sheet_holds_is_said(tmp_path):
    """Nothing is cut off in silence."""
    frame = pd.DataFrame({"n": range(1_048_576)})
    with pytest.raises(UserMistake, match=r"1,048,575 rows.*\.csv or \.parquet"):
        write_xlsx(frame, tmp_path / "big.xlsx")


def test_a_text_longer_than_a_cell_is_said(tmp_path):
    """A longer text would be dropped by the program that writes it."""
    frame = pd.DataFrame({"note": ["x" * 32_768]})
    with pytest.raises(UserMistake, match="column note"):
        write_xlsx(frame, tmp_path / "long.xlsx")


def test_a_failed_export_keeps_the_older_file(campaign, now, tmp_path):
    """The file is replaced whole or not at all, and nothing half-written stays."""
    path = tmp_path / "out.xlsx"
    path.write_text("older")
    campaign.contact(fields={"note": "x" * 40_000})
    campaign.save()
    with pytest.raises(UserMistake):
        export(campaign.engine, campaign.record, what="contacts", to=path, now=now)
    assert path.read_text() == "older"
    assert [found.name for found in tmp_path.glob("*out*")] == ["out.xlsx"]


def test_a_place_that_cannot_be_written_is_a_mistake(campaign, now, tmp_path):
    """A file where a folder should be gives one sentence, not a traceback."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserMistake, match="cannot write"):
        export(
            campaign.engine, campaign.record, what="rows", to=tmp_path / "taken/out.csv", now=now
        )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_an_export_is_readable_by_its_owner_only(campaign, now, tmp_path):
    """It holds people's numbers."""
    path = export(campaign.engine, campaign.record, what="rows", to=tmp_path / "a.csv", now=now)
    assert path.stat().st_mode & 0o077 == 0


def test_numbers_in_csv_are_as_dialed(campaign, tmp_path):
    """An exact E.164 number needs no apostrophe to be safe."""
    campaign.attempt(campaign.contact(), "answered")
    campaign.save()
    path = tmp_path / "attempts.csv"
    write_csv(campaign.attempts_frame(), path)
    assert ",+12125550100," in path.read_text(encoding="utf-8-sig")


def test_the_columns_are_documented():
    """COLUMNS.md is what is written; a column that changes changes the document with it."""
    document = Path(reports.__file__).with_name("COLUMNS.md").read_text("utf-8")
    assert document == columns_document(COLUMNS | FIGURE_COLUMNS)


@pytest.mark.parametrize("what", COLUMNS)
def test_parquet_has_the_documented_schema_whatever_it_holds(new_campaign, now, tmp_path, what):
    """A program that reads it on the first day reads it on the last, and pandas its own types."""
    empty, full = new_campaign("empty"), new_campaign("full")
    attempt = full.attempt(full.contact(fields={"first_name": "Ada"}), "answered")
    spoken = {"party": "remote", "text": "yes", "ts_ms": 0}
    full.result(attempt, "confirmed", "success", transcript=[spoken])
    full.save()
    for campaign, own in ((empty, ()), (full, ("field_first_name",))):
        path = tmp_path / f"{campaign.record.name}.parquet"
        export(campaign.engine, campaign.record, what=what, to=path, now=now)
        names = own if what in ("contacts", "rows") else ()
        schema = pq.read_schema(path)
        assert schema.equals(schema_of(COLUMNS[what], own=names))
        assert schema.metadata[b"inkbatch.schema"] == b"1"
        told = {column.name: column.kind.pandas for column in COLUMNS[what]}
        types = pd.read_parquet(path).dtypes
        assert {name: str(types[name]) for name in told} == told


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_no_leading_character_makes_a_formula(tmp_path, start):
    """OWASP's list with the full-width forms, which some programs take for the plain ones."""
    text = f"{start}SUM(A1)"
    frame = pd.DataFrame({text: pd.Series([text, f"fine {text}"], dtype="str")})
    write_csv(frame, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [[f"'{text}"], [f"'{text}"], [f"fine {text}"]]
    write_xlsx(frame, tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
