"""`report` and `export`: what came of a campaign."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from inkbatch import showing
from inkbatch.adapters.clock import RealClock
from inkbatch.cli.output import print_json, say
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


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(report)
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
