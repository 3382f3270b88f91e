"""How the suppression list is spoken of."""

from typing import TYPE_CHECKING

from inkbatch.cli.output import moment
from inkbatch.domain.suppression import Suppression

if TYPE_CHECKING:
    from inkbatch.adapters.call_lists.suppression_files import SuppressionFile


def came_of(read: "SuppressionFile", *, added: int) -> str:
    """Say what became of each number of a file."""
    numbers = {entry.number for entry in read.suppressions}
    known, twice = len(numbers) - added, len(read.suppressions) - len(numbers)
    parts = [f"added {added}"]
    if known:
        parts.append(f"{known} {_were(known)} on the list already")
    if twice:
        parts.append(f"{twice} {_were(twice)} there twice")
    if read.expired:
        parts.append(f"{read.expired} had expired")
    if read.unread:
        parts.append(f"{rows_unread(read)} could not be read and may be called: {read.some_unread}")
    return ", ".join(parts)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def rows_unread(read: "SuppressionFile") -> str:
    """Say how many rows could not be read."""
    return "1 row" if read.rows_unread == 1 else f"{read.rows_unread} rows"


def how_long(entry: Suppression) -> str:
    """Say until when a number is on the list."""
    return "for good" if entry.expires_at is None else f"until {moment(entry.expires_at)}"


def described(entry: Suppression) -> str:
    """Say since when, how long, why and by whom a number is on the list."""
    return (
        f"{entry.number} was on the suppression list since {moment(entry.added_at)}, "
        f"{how_long(entry)}: {plain(entry.reason)} (from: {plain(entry.source)})"
    )


def plain(text: str) -> str:
    """Return a text out of a file as it may be shown: it cannot command the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
