"""Text divided by blocks of lines gives the records of the parser that goes cell by cell."""

import csv
from collections import Counter
from io import BytesIO, TextIOWrapper

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inkbatch.adapters.table_files.blocks import count_widths, read_columns
from inkbatch.adapters.table_files.dialects import Dialect

texts = st.lists(
    st.sampled_from(["a", "é", ",", ",", ";", " ", '"', "'", "\\", "\n", "\n", "\r\n", "\r", "¦"]),
    max_size=40,
).map("".join)
even_texts = st.lists(st.sampled_from(["a,b\n", ",\n", "é, \n", '"x",y\n', "a,b\r\n", "\n"])).map(
    "".join
)
dialects = st.builds(
    Dialect,
    delimiter=st.sampled_from(",;¦"),
    quote=st.sampled_from("\"'"),
    escape=st.sampled_from([None, "\\"]),
    strict=st.booleans(),
)


def opened(text):
    return TextIOWrapper(BytesIO(text.encode()), encoding="utf-8", newline="")


def by_the_parser(text, dialect):
    """Return the records and their lines, None where the parser refuses the text."""
    reader = dialect.read(opened(text))
    try:
        return list(reader), reader.line_num
    except csv.Error:
        return None


@settings(max_examples=400, deadline=None)
@given(st.one_of(texts, even_texts), dialects, st.integers(1, 50))
@example("a,b\n" * 20 + "a,b", Dialect(), 7)
@example("a\n\n\nb,c\n", Dialect(), 50)
def test_blocks_give_the_records_of_the_parser(text, dialect, characters):
    """Whatever stands in a file, and wherever its blocks end, no cell and no row differs."""
    expected = by_the_parser(text, dialect)
    if expected is None:
        with pytest.raises(csv.Error):
            list(read_columns(opened(text), dialect, width=3, characters=characters))
        return
    records, lines = expected
    blocks = read_columns(opened(text), dialect, width=3, characters=characters)
    rows = [row for columns in blocks for row in zip(*columns, strict=True)]
    assert rows == [tuple([*record, "", "", ""][:3]) for record in records]
    assert count_widths(opened(text), dialect) == (Counter(map(len, records)), lines > len(records))


def test_a_cell_beyond_the_limit_is_refused_in_a_plain_block_too():
    """A quote that is missing is not needed for the parser's limit to hold."""
    limit = csv.field_size_limit()
    for before in ("", "a,b\n" * 20_000):
        for surplus in (1, limit):
            text = before + "a," + "x" * (limit + surplus) + "\n"
            with pytest.raises(csv.Error, match="field limit"):
                count_widths(opened(text), Dialect())
            with pytest.raises(csv.Error, match="field limit"):
                list(read_columns(opened(text), Dialect(), width=2))
