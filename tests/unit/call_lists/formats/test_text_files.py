"""Text files as programs and people save them: letters, delimiters, quotes, preambles."""

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkbatch.adapters.call_lists.tables import read_table
from inkbatch.domain.errors import CallListError

NAMES = ["Zoë", "José", "Björk", "Müller", "François", "Renée", "Peña", "Søren", "Ángel", "Élodie"]


def read(tmp_path, content, *, name="people.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path)


def test_a_table_is_read_anew_each_time(tmp_path):
    """Whoever reads twice, or two readers at once, see every row; nothing is used up."""
    table = read(tmp_path, "Name,Phone\nAda,+14155550132\nBen,+14155550133\n")
    first, second = table.rows(), table.rows()
    assert next(first) == next(second) == (2, ("Ada", "+14155550132"))
    assert list(first) == list(second) == [(3, ("Ben", "+14155550133"))]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
@pytest.mark.parametrize("name", NAMES)
def test_one_letter_is_enough_to_tell_the_eight_bit_codes(tmp_path, encoding, name):
    """A Mac's and a PC's list each keep their names, and a note says that it was told by them."""
    table = read(tmp_path, f"Name,Phone\n{name} Hill,+14155550132\n".encode(encoding))
    assert next(table.rows())[1][0] == f"{name} Hill"
    assert "how its letters are coded" in table.notes[0]


def test_typographic_signs_of_windows_are_read(tmp_path):
    """A curly apostrophe and a dash do not make a Windows list one of a Mac."""
    text = "Name,Note\nO\u2019Hara,a \u2013 b\nPeña,\u20ac 5\n"
    rows = list(read(tmp_path, text.encode("cp1252")).rows())
    assert rows == [(2, ("O\u2019Hara", "a \u2013 b")), (3, ("Peña", "\u20ac 5"))]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_seen(tmp_path, encoding):
    """Some exports leave the mark out; every other byte being zero says the same."""
    table = read(tmp_path, "Name\tPhone\r\nZoë\t+14155550132\r\n".encode(encoding), name="a.txt")
    assert list(table.rows()) == [(2, ("Zoë", "+14155550132"))]


def test_utf8_with_a_broken_letter_is_refused(tmp_path):
    """One damaged byte must not turn all other names into nonsense."""
    content = b"Name,Phone\n" + "Zoë,+14155550132\n".encode() * 9 + b"Jos\xe9,1\n"
    with pytest.raises(CallListError, match=r"UTF-8 with broken letters, the first in line 11;"):
        read(tmp_path, content)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_row(tmp_path, end):
    """A list of an old Mac is one of several rows too."""
    table = read(tmp_path, end.join(["Name;Phone", "Ada;+14155550132", 'B"en;+14155550133']))
    assert [number for number, _ in table.rows()] == [2, 3]


@pytest.mark.parametrize("delimiter", list(",;\t|^~:"))
def test_the_delimiter_is_the_one_that_makes_rows_equal(tmp_path, delimiter):
    """Others may stand in cells, more often even."""
    lines = [["Name", "Phone", "Note"], ["Doe. Jane", "+14155550132", "a-b-c"]] * 2
    text = "\n".join(delimiter.join(line) for line in lines[:1] + lines[1:2] * 3)
    assert next(read(tmp_path, text).rows())[1] == ("Doe. Jane", "+14155550132", "a-b-c")


@pytest.mark.parametrize(
    "lines",
    [
        ["Phone", "+1/415/555/0132", "+1/415/555/0133"],
        ["Tel/Fax", "415/5550132", "415/5550133"],
        ["Phone:", "tel:+14155550132", "tel:+14155550133"],
        ["Phone number", "+1 415 555 0132", "+1 415 555 0133"],
    ],
)
def test_a_single_column_is_not_divided(tmp_path, lines):
    """A sign inside numbers is no delimiter."""
    table = read(tmp_path, "\n".join(lines))
    assert (table.headers, [cells for _, cells in table.rows()]) == (
        (lines[0],),
        [(line,) for line in lines[1:]],
    )


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_that_names_the_delimiter_is_obeyed(tmp_path, line):
    """It is no row of the table; spreadsheet programs do not count it either."""
    table = read(tmp_path, f"{line}\r\nName;Phone\r\nDoe, Jane, Dr.;+14155550132\r\n")
    assert list(table.rows()) == [(2, ("Doe, Jane, Dr.", "+14155550132"))]


@pytest.mark.parametrize(
    ("preamble", "row"),
    [
        ("Customers of 2026\n", 2),
        ("\n\n", 3),
        ("Exported 2026-11-22 10:00:00\n\nby,Ada\n\n", 5),
        (",,\nQ1 list,,\n", 3),
    ],
)
def test_lines_before_the_column_names_are_skipped(tmp_path, preamble, row):
    """Rows keep the numbers that a spreadsheet program shows, and what was skipped is told."""
    table = read(tmp_path, preamble + "Name,Phone,City\nAda,+14155550132,Rome\n")
    assert table.headers == ("Name", "Phone", "City")
    assert list(table.rows()) == [(row + 1, ("Ada", "+14155550132", "Rome"))]
    assert any(f"column names stand in row {row}" in note for note in table.notes) == (
        preamble.strip() != ""
    )


def test_a_file_without_column_names_loses_no_row(tmp_path):
    """The first person is not taken for a header."""
    table = read(tmp_path, "Ada,+14155550132\nBen,+14155550133\n")
    assert table.headers == ("", "")
    assert [number for number, _ in table.rows()] == [1, 2]
    assert "no row of column names" in table.notes[0]


def test_surplus_cells_are_kept_and_told(tmp_path):
    """An unquoted comma makes a row wider; nothing of it is dropped, short rows are filled up."""
    table = read(tmp_path, "Name,Phone\nDoe, Jane,+14155550132\nBen\nEve,+14155550133,,\n")
    assert table.headers == ("Name", "Phone", "")
    assert [cells for _, cells in table.rows()] == [
        ("Doe", "Jane", "+14155550132"),
        ("Ben", "", ""),
        ("Eve", "+14155550133", ""),
    ]
    assert "one row has more cells" in table.notes[0]


def test_a_quote_inside_a_cell_is_harmless(tmp_path):
    """A nickname in quotes does not swallow what follows, and the line is named."""
    table = read(tmp_path, 'Name,Phone\n5" Bo,+14155550132\n"Bob" Hill,+14155550133\nA,1\n')
    assert [cells[0] for _, cells in table.rows()] == ['5" Bo', "Bob Hill", "A"]
    assert "first is line 3" in table.notes[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('Name,Phone\n"Bob,+14155550132\nEve,+14155550133\n', "opens in line 2 and is never"),
        ('Name,Phone\n"Bob,1\nEve,2\n"Ann,3\nA,4\n', "opens in line 2 and closes only in line 4"),
        ('Name,Phone\n"A"b,1\n"Bob,1', "opens in line 3 and is never closed"),
    ],
)
def test_a_quote_that_melts_rows_is_refused(tmp_path, text, message):
    """Two stray quotes would make one row of all between them, so people would be lost."""
    with pytest.raises(CallListError, match=message):
        read(tmp_path, text)


