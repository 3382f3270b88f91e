"""What a person is told while a call list is read."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from inkbatch.cli.output import console, say
from inkbatch.domain.call_list import CallList, Row

if TYPE_CHECKING:
    from inkbatch.adapters.call_lists.reader import OpenedList


def say_what_was_read(read: "OpenedList | CallList") -> None:
    """Say which column was taken for what and why, and what to know of the file."""
    for column in read.recognised:
        say(f'  {column.role.replace("_", " ")}: "{column.header}" {column.reason}')
    for note in read.notes:
        say(f"  note: {note}")


def rows_shown(rows: Iterable[Row]) -> Iterator[Row]:
    """Give the rows on, and tell how many there were and how many come in a second."""
    if not console.is_terminal:
        yield from rows
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), _Rows())
    with Progress(*columns, console=console, transient=True) as progress:
        yield from progress.track(rows, description="Reading the call list", total=None)


class _Rows(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Return such as `120,000 rows, 41,000 a second`."""
        speed = f", {task.speed:,.0f} a second" if task.speed else ""
        return Text(f"{task.completed:,.0f} rows{speed}")
