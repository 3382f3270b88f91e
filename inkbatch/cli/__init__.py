"""The command line: one verb a function, grouped by what a person is doing."""

import sys

import typer

from inkbatch.cli import (
    agents,
    dialing,
    doctor,
    explaining,
    forecasting,
    lists,
    page,
    people,
    planning,
    results,
    reviewing,
    rules,
    sandbox,
    services,
    steering,
    suppression,
    tokens,
)
from inkbatch.cli.output import complain
from inkbatch.domain.errors import InkbatchError, UserMistake

app = typer.Typer(
    name="inkbatch",
    help="Turn a spreadsheet of people into phone calls, within the budget and never twice.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for module in (
    lists,
    page,
    tokens,
    rules,
    dialing,
    steering,
    reviewing,
    explaining,
    planning,
    forecasting,
    suppression,
    people,
    results,
    sandbox,
    services,
    doctor,
    agents,
):
    module.add_commands(app)


def main() -> None:
    """Run the command line. Exit 0: done; 1: found problems; 2: wrong use."""
    try:
        app()
    except UserMistake as error:
        complain(str(error))
        sys.exit(2)
    except InkbatchError as error:
        complain(str(error))
        sys.exit(1)
