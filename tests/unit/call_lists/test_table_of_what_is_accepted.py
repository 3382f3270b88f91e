"""campaigns/README.md says what is accepted, repaired and refused; each of its lines is true."""

import csv
import re
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from inkbatch.adapters.call_lists import open_call_list
from inkbatch.domain.call_list import Columns
from inkbatch.domain.errors import CallListError

TEXT = (Path(__file__).parents[3] / "campaigns" / "README.md").read_text("utf-8")
ODS = """<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="People">{rows}</table:table>
</office:spreadsheet></office:body></office:document-content>"""
ODS_ROW = """<table:table-row><table:table-cell office:value-type="string"><text:p>{cell}</text:p>
</table:table-cell></table:table-row>"""
PHONE = "+14155550132"
BRITISH = "020 7946 0123"


def tables():
    """Return the lines of each table by the header of its first column."""
    found = {}
    for block in re.findall(r"(?:^\|.*\n)+", TEXT, re.MULTILINE):
        header, _, *lines = (
            [cell.strip() for cell in row[2:-2].split(" | ")] for row in block.splitlines()
        )
        found[header[0]] = [tuple(line) for line in lines]
    return found


TABLES = tables()
BY_CELL = [
    (column, *line)
    for column, lines in TABLES.items()
    if column not in {"file", "header", "row"}
    for line in lines
]


def read(path, **options):
    return open_call_list(path, columns=Columns(), default_region="US", **options).as_call_list()