def test_quotes_escaped_by_a_backslash_are_read(tmp_path):
    """Databases write them so."""
    table = read(tmp_path, 'Name,Phone\n"Jo \\"J\\", Hill",+14155550132\n"A, B",+14155550133\n')
    assert next(table.rows())[1] == ('Jo "J", Hill', "+14155550132")


def test_a_large_file_is_read_like_a_small_one(tmp_path):
    """Beyond 4 MiB another process looks through the file first; the rows are the same."""
    rows = [f"Person {row},+14155550132,{'x' * 400}" for row in range(12_000)]
    table = read(tmp_path, "List\n\nName,Phone,Note\n" + "\n".join(rows) + "\n\n\n")
    assert table.headers == ("Name", "Phone", "Note")
    numbers = [number for number, _ in table.rows()]
    assert (numbers[0], numbers[-1], len(numbers)) == (4, 12_003, 12_000)
    assert table.notes == ("rows 1 to 2 were skipped; the column names stand in row 3",)
    (tmp_path / "people.csv").write_text("Name,Phone\n")
    with pytest.raises(CallListError, match="was changed while it was read"):
        list(table.rows())


@pytest.mark.parametrize(
    ("header", "first"),
    [
        ("Name,Ruf", "Bob,4155550132 mobile"),
        ("Name,Ruf", "Bob,Mobile: 415 555 0132"),
        ("Name,Ruf", "Hotel Ada,ask later"),
        ("Name,Ruf", "Marcello,none"),
    ],
)
def test_a_first_row_of_data_is_not_taken_for_the_column_names(tmp_path, header, first):
    """Nobody is left out because of letters after a number, or a name such as Marcello."""
    table = read(tmp_path, f"{header}\n{first}\nAnn,4155550133\n")
    assert table.headers == tuple(header.split(","))
    assert [number for number, _ in table.rows()] == [2, 3]


@pytest.mark.parametrize(
    "name",
    ["Telefoon", "telefoonnummer", "CellPhone", "Tel.", "mobile_no", "TELÉFONO", "Rufnummer"],
)
def test_a_phone_word_tells_the_row_of_column_names(tmp_path, name):
    """A line above as wide as the list, and a date in it, do not hide the column names."""
    table = read(tmp_path, f"Customers,export of 2026-11-22\nName,{name}\nAnn,4155550133\n")
    assert table.headers == ("Name", name)


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ("Ann,4155550132\n", 2),
        ("4155550132,Ann\n", 2),
        ("My list,\nAnn,4155550132\n", 3),
        ("Support line,+1 415 555 0100\nAnn,4155550132\n\n", 4),
    ],
)
def test_data_above_the_column_names_are_not_lost(tmp_path, above, row):
    """Somebody who was put above the names is neither skipped nor makes the file nameless."""
    text = above + "Name,Phone\nBob,4155550133\nEve,4155550134\n"
    with pytest.raises(CallListError, match=f"names, which seem to be row {row}; make the column"):
        read(tmp_path, text)


