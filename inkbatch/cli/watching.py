"""How far a long list is read, on a terminal."""

from collections.abc import Iterable, Iterator

from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from inkbatch.cli.output import console
from inkbatch.domain.call_list import Row


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
