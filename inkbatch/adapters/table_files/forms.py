"""Which form a file has by its name, and whether its first bytes agree."""

from pathlib import Path

from inkbatch.adapters.table_files.limits import Limits, Unreadable, mebibytes
from inkbatch.adapters.table_files.open_file import OpenFile

TEXTS = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xls", ".ods")
FORMS = (".csv", ".tsv", ".txt", ".xlsx", ".parquet", ".xls", ".ods")
MACROS = (".xlsm", ".xlsb", ".xltm", ".xlam", ".xla")

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
ZIP = b"PK"
PARQUET = b"PAR1"
_OTHERS = {
    OLE: "an old or protected workbook",
    b"PK\x03\x04": "a workbook or another zip archive",
    PARQUET: "a Parquet file",
    b"PARE": "an encrypted Parquet file",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive",
    b"{\\rtf": "a rich text document",
    b"\x89PNG": "a picture",
}
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BLANK = b" \t\r\n\xef\xbb\xbf\xff\xfe\x00"


def form_of(path: Path) -> str:
    """Return the ending that says how to read the file; raises Unreadable for all others."""
    ending = path.suffix.lower()
    if ending in MACROS:
        raise Unreadable(
            f"is a workbook that may hold macros ({ending}); save it as .xlsx and give that"
        )
    if ending not in FORMS:
        raise Unreadable(f"does not end in one of {', '.join(FORMS)}; save it as one of these")
    return ending


def require_form(file: OpenFile, form: str, limits: Limits) -> None:
    """Refuse a file that is empty, too large or, by its first bytes, not what its name says."""
    _require_size(file, form, limits)
    head = file.head(4096)
    if file.size_bytes <= len(head) and not head.strip(_BLANK):
        raise Unreadable("is empty; it needs a row of column names and rows under it")
    if form == ".xlsx" and head.startswith(OLE) and _is_encrypted(file):
        raise Unreadable(
            "is protected by a password; open it, take the password off and save it anew"
        )
    if form == ".parquet" and head.startswith(PARQUET) and file.tail(4) != PARQUET:
        raise unreadable_as(form, "its end is missing")
    if not _agrees(form, head):
        raise unreadable_as(form, f"it is {_what_it_is(head)}")


def unreadable_as(form: str, why: str) -> Unreadable:
    """Return what to say of a file whose bytes are not of its form."""
    return Unreadable(
        f"cannot be read as {form.removeprefix('.').upper()} ({why}); it may be damaged, protected "
        "by a password or of another form than its name says: open it and save it anew"
    )


def _require_size(file: OpenFile, form: str, limits: Limits) -> None:
    most = limits.workbook_bytes_max if form in WORKBOOKS else limits.text_bytes_max
    if file.size_bytes > most:
        raise Unreadable(f"is larger than {mebibytes(most)}; split it into several files")


def _agrees(form: str, head: bytes) -> bool:
    match form:
        case ".xlsx" | ".ods":
            return head.startswith(ZIP)
        case ".xls":
            return head.startswith(OLE)
        case ".parquet":
            return head.startswith(PARQUET)
        case _:
            return not head.startswith(tuple(_OTHERS))


def _is_encrypted(file: OpenFile) -> bool:
    with file.reader() as reader:
        return _ENCRYPTED in reader.read()


def _what_it_is(head: bytes) -> str:
    for start, name in _OTHERS.items():
        if head.startswith(start):
            binary = "binary data: " if name else ""
            return binary + name
    return "plain text" if b"\0" not in head else "binary data"
