"""A table written in any dialect, encoding and form is read back as it was."""

import io
import string
from datetime import UTC, date, datetime

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkbatch.adapters.call_lists.tables import read_table
from inkbatch.adapters.table_files.blocks import read_columns
from inkbatch.adapters.table_files.limits import Limits
from inkbatch.adapters.table_files.parquet import read_parquet
from inkbatch.adapters.table_files.spool import survey_of
from inkbatch.adapters.table_files.workbooks import read_workbook

HEADERS = ("Name", "Mobile phone", "City", "Note")
LATIN = ["Zoë", "José", "Björk", "Müller", "François", "Renée", "Peña", "Søren", "Ann", "Élodie"]
WIDE = [*LATIN, "Łódź", "Ivanović", "Αθήνα", "東京", "Иван", "😀 Bo"]
EIGHT_BITS = ("cp1252", "mac_roman")
ANY_ENCODING = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", *EIGHT_BITS)

signs = st.text(string.ascii_letters + string.digits + " ,;|\t\"'\n.-/&()", max_size=12)


def tables(names):
    cell = st.one_of(st.sampled_from(names), signs.map(str.strip), st.just(""))
    phone = st.integers(100, 199).map(lambda last: f"+1 415 555 0{last}")
    row = st.tuples(st.sampled_from(names), phone, cell, cell)
    return st.lists(row, min_size=1, max_size=8)


def quoted(cell, quote):
    return quote + cell.replace(quote, quote * 2) + quote


def as_text(rows, *, delimiter, quote, end, quote_all):
    special = f"{delimiter}\"'\r\n"
    return end.join(
        delimiter.join(
            quoted(cell, quote) if quote_all or set(cell) & set(special) else cell for cell in row
        )
        for row in rows
    )


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.data(),
    encoding=st.sampled_from(ANY_ENCODING),
    dialect=st.tuples(
        st.sampled_from(",;\t|"), st.sampled_from("\"'"), st.sampled_from(["\n", "\r\n", "\r"])
    ),
    preamble=st.sampled_from(["", "sep", "Customers", "\n"]),
    quote_all=st.booleans(),
)
def test_text_of_every_dialect_and_encoding(tmp_path, data, encoding, dialect, preamble, quote_all):
    """Delimiter, quote, line end, encoding and preamble are found, and no cell is changed."""
    delimiter, quote, end = dialect
    rows = data.draw(tables(LATIN if encoding in EIGHT_BITS else WIDE))
    text = as_text(
        [HEADERS, *rows],
        delimiter=delimiter,
        quote=quote,
        end=end,
        quote_all=quote_all or quote == "'",
    )
    before = {"": "", "sep": f"sep={delimiter}{end}", "Customers": f"Customers{end}", "\n": end}
    path = tmp_path / "people.txt"
    path.write_bytes((before[preamble] + text + end).encode(encoding))
    table = read_table(path)
    first_row = 3 if preamble in ("Customers", "\n") else 2
    assert table.headers == HEADERS
    assert list(table.rows()) == list(enumerate(rows, start=first_row))