@pytest.mark.parametrize("odd", ["Bob,no phone,x", "Bob,,mobile", "Bob,ask for the number,", "Bob"])
def test_a_remark_on_phones_makes_no_row_of_column_names(tmp_path, odd):
    """A list without column names may hold a person without a number."""
    table = read(tmp_path, f"Ann,4155550132,a\n{odd}\nEve,4155550134,b\n")
    assert [number for number, _ in table.rows()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("rows", "first"),
    [
        ("Firma,Kontakt\nAnn,+14155550132\nBob,Telefon folgt\nCy,+14155550133\n", 2),
        ("Ann,+14155550132\nBob,cell\nCy,+14155550133\n", 1),
        ("Ann,+14155550132\nBob,+14155550133\nCy,mobile broken\nEve,+14155550134\n", 1),
        ("Ann,+14155550132\nBob,tel. folgt\nCy,+14155550133\n", 1),
        ("Ann,+14155550132\nBob,+14155550133\nName,Phone\n", 1),
    ],
)
def test_a_remark_in_the_phone_column_does_not_refuse_the_list(tmp_path, rows, first):
    """A person whose number is yet to come stands among the others, and all of them are read."""
    table = read(tmp_path, rows)
    assert [number for number, _ in table.rows()] == list(range(first, rows.count("\n") + 1))


PLAIN = "Ann,+14155550132,Rome\nBen,+14155550133,Oslo\n"


@pytest.mark.parametrize(
    ("melted", "lines"),
    [
        ('"Bob,+14155550134,Bern\nEve,+14155550135,Bonn\nJoe",+14155550136,Kiel', "4 and .* 6"),
        ('"Bob,+14155550134,Bern\nEve",+14155550135,Bonn', "4 and .* 5"),
        ('Bob,"+14155550134,Bern\nEve,+14155550135,Bonn\nJoe,+14155550136",Kiel', "4 and .* 6"),
        ('Bob,+14155550134,"Bern\nEve,+14155550135,Bonn"', "4 and .* 5"),
        ('Bob,+14155550134,"Bern\r\nEve,+14155550135,Bonn\r\nJoe,+14155550136,x"', "4 and .* 6"),
        ('Bob "B",+14155550134,"Bern\n\nEve,+14155550135,Bonn\n"', "4 and .* 7"),
        ('"B" Bob,+14155550134,Bern\nEl,+1,"Bonn\nEve,+14155550135,Bonn\n"', "5 and .* 7"),
    ],
)
def test_two_stray_quotes_that_close_each_other_melt_no_rows(tmp_path, melted, lines):
    """People between two stray quotes would vanish in a cell, with no error of any kind."""
    text = f"Name,Phone,City\n{PLAIN}{melted}\n{PLAIN}"
    with pytest.raises(CallListError, match=f"quote opens in line {lines}"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    "cell",
    [
        "12 Main St\nSuite 3, Block B\n00184 Rome",
        "call back\nask for Joe, 415 555 0136\nnot before noon",
        "asked for Joe, 2026-11-22, 10:00:00\n415 555 0136, ext, 7\nsaid ok",
        "+14155550136\n+14155550137",
        "a, b, c\nd, e, f\ng, h, i",
        "\n\n",
    ],
)
def test_a_cell_of_several_lines_stays_one_cell(tmp_path, cell):
    """Addresses and notes may go over lines, with commas and numbers in them."""
    table = read(tmp_path, f'Name,Phone,Note\n{PLAIN}Bob,+14155550134,"{cell}"\n{PLAIN}')
    assert [cells[2] for _, cells in table.rows()][2] == cell.strip()
    assert table.notes == ()


@settings(max_examples=80, deadline=None)
@given(
    order=st.permutations(range(3)),
    cities=st.lists(st.sampled_from(["Rome", "Oslo", ""]), min_size=4, max_size=7),
    places=st.lists(st.floats(0, 1, exclude_max=True), min_size=2, max_size=4),
    at_cells=st.booleans(),
)
def test_stray_quotes_lose_nobody_in_silence(order, cities, places, at_cells):
    """Wherever quotes are, no number hides in the row of another one that is called."""
    people = [["Ann", f"+1415555010{turn}", city] for turn, city in enumerate(cities)]
    text = "\n".join(",".join(row[at] for at in order) for row in people) + "\n"
    spots = [
        at for at in range(len(text)) if not at_cells or {*text[max(at - 1, 0) : at + 1]} & {*",\n"}
    ]
    for spot in sorted((spots[int(place * len(spots))] for place in places), reverse=True):
        text = text[:spot] + '"' + text[spot:]
    header = ",".join(("Name", "Phone", "City")[at] for at in order)
    with tempfile.TemporaryDirectory() as folder:
        try:
            table = read(Path(folder), f"{header}\n{text}")
        except CallListError:
            return
        rows = list(table.rows())
    assert sum("".join(cells).replace('"', "").count("+1") for _, cells in rows) == len(people)
    phone = table.headers.index("Phone")
    called = [cells for _, cells in rows if re.fullmatch(r"\+\d{11}", cells[phone])]
    melted = [cells for cells in called if "".join(cells).count("+") > 1]
    assert not melted or "more cells" in " ".join(table.notes)
