"""How much a file may take; each limit is named in the message of the file that passes it."""

from dataclasses import dataclass

MIB = 1024 * 1024


class Unreadable(Exception):
    """A file that is no table; the message goes on after the file's name and tells what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of a file and of the process that parses it.

    A spreadsheet program stops at 1,048,576 rows; text files may go on.
    """

    text_bytes_max: int = 512 * MIB
    workbook_bytes_max: int = 128 * MIB
    line_bytes_max: int = MIB
    cell_characters_max: int = 131_072
    rows_max: int = 2_000_000
    columns_max: int = 1_000
    cells_max: int = 32_000_000
    zip_entries_max: int = 2_000
    inflated_bytes_max: int = 2_048 * MIB
    memory_bytes_max: int = 4_096 * MIB
    cpu_seconds_max: int = 120
    wall_seconds_max: int = 180


def mebibytes(count: int) -> str:
    """Return a number of bytes for a person."""
    return f"{count // MIB:,} MiB" if count >= MIB else f"{count:,} bytes"