def written(path, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def told(row, column):
    """Return what the third cell of a line says of an accepted row."""
    return {
        "Phone": row.number,
        "Country": row.number,
        "Time zone": " and ".join(row.zones),
        "Not before": moment(row.not_before),
        "Deadline": moment(row.expires_at),
        "Priority": str(row.priority),
        "Consent": row.reason or "none",
        "Do not call": row.reason or "none",
    }[column]


def moment(when):
    return f"{when:%Y-%m-%d %H:%M} UTC" if when else "none"


@pytest.mark.parametrize(("column", "cell", "status", "outcome"), BY_CELL)
def test_a_cell_becomes_what_the_table_says(tmp_path, column, cell, status, outcome):
    """What a person looks up about a cell is what happens to it."""
    text = "" if cell == "(empty)" else cell.strip("`")
    phone = BRITISH if column == "Country" else PHONE
    cells = {"Name": "Ada", "Phone": phone} | {column: text}
    (row,) = read(written(tmp_path / "people.csv", cells, cells.values())).rows
    assert row.status.value == status
    if row.becomes_contact:
        assert told(row, column) == outcome
        assert (status == "repaired") <= bool(row.reason)
    else:
        assert row.reason.startswith(outcome)


@pytest.mark.parametrize(
    ("header", "role"),
    [(each.strip("`"), role) for headers, role in TABLES["header"] for each in headers.split(", ")],
)
def test_a_header_is_what_the_table_says(tmp_path, header, role):
    """What a person looks up about a header is what it is taken for."""
    is_phone = role == "phone"
    headers = ["Name", header] if is_phone else ["Telephone", header]
    cells = ["Ada", PHONE] if is_phone else [PHONE, ""]
    call_list = read(written(tmp_path / "people.csv", headers, cells))
    roles = {one.header: one.role.replace("_", " ") for one in call_list.recognised}
    assert roles.get(header, "a field") == role


def test_a_row_becomes_what_the_table_says(tmp_path):
    """The rest of the account: rows that are not called though their number is good."""
    path = written(
        tmp_path / "people.csv", ["Phone", "Name"], [PHONE], [PHONE], [], ["+14155550133", "Ben"]
    )
    first, *others, last = read(path, suppressed={"+14155550133": "asked"}).rows
    assert first.becomes_contact
    found = [(row.status.value, row.reason) for row in (others[0], last, others[1])]
    for (status, reason), (_, expected, start) in zip(found, TABLES["row"], strict=True):
        assert status == expected
        assert reason.startswith(start)


def delimited(folder):
    for ending in ("csv", "tsv", "txt"):
        for delimiter in ",;\t|":
            path = folder / f"people.{ending}"
            path.write_text(f"Name{delimiter}Phone\nAda{delimiter}{PHONE}\n")
            yield path


def encoded(folder):
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman"):
        path = folder / f"{encoding}.csv"
        path.write_bytes(
            f"Name,Phone\nZoë Müller,{PHONE}\nJosé Peña,+14155550133\n".encode(encoding)
        )
        yield path


def workbooks(folder):
    pd.DataFrame({"Name": ["Ada"], "Phone": [PHONE]}).to_excel(folder / "people.xlsx", index=False)
    yield folder / "people.xlsx"
    yield Path(__file__).parent / "formats" / "people.xls"
    with zipfile.ZipFile(folder / "people.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        rows = "".join(ODS_ROW.format(cell=cell) for cell in ("Phone", PHONE))
        archive.writestr("content.xml", ODS.format(rows=rows))
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    yield folder / "people.ods"


def parquet(folder):
    pd.DataFrame({"Name": ["Ada"], "Phone": [PHONE]}).to_parquet(folder / "people.parquet")
    yield folder / "people.parquet"


def with_preamble(folder):
    yield written(folder / "people.csv", ["Our customers"], [], ["Name", "Phone"], ["Ada", PHONE])


def ragged(folder):
    yield written(folder / "people.csv", ["Name", "Phone"], ["Ada", PHONE, "surplus"])


def with_long_cell(folder):
    address = "12 Main St\nSuite 3\nRome"
    yield written(folder / "people.csv", ["Name", "Address", "Phone"], ["Ada", address, PHONE])


def melted(folder):
    path = folder / "people.csv"
    lines = (f"Ada,{PHONE},Rome", f'"Ben,{PHONE},Oslo', f'Eve",{PHONE},Bern')
    path.write_text("\n".join(("Name,Phone,City", *lines)))
    yield path


def upside_down(folder):
    yield written(folder / "people.csv", ["Ada", PHONE], ["Name", "Phone"], ["Ben", PHONE])


def other_ending(folder):
    yield written(folder / "people.pdf", ["Name", "Phone"], ["Ada", PHONE])


def without_rows(folder):
    yield written(folder / "empty.csv")
    yield written(folder / "header.csv", ["Name", "Phone"])


def no_workbook(folder):
    yield written(folder / "people.xlsx", ["Name", "Phone"], ["Ada", PHONE])


def no_file(folder):
    (folder / "people.csv").mkdir()
    yield folder / "people.csv"
    yield folder / "nowhere.csv"


FILES = (
    *(delimited, encoded, workbooks, parquet, with_preamble, ragged),
    *(with_long_cell, melted, upside_down, other_ending, without_rows, no_workbook, no_file),
)


@pytest.mark.parametrize(
    ("outcome", "make"), [(line[1], make) for line, make in zip(TABLES["file"], FILES, strict=True)]
)
def test_a_file_becomes_what_the_table_says(tmp_path, outcome, make):
    """What a person looks up about a file is what happens to it, and what is odd is told."""
    for path in make(tmp_path):
        if outcome == "refused":
            with pytest.raises(CallListError):
                read(path)
            continue
        call_list = read(path)
        assert [row.number for row in call_list.rows][:1] == [PHONE]
        assert ("told" in outcome) <= bool(call_list.notes)


def test_names_keep_their_letters_in_every_encoding(tmp_path):
    """A caller who says the name says the person's own."""
    for path in encoded(tmp_path):
        assert [row.fields["name"] for row in read(path).rows] == ["Zoë Müller", "José Peña"]


def test_another_sheet_is_taken_by_its_name(tmp_path):
    """The first sheet with rows is read, and every other by its name."""
    book = openpyxl.Workbook()
    for row in (["Phone"], [PHONE]):
        book.active.append(row)
    other = book.create_sheet("May")
    for row in (["Phone"], ["+14155550133"]):
        other.append(row)
    book.save(tmp_path / "people.xlsx")
    assert [row.number for row in read(tmp_path / "people.xlsx").rows] == [PHONE]
    assert [row.number for row in read(tmp_path / "people.xlsx", sheet="May").rows] == [
        "+14155550133"
    ]
