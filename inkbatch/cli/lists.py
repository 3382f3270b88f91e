"""`init` and `check`: before anything is dialed."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from inkbatch.cli.output import console, print_json, say
from inkbatch.domain.call_list import CallList, Columns, RowStatus
from inkbatch.wiring import load_campaign


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(init)
    app.command()(check)


def init(
    name: Annotated[str, typer.Argument(help="The campaign's name, also its folder's.")],
    *,
    where: Annotated[Path, typer.Option(help="Folder in which to make it.")] = Path("campaigns"),
) -> None:
    """Make a campaign folder with a commented campaign.toml to fill in."""
    from inkbatch.adapters.campaign_files import write_new_campaign

    path = write_new_campaign(where / name, name)
    say(f"Wrote {path}. Fill it in, put your call list beside it, then:")
    say(f"  inkbatch check {where / name}")
    say(f"  inkbatch run {where / name}")


def check(
    call_list: Annotated[Path, typer.Argument(help="A call list, or a campaign's folder.")],
    *,
    region: Annotated[
        str | None, typer.Option(help="Country of numbers without a plus, such as US.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Say what is wrong with a call list; dial nothing. Exit 1 if a row cannot be called."""
    from inkbatch.adapters.call_lists import findings, read_call_list

    columns = Columns()
    if call_list.is_dir():
        campaign = load_campaign(call_list)
        columns, region = campaign.columns, region or campaign.default_region
        call_list = Path(campaign.call_list)
    read = read_call_list(call_list, columns=columns, default_region=region)
    found = findings(read)
    if as_json:
        print_json({"file": read.name, "rows": _rows_by_status(read), "findings": found})
    else:
        _show(read)
    if read.count(RowStatus.REJECTED):
        raise typer.Exit(1)


def _rows_by_status(read: CallList) -> dict[str, int]:
    return {str(status): read.count(status) for status in RowStatus if read.count(status)}


def _show(read: CallList) -> None:
    from inkbatch.adapters.call_lists import findings

    rows = _rows_by_status(read)
    summary = ", ".join(f"{count} {status}" for status, count in rows.items())
    say(f"{read.name}: {len(read.rows)} rows: {summary}.")
    found = findings(read)
    if not found:
        say("Every row can be called.")
        return
    table = Table("rows", "what", "why", "column", "for instance")
    for finding in found:
        first = finding.examples[0]
        table.add_row(
            f"{finding.rows}",
            finding.status,
            finding.reason,
            finding.column or "",
            f"row {first.row_number}: {first.value or ''}",
        )
    console.print(table)
