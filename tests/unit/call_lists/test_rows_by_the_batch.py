"""Rows read by column are what they are when they are read one by one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from inkbatch.adapters.call_lists.columns import Places, field_names
from inkbatch.adapters.call_lists.layout import Layout
from inkbatch.adapters.call_lists.number_columns import NumberColumns
from inkbatch.adapters.call_lists.other_cells import OtherCells
from inkbatch.adapters.call_lists.reader import open_call_list
from inkbatch.adapters.call_lists.row_batches import BatchReader
from inkbatch.adapters.call_lists.rows import RowReader
from inkbatch.adapters.call_lists.tables import Chunk
from inkbatch.domain.call_list import Columns

SUPPRESSED, REFUSED = "+14155550111", "+14155550112"
few_numbers = st.sampled_from(range(100, 114)).map(lambda last: f"+1415555{last:04d}")
phones = st.one_of(
    few_numbers,
    few_numbers.map(lambda number: f"({number[2:5]}) {number[5:8]}-{number[8:]}"),
    few_numbers.map(lambda number: f"{number[2:]}.0"),
    st.sampled_from(["", "020 7946 0123", "+44 20 7946 0123", "2505550101", "911", "n/a", "é\n1"]),
)
FILLED = (
    *("", "", "", "5", "0", "no", "yes", "opt_out", "US", "GB", "Mars", "2026-11-30"),
    *("EST", "Eastern", "UTC-5", "America/Los_Angeles", "America/New_York", "London"),
)
filled = st.sampled_from(FILLED)
roles = st.sampled_from(
    ["priority", "zone", "region", "consent", "do_not_call", "not_before", "deadline"]
)
tables = st.lists(st.tuples(st.sampled_from(["Ann", ""]), phones, filled, phones), max_size=30)
HEADERS = ("Name", "Phone", "Priority", "Work phone")


def reader_of(layout, region):
    return RowReader(
        layout,
        default_region=region,
        suppressed={SUPPRESSED: "asked"},
        refused=frozenset({REFUSED}),
    )


def batch_reader_of(layout, region, *, many):
    return BatchReader(
        layout,
        rows=reader_of(layout, region),
        numbers=NumberColumns(region=region, many=many),
        other_cells=OtherCells(layout, region=region),
        barred=frozenset({SUPPRESSED, REFUSED}),
    )


@settings(max_examples=400, deadline=None)
@given(
    tables,
    st.integers(1, 12),
    st.sampled_from([(1,), (1, 3), (3, 1)]),
    st.sampled_from(["US", "GB", None]),
    st.sampled_from([0, 1000]),
    roles,
)
def test_batches_hold_the_rows_that_are_read_one_by_one(table, at_once, places, region, many, role):
    """Duplicates, odd rows, suppressed numbers, other cells: nothing differs, at any border."""
    layout = Layout(
        places=Places(phones=places, **{role: 2}), labels=HEADERS, names=field_names(HEADERS)
    )
    by_row = reader_of(layout, region)
    expected = [
        by_row.settle(by_row.understand(row_number, cells), cells)
        for row_number, cells in enumerate(table, start=2)
    ]
    by_batch = batch_reader_of(layout, region, many=many)
    chunks = [
        Chunk(start + 2, tuple(zip(*table[start : start + at_once], strict=True)))
        for start in range(0, len(table), at_once)
    ]
    batches = [by_batch.read(chunk) for chunk in chunks]
    assert [row for batch in batches for row in batch.rows()] == expected
    assert all(
        len(batch) == len(chunk.columns[0]) for batch, chunk in zip(batches, chunks, strict=True)
    )


def test_most_rows_are_plain_and_by_column(tmp_path):
    """Rows with a good number and nothing else cost no object each; the odd ones are apart."""
    path = tmp_path / "people.csv"
    path.write_text("Name,Phone,Priority\nA,(415) 555-0132,\nB,4155550133,7\nC,+14155550134,\n")
    (batch,) = open_call_list(path, columns=Columns(), default_region="US").batches
    assert list(batch.plain.row_numbers) == [2, 4]
    assert batch.plain.numbers == ["+14155550132", "+14155550134"]
    assert batch.plain.fields == {"name": ["A", "C"], "priority": ["", ""]}
    assert [row.row_number for row in batch.others] == [3]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from(["Ann,4155550132", '"A\nb",4155550133', ",", "", "C,1,2", "D"])),
    st.integers(1, 200),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_a_file_read_in_pieces_is_the_file(tmp_path_factory, lines, characters, line_end):
    """However few characters are read at once, rows and their numbers stay the same."""
    path = tmp_path_factory.mktemp("lists") / "people.csv"
    path.write_text(line_end.join(["Name,Phone", "Z,4155550199", *lines]), newline="")
    opened = open_call_list(path, columns=Columns(), default_region="US")
    pieces = opened.chunks_with_batches(characters=characters)
    assert [row for _, batch in pieces for row in batch.rows()] == list(opened)
