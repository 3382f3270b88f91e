"""`suppress`: the numbers never to call, over all campaigns; needs no key and no network."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from inkbatch.cli.number_options import (
    Number,
    Region,
    Until,
    country_code,
    e164,
    end_of_suppression,
)
from inkbatch.cli.output import complain, console, moment, print_json, say
from inkbatch.cli.steering import open_store
from inkbatch.cli.suppression_sentences import came_of, described, how_long, plain, rows_unread
from inkbatch.domain.number_hash import ERASED_BY
from inkbatch.domain.suppression import Suppression

BY_HAND = "by hand"
NO_REASON = "no reason given"
LISTED_MAX = 100


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    suppress = typer.Typer(
        help="Keep the list of numbers never to call; it holds for every campaign, at once.",
        no_args_is_help=True,
    )
    suppress.command("add")(add)
    suppress.command("remove")(remove)
    suppress.command("import")(import_)
    suppress.command("list")(list_)
    suppress.command("export")(export)
    app.add_typer(suppress, name="suppress")


def add(
    number: Number,
    *,
    reason: Annotated[str, typer.Option(help="Why, for whoever looks later.")] = NO_REASON,
    until: Until = None,
    region: Region = None,
) -> None:
    """Never call a number again, or not until a day."""
    now = datetime.now(UTC)
    entry = Suppression(
        number=e164(number, region),
        reason=reason,
        source=BY_HAND,
        added_at=now,
        expires_at=end_of_suppression(until, now=now),
    )
    with open_store().transaction() as tx:
        before = tx.suppression(entry.number)
        tx.suppress([entry])
    if before is None or not before.holds_at(now):
        say(f"{entry.number} is on the suppression list now, {how_long(entry)}: {plain(reason)}")
    elif entry.outlasts(before.expires_at):
        say(
            f"{entry.number} was on the suppression list already, {how_long(before)}; it stays "
            f"there {how_long(entry)}: {plain(reason)}"
        )
    else:
        say(f"Nothing changed: {described(before)}")


def remove(number: Number, *, region: Region = None) -> None:
    """Take a number off the list, so that it may be called again. Exit 1 if it is not there."""
    wanted = e164(number, region)
    with open_store().transaction() as tx:
        entry = tx.unsuppress(wanted)
    if entry is None:
        complain(f"{wanted} is not on the suppression list, so nothing was removed.")
        raise typer.Exit(1)
    say(f"Removed: {described(entry)}")
    say("Who was given up for it stays so; who waits for its end, or is new, may be called.")
    if entry.source not in (BY_HAND, ERASED_BY):
        say(f"Delete it from {plain(entry.source)} too, or the next run that reads it adds it.")


def import_(
    file: Annotated[Path, typer.Argument(help="A list with a phone column, in any form.")],
    *,
    reason: Annotated[
        str, typer.Option(help="For rows without one in a column such as `reason`.")
    ] = "",
    until: Until = None,
    region: Region = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None,
    skip_unreadable: Annotated[
        bool, typer.Option("--skip-unreadable", help="Add the rest where a row cannot be read.")
    ] = False,
) -> None:
    """Put every number of a file on the list, all or none. Exit 1 if a row cannot be read.

    Columns such as `reason` and `until` are read where the file has them.
    """
    from inkbatch.adapters.call_lists.suppression_files import read_suppressions

    now = datetime.now(UTC)
    read = read_suppressions(
        file,
        default_region=country_code(region),
        now=now,
        reason=reason,
        expires_at=end_of_suppression(until, now=now),
        sheet=sheet,
    )
    for note in read.notes:
        say(f"{file.name}: {note}")
    if read.unread and not skip_unreadable:
        complain(
            f"nothing was added, since {rows_unread(read)} of {file.name} could not be read: "
            f"{read.some_unread}. Correct or delete them, or add the others with --skip-unreadable."
        )
        raise typer.Exit(1)
    with open_store().transaction() as tx:
        added = tx.suppress(read.suppressions)
    say(f"{file.name}: {came_of(read, added=added)}.")


def list_(
    search: Annotated[str, typer.Argument(help="Part of a number, a reason or a source.")] = "",
    *,
    limit: Annotated[
        int | None, typer.Option(help=f"Show so many at most.  [default: {LISTED_MAX}]", min=1)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for scripts, of all without --limit.")
    ] = False,
) -> None:
    """Show the list, or what of it matches; numbers are shown whole."""
    now = datetime.now(UTC)
    shown_max = limit or LISTED_MAX
    with open_store().reading() as tx:
        # One more than is shown tells whether there are more.
        entries = tx.suppressions(matching=search, limit=limit if as_json else shown_max + 1)
    if as_json:
        print_json([{**asdict(each), "holds": each.holds_at(now)} for each in entries])
    elif not entries:
        say(
            f"Nothing on the suppression list matches {search}."
            if search
            else "The suppression list is empty."
        )
    else:
        _show(entries[:shown_max], now=now)
        if len(entries) > shown_max:
            say(f"There are more than these {shown_max}: search for a part, or give --limit.")


def export(
    out: Annotated[Path, typer.Argument(help="A .csv, .xlsx or .parquet file to write.")],
) -> None:
    """Write the list to a file, which `suppress import` reads again."""
    from inkbatch.adapters.reports.suppression_list import write_suppressions

    with open_store().reading() as tx:
        entries = tx.suppressions()
    write_suppressions(entries, out)
    say(f"Wrote {len(entries)} numbers to {out}")


def _show(entries: Sequence[Suppression], *, now: datetime) -> None:
    table = Table()
    for title in ("number", "reason", "from", "since", "until"):
        table.add_column(title, no_wrap=title == "number")
    for entry in entries:
        ends = "" if entry.expires_at is None else moment(entry.expires_at)
        table.add_row(
            entry.number,
            escape(plain(entry.reason)),
            escape(plain(entry.source)),
            moment(entry.added_at),
            ends if entry.holds_at(now) else f"{ends} (over)",
        )
    console.print(table)