@settings(max_examples=40, deadline=None)
@given(rows=tables(WIDE), blank_above=st.integers(0, 3), title=st.booleans())
def test_workbooks(rows, blank_above, title):
    """Texts of cells come back whole, wherever the table begins."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        if title:
            sheet.write_string(0, 0, "Customers")
        top = blank_above + title
        for number, row in enumerate([HEADERS, *rows], start=top):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    found, read = read_workbook(stream, form=".xlsx", sheet=None, limits=Limits())
    assert (found.headers, found.first_row) == (HEADERS, top + 2)
    assert list(map(tuple, read)) == rows


KINDS = {
    "string": lambda rows: pa.array([row[2] for row in rows], pa.string()),
    "large_string": lambda rows: pa.array([row[2] for row in rows], pa.large_string()),
    "dictionary": lambda rows: pa.array([row[2] for row in rows]).dictionary_encode(),
}


def parquet_read(stream):
    rows = io.BytesIO()
    stream.seek(0)
    found = read_parquet(stream, to=rows, limits=Limits())
    rows.seek(0)
    known = survey_of(found.as_json())
    text = io.TextIOWrapper(rows, encoding=known.encoding, newline="")
    blocks = read_columns(text, known.dialect, width=len(known.headers))
    return found, [row for columns in blocks for row in zip(*columns, strict=True)]


@settings(max_examples=40, deadline=None)
@given(rows=tables(WIDE), kind=st.sampled_from(sorted(KINDS)))
def test_parquet_texts(rows, kind):
    """Every way that Parquet keeps texts is read."""
    stream = io.BytesIO()
    texts = KINDS[kind](rows)
    pq.write_table(pa.table({"Phone": [row[1] for row in rows], "City": texts}), stream)
    found, read = parquet_read(stream)
    assert found.headers == ("Phone", "City")
    assert read == [(row[1], row[2]) for row in rows]


def test_a_quote_far_down_a_parquet_file_doubles_no_row():
    """Rows are handed over unquoted until one needs quotes; those before it come once."""
    names = [f"Person {row}" for row in range(3000)]
    names[2500] = 'Ann "Bo" Lee'
    stream = io.BytesIO()
    pq.write_table(pa.table({"Phone": ["+14155550132"] * 3000, "Name": names}), stream)
    _, read = parquet_read(stream)
    assert [name for _, name in read] == names


@pytest.mark.parametrize(
    "kind",
    ["int64", "uint64", "int32", "Int64", "float64", "object", "string", "category", "decimal"],
)
def test_a_parquet_number_is_its_digits(kind):
    """Whatever type a program chose for a column of numbers, the digits are the person's."""
    column = pd.Series([4155550132, 2125550101])
    if kind == "decimal":
        array = pa.array([4155550132, 2125550101]).cast(pa.decimal128(21, 2))
    elif kind == "int32":
        array = pa.array([415555013, 212555010], pa.int32())
    else:
        made = column.astype(kind) if kind != "string" else column.astype(str)
        array = pa.Array.from_pandas(made)
    stream = io.BytesIO()
    pq.write_table(pa.table({"Phone": array}), stream)
    _, read = parquet_read(stream)
    expected = ["415555013", "212555010"] if kind == "int32" else ["4155550132", "2125550101"]
    assert [phone for (phone,) in read] == expected


def test_parquet_values_of_other_types(tmp_path):
    """Nulls are empty, a gap makes no number decimal, and moments are ISO, read as a file is."""
    path = tmp_path / "people.parquet"
    frame = pa.table(
        {
            "Phone": pa.array([4155550132.0, None]),
            "Since": pa.array([datetime(2026, 11, 30), None], pa.timestamp("ns")),  # noqa: DTZ001 (a cell)
            "At": pa.array(
                [datetime(2026, 11, 30, 17, tzinfo=UTC), None], pa.timestamp("us", "UTC")
            ),
            "Day": pa.array([date(2026, 11, 30), None]),
            "Member": pa.array([True, False]),
            "Nothing": pa.nulls(2),
            "Tags": pa.array([["a", "b"], None]),
            "Score": pa.array([1.5, 1e16]),
            "Raw": pa.array([" Zoë ".encode(), None]),
        }
    )
    pq.write_table(frame, path)
    table = read_table(path)
    assert table.headers == tuple(frame.column_names)
    assert list(table.rows()) == [
        (
            2,
            (
                "4155550132",
                "2026-11-30",
                "2026-11-30 17:00:00+00:00",
                "2026-11-30",
                "TRUE",
                "",
                '["a", "b"]',
                "1.5",
                "Zoë",
            ),
        ),
        (3, ("", "", "", "", "FALSE", "", "", "1.00000000000000E+16", "")),
    ]


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32()])
def test_a_narrow_decimal_column_shows_that_digits_are_lost(kind):
    """A number that the column rounded is refused as shortened, not called as another one."""
    numbers = pa.array([5.0, None, 4155550132.0 if kind == pa.float32() else 2.5], kind)
    stream = io.BytesIO()
    pq.write_table(pa.table({"Phone": numbers}), stream)
    last = "4.155550E+09" if kind == pa.float32() else "2.5"
    assert parquet_read(stream)[1] == [("5",), ("",), (last,)]
