"""`doctor`: look whether everything around the campaigns is as it should be."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from inkbatch.cli.output import console, print_json, say
from inkbatch.doctor import Finding, Verdict, checkup
from inkbatch.settings import load_settings
from inkbatch.wiring import Workplace

COLOURS = {Verdict.FINE: "green", Verdict.BEWARE: "yellow", Verdict.WRONG: "red"}


def add_commands(app: typer.Typer) -> None:
    """Add this module's verb."""
    app.command()(doctor)


def doctor(
    folder: Annotated[Path, typer.Argument(help="The folder with the campaigns.")] = Path(
        "campaigns"
    ),
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Look at key, numbers, clocks, database, disk, agents, webhooks and Prefect; nobody is called.

    Each line says what is wrong and what to do now. Exit 0 where nothing is wrong, else 1.
    """
    findings = asyncio.run(checkup(Workplace(settings=load_settings()), folder))
    if as_json:
        print_json(findings)
    else:
        _show(findings)
    if any(finding.verdict is Verdict.WRONG for finding in findings):
        sys.exit(1)


def _show(findings: list[Finding]) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_column(overflow="fold")
    for finding in findings:
        advice = f"\n[dim]{escape(finding.advice)}[/dim]" if finding.advice else ""
        verdict = f"[{COLOURS[finding.verdict]}]{finding.verdict}[/]"
        table.add_row(verdict, escape(finding.what), escape(finding.saw) + advice)
    console.print(table)
    bad = sum(finding.verdict is Verdict.WRONG for finding in findings)
    say(f"{bad} to mend before anybody can be called." if bad else "Ready to call.")
