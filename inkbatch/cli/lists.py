"""`init` and `check`: before anything is dialed."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from inkbatch.adapters.clock import RealClock
from inkbatch.cli.forecasting import basis_lines, forecast_sentence
from inkbatch.cli.output import console, counts_table, print_json, say
from inkbatch.cli.reading import batches_counted, rows_counted, say_what_was_read
from inkbatch.cli.rules import say_rules
from inkbatch.dialer.enroll import Forbidden, read_forbidden
from inkbatch.domain.call_list import Columns
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.settings import load_settings
from inkbatch.showing import forecast_list
from inkbatch.wiring import load_campaign

if TYPE_CHECKING:
    from inkbatch.adapters.call_lists import Finding, Findings
    from inkbatch.adapters.call_lists.reader import OpenedList

GROUPS_SHOWN_MAX = 20


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
    sheet: Annotated[
        str | None, typer.Option(help="The sheet of a workbook; the first without it.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the list anew, with status and reasons: .xlsx or .csv."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Say what is wrong with a call list; dial nothing. Exit 1 if a row cannot be called."""
    campaign = load_campaign(call_list) if call_list.is_dir() else None
    opened = _opened(call_list, campaign, region=region, sheet=sheet)
    found = _found(opened, out, quiet=as_json)
    told = None if campaign is None else _foreseen(campaign, opened)
    if as_json:
        forecast = {} if told is None else {"forecast": asdict(told)}
        print_json({**_document(opened, found), **forecast})
    else:
        _show(opened, found)
        if campaign is not None:
            say_rules(campaign)
        if told is not None:
            say(f"  forecast  {forecast_sentence(told)}")
            for line in basis_lines(told):
                say(f"            {line}")
        if out is not None:
            say(f"Wrote {out}: the list with the status and reason of each row.")
    if found.rejected:
        raise typer.Exit(1)


def _opened(
    call_list: Path, campaign: Campaign | None, *, region: str | None, sheet: str | None
) -> "OpenedList":
    from inkbatch.adapters.call_lists import open_call_list, read_suppression_file

    columns, forbidden = Columns(), Forbidden(suppressions=(), notes=())
    if campaign is not None:
        columns, region = campaign.columns, region or campaign.default_region
        sheet = sheet or campaign.sheet
        forbidden = read_forbidden(
            campaign, read=read_suppression_file, default_region=region, now=datetime.now(UTC)
        )
        call_list = Path(campaign.call_list)
    opened = open_call_list(
        call_list,
        columns=columns,
        default_region=region,
        sheet=sheet,
        suppressed={each.number: each.reason for each in forbidden.suppressions},
    )
    return replace(opened, notes=(*opened.notes, *forbidden.notes))


def _foreseen(campaign: Campaign, opened: "OpenedList") -> CampaignForecast:
    """Foresee the list as if it were imported now; what its campaign did so far is not asked."""
    rows = chain.from_iterable(batch.rows() for batch in opened.batches)
    return forecast_list(campaign, rows, clock=RealClock(), reserve=load_settings().reserve)


def _found(opened: "OpenedList", out: Path | None, *, quiet: bool) -> "Findings":
    from inkbatch.adapters.call_lists import findings, write_findings

    with rows_counted(quiet=quiet) as count:
        if out is not None:
            return write_findings(opened, out, count=count)
        return findings(batches_counted(opened.batches, count))


def _document(opened: "OpenedList", found: "Findings") -> dict[str, Any]:
    return {
        "file": opened.path.name,
        "columns": opened.recognised,
        "notes": opened.notes,
        "rows": {status: count for status, count in found.by_status.items() if count},
        "findings": [
            {
                "status": group.status,
                "reason": group.reason,
                "column": group.column,
                "rows": group.rows,
                "examples": [row._asdict() for row in group.examples],
            }
            for group in found.groups
        ],
    }


def _show(opened: "OpenedList", found: "Findings") -> None:
    say(f"{opened.path.name}: {found.rows:,} rows")
    say_what_was_read(opened)
    counts = {str(status): count for status, count in found.by_status.items() if count}
    console.print(counts_table("status", counts, total="rows of the file"))
    if not found.groups:
        say("Every row can be called.")
        return
    console.print(_groups_table(found.groups[:GROUPS_SHOWN_MAX]))
    more = len(found.groups) - GROUPS_SHOWN_MAX
    if more > 0:
        say(f"{more} kinds of findings more; --out findings.xlsx shows the reason in every row.")


def _groups_table(groups: "tuple[Finding, ...]") -> Table:
    table = Table("rows", "what", "why", "column", "for instance")
    for group in groups:
        first = group.examples[0]
        example = f"row {first.row_number}: {first.value or ''}"
        table.add_row(
            f"{group.rows}", group.status, *map(escape, (group.reason, group.column or "", example))
        )
    return table
