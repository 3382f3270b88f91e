"""Live progress of one campaign: bars on a terminal, a line a pass elsewhere."""

from types import TracebackType
from typing import Self

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from inkbatch.cli.output import console, moment, say
from inkbatch.dialer.run import PassResult
from inkbatch.domain.budget import Limits, Usage
from inkbatch.domain.contact import count_left
from inkbatch.ports import CampaignCounts, Store


class Progress:
    """A context whose `update` is called after each pass; quiet for scripts."""

    def __init__(
        self, store: Store, *, campaign: str, organisation: str, quiet: bool = False
    ) -> None:
        self._store, self._quiet = store, quiet
        self._campaign, self._organisation = campaign, organisation
        self._live = Live(console=console, refresh_per_second=8, transient=True)
        self._shows = console.is_terminal and not quiet

    def __enter__(self) -> Self:
        if self._shows:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shows:
            self._live.stop()

    def update(self, result: PassResult) -> None:
        """Show where the campaign stands after this pass."""
        if self._shows:
            self._live.update(self._panel(result))
        elif not self._quiet and (result.placed or result.collected or result.recovered):
            say(pass_line(result))

    def _panel(self, result: PassResult) -> Group:
        with self._store.reading() as tx:
            record = tx.campaign(self._campaign, organisation=self._organisation)
            if record is None:
                return Group()
            counts = tx.counts(record.id, now=result.at)
            limits = tx.limits(record.organisation)
            usage = tx.usage(record.organisation, now=result.at)
        return panel(record.name, result, counts, limits=limits, usage=usage)


def pass_line(result: PassResult) -> str:
    """Return one pass as a line for a log."""
    parts = [
        f"{count} {word}"
        for count, word in (
            (result.recovered, "taken over from a dead process"),
            (result.reconciled, "looked up"),
            (result.collected, "ended"),
            (result.placed, "placed"),
        )
        if count
    ]
    return f"{moment(result.at)}  {', '.join(parts)}; next {moment(result.wake_at)}: {result.why}"


def panel(
    name: str, result: PassResult, counts: CampaignCounts, *, limits: Limits, usage: Usage
) -> Group:
    """Return the picture of a campaign that is being dialed."""
    contacts = counts.contacts
    total = sum(contacts.values())
    left = count_left(contacts)
    grid = Table.grid(padding=(0, 2))
    grid.add_row(
        "people", ProgressBar(total or 1, total - left, width=40), f"{total - left}/{total}"
    )
    grid.add_row(
        "calls", ProgressBar(limits.calls, usage.calls, width=40), f"{usage.calls}/{limits.calls}"
    )
    grid.add_row(
        "minutes",
        ProgressBar(limits.minutes, min(usage.minutes, limits.minutes), width=40),
        f"{usage.minutes:.1f}/{limits.minutes:g}",
    )
    states = "  ".join(f"{state} {count}" for state, count in contacts.items() if count)
    return Group(
        Text(f"{name}  {moment(result.at)}", style="bold"),
        grid,
        Text(states),
        Text(f"next {moment(result.wake_at)}: {result.why}", style="dim"),
    )
