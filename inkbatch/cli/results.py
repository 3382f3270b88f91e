"""`report`, `compare` and `export`: what came of campaigns."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from inkbatch import showing
from inkbatch.adapters.clock import RealClock
from inkbatch.cli.output import console, print_json, say
from inkbatch.cli.steering import CampaignName, find_campaign, open_store
from inkbatch.settings import load_settings


class What(StrEnum):
    """What can be exported."""

    CONTACTS = "contacts"
    ATTEMPTS = "attempts"
    CALLS = "calls"
    BUDGET = "budget"
    ROWS = "rows"
    TRANSCRIPTS = "transcripts"


NOTHING_TO_SAY = "Their answer rates do not differ by more than chance, as far as these calls tell."


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(report)
    app.command()(compare)
    app.command()(export)


def report(
    campaign: CampaignName,
    *,
    out: Annotated[Path | None, typer.Option(help="Where to write the page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Write what came of a campaign as one page that opens anywhere, offline."""
    reserve, store = load_settings().reserve, open_store()
    with store.reading() as tx:
        record = find_campaign(tx, campaign)
    if as_json:
        figures = showing.report_figures(store, record, clock=RealClock(), reserve=reserve)
        print_json(figures.as_dict())
        return
    path = out or Path("reports") / record.name / "report.html"
    written = showing.write_report(store, record, to=path, clock=RealClock(), reserve=reserve)
    say(f"Wrote {written}")


def compare(
    campaigns: Annotated[
        list[str] | None, typer.Argument(help="Names or folders; all campaigns without any.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Set campaigns beside each other: whom they reached, who answered, and what that took.

    Shares are followed by the 95 % interval that the true one lies in. In words it says only what
    stands out by more than chance.
    """
    store = open_store()
    with store.reading() as tx:
        records = [find_campaign(tx, each) for each in campaigns] if campaigns else tx.campaigns()
    told = showing.comparison(store, records)
    if as_json:
        print_json(told.as_dict())
        return
    table = Table()
    for place, heading in enumerate(showing.COMPARED):
        table.add_column(heading, justify="right" if place else "left", overflow="fold")
    for line in showing.comparison_lines(told):
        table.add_row(*map(escape, line))
    console.print(table)
    beside = (NOTHING_TO_SAY,) if len(records) > 1 else ()
    for sentence in told.said or beside:
        say(sentence)


def export(
    campaign: CampaignName,
    out: Annotated[Path, typer.Argument(help="A .csv, .parquet or .xlsx file to write.")],
    *,
    what: Annotated[What, typer.Option(help="What it has a line for.")] = (What.CONTACTS),
) -> None:
    """Write what is stored of a campaign to a file for Excel or pandas."""
    store = open_store()
    with store.reading() as tx:
        record = find_campaign(tx, campaign)
    path = showing.export(store, record, what=what, to=out, clock=RealClock())
    say(f"Wrote {path}")
