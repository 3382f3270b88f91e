"""What a person is told while a call list is read."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from inkbatch.cli.output import console, say
from inkbatch.domain.call_list import CallList
from inkbatch.domain.row_batch import RowBatch

if TYPE_CHECKING:
    from inkbatch.adapters.call_lists.reader import OpenedList


def say_what_was_read(read: "OpenedList | CallList") -> None:
    """Say which column was taken for what and why, and what to know of the file."""
    for column in read.recognised:
        say(f'  {column.role.replace("_", " ")}: "{column.header}" {column.reason}')
    for note in read.notes:
        say(f"  note: {note}")


def batches_shown(batches: Iterable[RowBatch]) -> Iterator[RowBatch]:
    """Give the rows on, and tell how many there were and how many come in a second."""
    with rows_counted() as count:
        yield from batches_counted(batches, count)


def batches_counted(
    batches: Iterable[RowBatch], count: Callable[[int], None]
) -> Iterator[RowBatch]:
    """Give the rows on, and tell `count` how many they are."""
    for batch in batches:
        yield batch
        count(len(batch))


@contextmanager
def rows_counted(*, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Yield what takes a number of rows more; on a terminal it tells them and their speed."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), _Rows())
    shows = console.is_terminal and not quiet
    with Progress(*columns, console=console, transient=True, disable=not shows) as progress:
        reading = progress.add_task("Reading the call list", total=None)
        yield lambda rows: progress.advance(reading, rows)


class _Rows(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Return such as `120,000 rows, 41,000 a second`."""
        speed = f", {task.speed:,.0f} a second" if task.speed else ""
        return Text(f"{task.completed:,.0f} rows{speed}")
