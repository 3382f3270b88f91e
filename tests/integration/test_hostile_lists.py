"""Files that are broken or made to break: each costs one sentence, and the program goes on."""

import io
import os
import zipfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkbatch.adapters.call_lists.tables import Limits, read_table
from inkbatch.domain.errors import CallListError

MIB = 1024 * 1024
OLE = bytes.fromhex("D0CF11E0A1B11AE1")


@cache
def good(form) -> bytes:
    """Return a list that is in order, in one of the forms."""
    stream = io.BytesIO()
    frame = pd.DataFrame({"Name": ["Ada", "Ben"], "Phone": ["+14155550132", "+14155550133"]})
    match form:
        case ".xlsx":
            frame.to_excel(stream, index=False)
        case ".parquet":
            frame.to_parquet(stream)
        case ".xls":
            return (Path(__file__).parents[1] / "unit/call_lists/formats/people.xls").read_bytes()
        case ".ods":
            return ods(rows=2, columns=2)
        case _:
            frame.to_csv(stream, index=False)
    return stream.getvalue()


ODS_SHEET = b"""<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="A"><table:table-row><table:table-cell office:value-type="string">
<text:p>Phone</text:p></table:table-cell></table:table-row><table:table-row
 table:number-rows-repeated="%d"><table:table-cell office:value-type="string"
 table:number-columns-repeated="%d"><text:p>1</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def ods(*, rows, columns) -> bytes:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    content = ODS_SHEET % (rows, columns)
    return archive({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": "<m/>"})


def archive(parts) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return stream.getvalue()


def with_part(name, content) -> bytes:
    """Return a workbook in order but for one part."""
    with zipfile.ZipFile(io.BytesIO(good(".xlsx"))) as made:
        return archive({part: made.read(part) for part in made.namelist()} | {name: content})


def sheet(cells) -> bytes:
    return (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData>" + cells + b"</sheetData></worksheet>"
    )


def sparse(quote) -> bytes:
    """Return a workbook of two cells, the farthest apart that there can be."""
    cells = b'<row><c r="A1"><v>1</v></c></row><row><c r="XFD1048576"><v>2</v></c></row>'
    return with_part("xl/worksheets/sheet1.xml", sheet(cells).replace(b'"', quote))


def workbook(*rows) -> bytes:
    stream, made = io.BytesIO(), openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(stream)
    return stream.getvalue()


def parquet(rows) -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"Phone": rows}, dtype=str).to_parquet(stream)
    return stream.getvalue()


def zip_bomb() -> bytes:
    return with_part("xl/worksheets/sheet1.xml", sheet(b"<row></row>" * (3 * MIB)))


def refused(tmp_path, name, content, **limits) -> str:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CallListError) as caught:
        list(read_table(path, limits=Limits(**limits)).rows())
    message = str(caught.value)
    assert message.startswith((str(path), f"there is no file {path}"))
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("sparse.xlsx", lambda: sparse(b'"'), "reaches 1,048,576 rows down and 16,384 columns"),
        ("macros.xlsx", lambda: with_part("xl/vbaProject.bin", b""), "holds macros"),
        ("macros.xlsm", lambda: b"PK", "may hold macros (.xlsm)"),
        ("locked.xlsx", lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "by a password"),
        ("old.xlsx", lambda: good(".xls"), "it is binary data: an old or protected workbook"),
        ("text.xlsx", lambda: good(".csv"), "cannot be read as XLSX (it is plain text)"),
        ("text.xls", lambda: b"<html><table>", "cannot be read as XLS (it is plain text)"),
        ("letter.xlsx", lambda: archive({"word/document.xml": b"x"}), "another zip archive"),
        ("cut.xlsx", lambda: good(".xlsx")[:2000], "cannot be read as XLSX"),
        ("book.csv", lambda: good(".xlsx"), "a workbook or another zip archive"),
        ("cut.parquet", lambda: good(".parquet")[:-9], "its end is missing"),
        ("no.parquet", lambda: b"PAR1" + b"x" * 99 + b"PAR1", "cannot be read as PARQUET"),
        ("picture.csv", lambda: b"\x89PNG\r\n\x1a\n", "a picture"),
        ("nul.csv", lambda: b"Name,Phone\nAda\0,1\n", "NUL bytes"),
        ("cut.txt", lambda: "Name\tPhone\n".encode("utf-16")[:-1], "cut off or damaged"),
        ("empty.csv", lambda: b"", "is empty"),
        ("empty.xlsx", lambda: b"", "is empty"),
        ("mark.csv", lambda: b"\xef\xbb\xbf\r\n", "is empty"),
        ("blank.csv", lambda: b" ,\n,\n" * 2000, "is empty"),
        ("blank.xlsx", workbook, "is empty"),
        ("norows.csv", lambda: b"Name,Phone\n,\n", "has column names but no rows"),
        ("norows.xlsx", lambda: workbook(["Name", "Phone"]), "has column names but no rows"),
        ("norows.parquet", lambda: parquet([]), "has column names but no rows"),
        ("list.pdf", lambda: b"%PDF", "does not end in one of .csv, .tsv, .txt, .xlsx"),
        ("missing.csv", lambda: None, "there is no file"),
    ],
)
def test_a_file_that_is_no_list_costs_a_sentence(tmp_path, name, content, says):
    """It names the file, what is wrong with it and what to do."""
    assert says in refused(tmp_path, name, content())


@pytest.mark.parametrize(
    ("name", "content", "limits", "says"),
    [
        ("bomb.xlsx", zip_bomb, {"inflated_bytes_max": 8 * MIB}, "beyond 8 MiB when unpacked"),
        (
            "parts.xlsx",
            lambda: archive({f"part{n}": b"" for n in range(99)}),
            {"zip_entries_max": 90},
            "more than 90 parts",
        ),
        ("big.xlsx", lambda: good(".xlsx"), {"workbook_bytes_max": 999}, "larger than 999 bytes"),
        ("big.csv", lambda: good(".csv"), {"text_bytes_max": 9}, "larger than 9 bytes"),
        ("long.csv", lambda: b"x" * 6 * MIB, {}, "a line of more than 1 MiB"),
        ("wide.csv", lambda: b"," * 20_000 + b"\n1", {}, "more than 1,000 cells"),
        ("wide.xlsx", lambda: workbook(["a"] * 9, ["b"]), {"columns_max": 8}, "than 8 columns"),
        ("wide.parquet", lambda: parquet(["1"]), {"columns_max": 0}, "more than 0 columns"),
        ("cells.csv", lambda: b"A,B,C\n" + b"1\n" * 99, {"cells_max": 150}, "than 150 cells"),
        ("cell.csv", lambda: b'A,B\n"' + b"x\n" * 99_000, {}, "more than 131,072 characters"),
        ("rows.csv", lambda: b"Phone\n" + b"1\n" * 99, {"rows_max": 50}, "more than 50 rows"),
        ("rows.xlsx", lambda: workbook(*[["a"]] * 99), {"rows_max": 50}, "more than 50 rows"),
        ("rows.parquet", lambda: parquet(["1"] * 99), {"rows_max": 50}, "more than 50 rows"),
        ("cells.parquet", lambda: parquet(["1"] * 99), {"cells_max": 50}, "more than 50 cells"),
        ("slow.xlsx", lambda: good(".xlsx"), {"wall_seconds_max": 0}, "more than 0 seconds"),
        (
            "sparse.xlsx",
            lambda: sparse(b"'"),
            {"memory_bytes_max": 512 * MIB},
            "cannot be read within 512 MiB of memory",
        ),
        (
            "repeated.ods",
            lambda: ods(rows=900_000, columns=20),
            {"memory_bytes_max": 512 * MIB},
            "cannot be read within 512 MiB of memory",
        ),
    ],
)
def test_a_file_beyond_a_limit_is_told_the_limit(tmp_path, name, content, limits, says):
    """Whoever has such a file learns which bound it passed; each bound can be set."""
    assert says in refused(tmp_path, name, content(), **limits)


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    """A pipe that nobody writes to does not block, and a folder is told as one."""
    os.mkfifo(tmp_path / "pipe.csv")
    assert "a pipe or a device" in refused(tmp_path, "pipe.csv", None)
    (tmp_path / "folder.csv").mkdir()
    assert "is a folder" in refused(tmp_path, "folder.csv", None)
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert "cannot be opened" in refused(tmp_path, "loop.csv", None)


changes = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=6)


def mutated(content, edits, cut):
    made = bytearray(content)
    for place, byte in edits:
        made[place % len(made)] = byte
    return bytes(made[: len(made) - cut % len(made)]) if cut else bytes(made)


def survives(path, content):
    """Every outcome is fine but another error than the one for lists."""
    path.write_bytes(content)
    with suppress(CallListError):
        table = read_table(path, limits=Limits(memory_bytes_max=1024 * MIB, wall_seconds_max=30))
        assert all(len(cells) == len(table.headers) for _, cells in table.rows())


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.text(",;\t\"'\n\r\\ aé1+=\ufeff", max_size=80).map(str.encode),
        st.builds(mutated, st.just(good(".csv")), changes, st.just(0)),
    ),
    form=st.sampled_from([".csv", ".tsv", ".txt"]),
)
def test_no_text_breaks_the_reader(tmp_path, content, form):
    """Random and damaged text files are read or refused."""
    survives(tmp_path / f"people{form}", content)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(form=st.sampled_from([".xlsx", ".xls", ".ods", ".parquet"]), edits=changes, data=st.data())
def test_no_damage_to_a_binary_file_breaks_the_reader(tmp_path, form, edits, data):
    """Random damage to a workbook or Parquet file is read over or refused."""
    cut = data.draw(st.sampled_from([0, 0, 0, 1, 700]))
    survives(tmp_path / f"people{form}", mutated(good(form), edits, cut))


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits=changes)
def test_no_damage_inside_a_workbook_breaks_the_reader(tmp_path, edits):
    """Random damage to a sheet within an archive that is in order is read over or refused."""
    cells = (
        b'<row r="1"><c r="A1" t="str"><v>Phone</v></c></row>'
        b'<row r="2"><c r="A2"><f>1</f><v>1</v></c></row>'
    )
    content = with_part("xl/worksheets/sheet1.xml", mutated(sheet(cells), edits, 0))
    survives(tmp_path / "people.xlsx", content)
