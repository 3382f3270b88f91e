"""Workbooks as people keep them: typed cells, formats, hidden and merged cells, several sheets."""

import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.numbers import read_number
from inkbatch.adapters.call_lists.tables import read_table
from inkbatch.adapters.table_files.limits import Limits, Unreadable
from inkbatch.adapters.table_files.workbooks import read_workbook

HEADERS = ["Name", "Phone"]


def read(stream, *, form=".xlsx", sheet=None, **limits):
    stream.seek(0)
    found, rows = read_workbook(stream, form=form, sheet=sheet, limits=Limits(**limits))
    return found, list(map(tuple, rows))


@pytest.fixture
def book():
    made = openpyxl.Workbook()
    made.active.title = "People"
    made.active.append(HEADERS)
    return made


def saved(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream


def changed(stream, change):
    """Return the workbook with its first sheet's XML changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(made, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            is_sheet = info.filename == "xl/worksheets/sheet1.xml"
            new.writestr(info, change(content) if is_sheet else content)
    return made


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4155550132, "4155550132"),
        (4155550132.0, "4155550132"),
        (1.5, "1.5"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2026, 11, 30), "2026-11-30"),
        (datetime(2026, 11, 30, 17, 15), "2026-11-30 17:15:00"),  # noqa: DTZ001 (a cell)
        (time(9, 30), "09:30:00"),
        ("#N/A", "#N/A"),
        ("#REF!", "#REF!"),
        ("=A1&1", "#FORMULA!"),
        ("0044 20 7946 0123", "0044 20 7946 0123"),
        (123456789012345678, "1.23456789012346E+17"),
    ],
)
def test_a_typed_cell_is_a_clear_text(book, value, text):
    """A number has no point, an error shows, and a lost digit can be seen to be lost."""
    book.active.append(["Ada", value])
    assert read(saved(book))[1] == [("Ada", text)]


@pytest.mark.parametrize(
    ("number", "number_format", "text"),
    [
        (123, "00000", "00123"),
        (14155550132, '"+"0', "+14155550132"),
        (14155550132, r"\+#", "+14155550132"),
        (4155550132, "(000) 000-0000", "(415) 555-0132"),
        (2079460123, "00000000000", "02079460123"),
        (4155550132, "0", "4155550132"),
        (4155550132, "#,##0", "4155550132"),
        (4155550132, "[<=9999999]###-####;(###) ###-####", "4155550132"),
        (2079460123, '"44"0', "442079460123"),
        (2079460123, '"0"0', "02079460123"),
        (4155550132, "[$-409]0", "4155550132"),
        (4155550132, "0.00E+00", "4155550132"),
    ],
)
def test_digits_that_only_the_format_shows_are_read(book, number, number_format, text):
    """A leading zero or plus that a person sees is a part of the number."""
    book.active.append(["Ada", number])
    book.active["B2"].number_format = number_format
    assert read(saved(book))[1] == [("Ada", text)]


@pytest.mark.parametrize(
    "number_format",
    ["+44 000", "[$+44] 0", '[>0]"+44"0', '[<5]0;"+44"0', '_("+44"0_)', r"\+44 0", '"+44"@'],
)
def test_digits_of_a_format_that_is_not_understood_are_not_dropped(book, number_format):
    """A British number without the +44 that a person sees would be called as another country's."""
    book.active.append(["Ada", 2079460123])
    book.active["B2"].number_format = number_format
    assert read(saved(book))[1] == [("Ada", "#FORMAT!")]
    with pytest.raises(BadCell, match="write the number in full"):
        read_number("#FORMAT!", region="US")


@pytest.mark.parametrize(
    "number_format", ['"+"0', "00000000000", "+44 000", "0;-0;0;@", '"+"0;"+"0;"+"0;@']
)
def test_a_text_shows_no_digits_of_a_number_s_format(book, number_format):
    """Spreadsheet programs show texts as they are, so `020` and no `+20` is called."""
    book.active.append(["Ada", "02079460123"])
    book.active["B2"].number_format = number_format
    assert read(saved(book))[1] == [("Ada", "02079460123")]
    typed = io.BytesIO()
    with xlsxwriter.Workbook(typed, {"in_memory": True}) as other:
        sheet = other.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        sheet.write_string(1, 1, "02079460123", other.add_format({"num_format": number_format}))
    assert read(typed)[1] == [("", "02079460123")]


@pytest.mark.parametrize("number_format", ['"+44"@', '0;-0;0;"+44 "@'])
def test_digits_that_a_format_shows_before_a_text_are_not_dropped(book, number_format):
    """A format may add the country code to texts too; without it, somebody else would be called."""
    book.active.append(["Ada", "2079460123"])
    book.active["B2"].number_format = number_format
    assert read(saved(book))[1] == [("Ada", "#FORMAT!")]


@pytest.mark.parametrize("number_format", ['"+"@', '0;-0;0;"+1"@'])
def test_a_format_that_adds_digits_to_texts_leaves_words_alone(book, number_format):
    """A whole column may be formatted so: its name and its remarks are still read."""
    book.active.append(["Ada", "4155550132"])
    book.active.append(["Ben", "4155550133 ext 5"])
    book.active.append(["Cy", "no number"])
    for cell in book.active["B"]:
        cell.number_format = number_format
    found, rows = read(saved(book))
    assert found.headers == ("Name", "Phone")
    assert [number for _, number in rows] == ["#FORMAT!", "#FORMAT!", "no number"]


def test_a_formula_with_its_value_is_its_value():
    """A formula that gave an empty text is empty, and one that gave a number is the number."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        sheet.write_formula(1, 0, '=""', value="")
        sheet.write_formula(1, 1, "=4155550130+2", value=4155550132)
    stream = changed(stream, lambda xml: xml.replace(b'r="A2">', b'r="A2" t="str">'))
    assert read(stream)[1] == [("", "4155550132")]


def test_formulas_without_a_value_are_told_even_below_all_else(book):
    """A row that only formulas stand in is not lost."""
    book.active.append(["Ada", 4155550132])
    book.active["B5"] = "=B2"
    found, rows = read(saved(book))
    assert rows == [("Ada", "4155550132"), ("", ""), ("", ""), ("", "#FORMULA!")]
    assert "the first is B5" in found.notes[0]


def test_hidden_rows_and_columns_are_read_and_pointed_out(book):
    """Whoever hid rows may not want to call them; leaving them out would be a guess as well."""
    for number in range(3):
        book.active.append([f"P{number}", 4155550130 + number])
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["A"].hidden = True
    found, rows = read(saved(book))
    assert len(rows) == 3
    assert any("row 3 is hidden" in note for note in found.notes)
    assert any("columns are hidden" in note for note in found.notes)


def test_merged_cells_are_pointed_out_among_the_rows(book):
    """Only the first of merged cells has a value; a merged title above does not matter."""
    book.active.insert_rows(1)
    book.active["A1"] = "Customers"
    book.active.merge_cells("A1:B1")
    book.active.append(["Ada", 4155550132])
    assert [note for note in read(saved(book))[0].notes if "merged" in note] == []
    book.active.append(["Ben", 4155550133])
    book.active.merge_cells("B3:B4")
    found, rows = read(saved(book))
    assert rows == [("Ada", "4155550132"), ("Ben", "")]
    assert any("merged, the first at B3" in note for note in found.notes)


def test_the_first_visible_sheet_with_rows_is_read(book):
    """A cover page and a hidden sheet are no list; the others are named."""
    book.active.append(["Ada", 4155550132])
    book.create_sheet("Cover", 0)["A1"] = "Hello"
    hidden = book.create_sheet("Secret", 0)
    hidden.append(HEADERS)
    hidden.append(["Eve", 4155550133])
    hidden.sheet_state = "hidden"
    book.create_chartsheet("Chart")
    stream = saved(book)
    found, rows = read(stream)
    assert rows == [("Ada", "4155550132")]
    assert found.notes == ('only the sheet "People" was read, not "Secret" (hidden), "Cover"',)
    found, rows = read(stream, sheet="Secret")
    assert rows == [("Eve", "4155550133")]
    assert 'the sheet "Secret" is hidden in the workbook' in found.notes


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(book):
    """The message is enough to name the right one."""
    with pytest.raises(Unreadable, match='no sheet "Peple"; its sheets are "People"'):
        read(saved(book), sheet="Peple")


def test_an_empty_sheet_is_told_by_its_name(book):
    """Whoever asked for the wrong sheet sees which one was looked at."""
    book.create_sheet("Old")
    with pytest.raises(Unreadable, match='nothing on its sheet "Old"; name another'):
        read(saved(book), sheet="Old")


def test_a_list_may_begin_anywhere_on_the_sheet():
    """Empty rows and columns before the list do not shift cells or row numbers."""
    made = openpyxl.Workbook()
    made.active["C4"], made.active["D4"] = HEADERS
    made.active["C5"], made.active["D5"] = "Ada", 4155550132
    found, rows = read(saved(made))
    assert (found.headers, found.first_row) == (("", "", "Name", "Phone"), 5)
    assert rows == [("", "", "Ada", "4155550132")]


def test_cells_beyond_the_header_are_kept(book):
    """A remark in a column without a name is not lost."""
    book.active.append(["Ada", 4155550132, None, "call late"])
    found, rows = read(saved(book))
    assert found.headers == ("Name", "Phone", "", "")
    assert rows == [("Ada", "4155550132", "", "call late")]


def test_names_of_xml_with_a_prefix_are_read_too(book):
    """Some programs write every element as x:c; what is hidden is found there as well."""
    book.active.append(["Ada", "=A1"])
    book.active.row_dimensions[2].hidden = True

    def prefixed(xml):
        xml = xml.replace(b"</", b"\x00").replace(b"<", b"<x:")
        return xml.replace(b"\x00", b"</x:").replace(b"xmlns=", b"xmlns:x=")

    found, rows = read(changed(saved(book), prefixed))
    assert rows == [("Ada", "#FORMULA!")]
    assert any("row 2 is hidden" in note for note in found.notes)


def test_an_old_workbook_is_read():
    """An .xls file of the nineties' form has numbers, dates and letters too."""
    table = read_table(Path(__file__).parent / "people.xls")
    assert table.headers == ("Name", "Phone", "Since", "Member")
    assert list(table.rows()) == [
        (2, ("Zoë", "4155550132", "2026-11-30", "TRUE")),
        (3, ("Ben", "+1 212 555 0101", "", "FALSE")),
    ]


ODS = """<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="People">{rows}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


def ods(rows, **others):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(rows=rows))
        archive.writestr("META-INF/manifest.xml", others.get("manifest", "<manifest/>"))
    return stream


def ods_row(*cells):
    made = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        for cell in cells
    )
    return f"<table:table-row>{made}</table:table-row>"


def test_an_open_document_is_read():
    """Lists of LibreOffice need no detour."""
    found, rows = read(ods(ods_row(*HEADERS) + ods_row("Zoë", "+14155550132")), form=".ods")
    assert found.headers == ("Name", "Phone")
    assert rows == [("Zoë", "+14155550132")]


def test_an_open_document_with_a_password_is_refused():
    """The sentence says what is in the way."""
    stream = ods(ods_row(*HEADERS), manifest="<m:encryption-data/>")
    with pytest.raises(Unreadable, match="protected by a password"):
        read(stream, form=".ods")
