"""The zip archive that a workbook is: bounded, and looked through once."""

import re
import zipfile
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.etree import ElementTree as ET

from inkbatch.adapters.table_files.forms import unreadable_as
from inkbatch.adapters.table_files.limits import Limits, Unreadable, mebibytes
from inkbatch.adapters.table_files.number_formats import DigitMask, adds_to_texts, digit_mask
from inkbatch.adapters.table_files.sheet_scan import SheetScan

_CHUNK_BYTES = 1024 * 1024
_PART_BYTES_MAX = 32 * _CHUNK_BYTES
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml")


@dataclass(slots=True, kw_only=True)
class Archive:
    """What was found in a workbook's archive: scans by sheet name, and formats by style number."""

    scans: dict[str, SheetScan] = field(default_factory=dict)
    masks: dict[int, DigitMask] = field(default_factory=dict)


def look_through(stream: BinaryIO, *, form: str, limits: Limits) -> Archive:
    """Inflate every part once and count, since headers lie; raises Unreadable."""
    try:
        with zipfile.ZipFile(stream) as parts:
            return _look_through(parts, form=form, limits=limits)
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ET.ParseError,
    ):
        raise unreadable_as(form, "its archive is damaged") from None
    except ValueError as error:
        if isinstance(error, zipfile.LargeZipFile | UnicodeError):
            raise unreadable_as(form, "its archive is damaged") from None
        raise


def _look_through(parts: zipfile.ZipFile, *, form: str, limits: Limits) -> Archive:
    infos = parts.infolist()
    if len(infos) > limits.zip_entries_max:
        raise Unreadable(
            f"is an archive of more than {limits.zip_entries_max:,} parts; it is no list"
        )
    names = {info.filename for info in infos}
    _require_kind(parts, names, form)
    is_xlsx = form == ".xlsx"
    codes = _format_codes(parts) if is_xlsx and "xl/styles.xml" in names else {}
    masks = {style: mask for style, code in codes.items() if (mask := digit_mask(code)) is not None}
    of_texts = frozenset(style for style, code in codes.items() if adds_to_texts(code))
    paths = _sheet_paths(parts, names) if is_xlsx else {}
    scans: dict[str, SheetScan] = {}
    inflated = 0
    for info in infos:
        scan = None
        if is_xlsx and (info.filename in paths.values() or _SHEETS.fullmatch(info.filename)):
            scan = SheetScan(
                limits=limits, masked_styles=frozenset(masks), masked_text_styles=of_texts
            )
            scans[info.filename] = scan
        with parts.open(info) as part:
            while chunk := part.read(_CHUNK_BYTES):
                inflated += len(chunk)
                if inflated > limits.inflated_bytes_max:
                    raise Unreadable(
                        f"grows beyond {mebibytes(limits.inflated_bytes_max)} when unpacked; "
                        "save only the list in a new workbook"
                    )
                if scan is not None:
                    scan.feed(chunk)
        if scan is not None:
            scan.close()
    by_sheet = {name: scans[path] for name, path in paths.items() if path in scans}
    return Archive(scans=by_sheet, masks=masks)


def _require_kind(parts: zipfile.ZipFile, names: set[str], form: str) -> None:
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Unreadable("is a workbook that holds macros; save it as .xlsx without them")
    needed = "xl/workbook.xml" if form == ".xlsx" else "content.xml"
    if needed not in names:
        raise unreadable_as(form, "it is another zip archive")
    if form == ".ods" and b"encryption-data" in _part(parts, "META-INF/manifest.xml", names):
        raise Unreadable(
            "is protected by a password; open it, take the password off and save it anew"
        )


def _part(parts: zipfile.ZipFile, name: str, names: set[str] | None = None) -> bytes:
    if names is not None and name not in names:
        return b""
    with parts.open(name) as part:
        return part.read(_PART_BYTES_MAX)


def _format_codes(parts: zipfile.ZipFile) -> dict[int, str]:
    """Return the workbook's own format of each style that has one, in the file's order."""
    root = ET.fromstring(_part(parts, "xl/styles.xml"))  # noqa: S314 (the process is confined)
    codes = {
        element.get("numFmtId"): element.get("formatCode", "")
        for element in root.iter()
        if element.tag.endswith("}numFmt")
    }
    styles = next((element for element in root if element.tag.endswith("}cellXfs")), ())
    return {
        number: codes[style.get("numFmtId")]
        for number, style in enumerate(styles)
        if style.get("numFmtId") in codes
    }


def _sheet_paths(parts: zipfile.ZipFile, names: set[str]) -> dict[str, str]:
    relations = ET.fromstring(  # noqa: S314 (the process is confined)
        _part(parts, "xl/_rels/workbook.xml.rels", names) or b"<none/>"
    )
    targets = {element.get("Id"): element.get("Target", "") for element in relations}
    book = ET.fromstring(_part(parts, "xl/workbook.xml"))  # noqa: S314 (the process is confined)
    return {
        element.get("name", ""): _absolute(targets.get(_relation(element), ""))
        for element in book.iter()
        if element.tag.endswith("}sheet")
    }


def _relation(sheet: ET.Element) -> str | None:
    """Return the id of a sheet's part, whichever edition of the standard names the attribute."""
    return next((value for name, value in sheet.items() if name.endswith("}id")), None)


def _absolute(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
