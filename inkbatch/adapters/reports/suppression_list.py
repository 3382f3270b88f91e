"""The suppression list as a file for a spreadsheet program, or for another program to read."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from inkbatch.adapters.reports.atomic_file import replacing
from inkbatch.adapters.reports.exports import WRITERS
from inkbatch.domain.errors import UserMistake
from inkbatch.domain.suppression import Suppression


def write_suppressions(suppressions: Sequence[Suppression], to: Path) -> Path:
    """Write phone, reason, source, added_at and expires_at, and return the file's path.

    Times are ISO 8601 texts in UTC, so that a program which reads the file back loses nothing.
    Raises UserMistake for an ending that names no form, and where the file cannot be written.
    """
    write = WRITERS.get(to.suffix.lower())
    if write is None:
        raise UserMistake(
            f"cannot export to {to.name}: the ending says the form. Give a file name that ends in "
            f"{', '.join(WRITERS)}."
        )
    frame = pd.DataFrame(
        {
            "phone": [each.number for each in suppressions],
            "reason": [each.reason for each in suppressions],
            "source": [each.source for each in suppressions],
            "added_at": [each.added_at.isoformat() for each in suppressions],
            "expires_at": [
                "" if each.expires_at is None else each.expires_at.isoformat()
                for each in suppressions
            ],
        },
        dtype="str",
    )
    with replacing(to) as unfinished:
        write(frame, unfinished)
    return to
