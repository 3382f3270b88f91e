"""How the columns of one file lie, and what one cell can do to its row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.columns import Places
from inkbatch.domain.agent_url import extension_field

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the columns are, what to call them before people, and what in templates."""

    places: Places
    labels: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def hidden_name(self) -> str | None:
        """The phone column is no field of a contact, unless it is one of several."""
        phones = self.places.phones
        return self.names[phones[0]] if len(phones) == 1 else None

    @property
    def fields(self) -> tuple[str, ...]:
        """The names that every contact's fields have, in the order of the columns."""
        hidden = self.hidden_name
        return tuple(name for name in self.names if name != hidden)

    @property
    def extension_name(self) -> str:
        """The field for an extension, by a name that no column of the file has."""
        return extension_field(self.names)


@dataclass(frozen=True, slots=True)
class Remark:
    """What is odd about the cell at `place` of a row that is called all the same."""

    text: str
    place: int


class Rejection(Exception):  # rows.py makes a row of it
    """The cell at `place` for which its row is not called; the message is the reason."""

    def __init__(self, reason: str, *, place: int) -> None:
        super().__init__(reason)
        self.place = place


def read_cell(place: int, read: Callable[[], Read]) -> Read:
    """Return what is read; a BadCell becomes the Rejection of the cell at `place`."""
    try:
        return read()
    except BadCell as bad:
        raise Rejection(str(bad), place=place) from None
