"""The files that people bring."""

from pathlib import Path
from typing import Protocol

from inkbatch.domain.call_list import CallList, Columns


class CallListReader(Protocol):
    """Reads a spreadsheet of people."""

    def __call__(
        self, path: Path, *, columns: Columns, default_region: str | None, sheet: str | None = None
    ) -> CallList:
        """Return every row of the file, or of one sheet of it; raises CallListError."""
        ...
