"""`token`: let scripts in at the JSON API and the metrics of `inkbatch web`, and out again."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from inkbatch.cli.explaining import AsJson
from inkbatch.cli.output import console, moment, print_json, say
from inkbatch.cli.steering import open_store
from inkbatch.ports.access import ApiToken, Role

BY = "the command line"
DAYS = 90


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    token = typer.Typer(
        help="Tokens by which scripts use the JSON API and the metrics of `inkbatch web`.",
        no_args_is_help=True,
    )
    token.command("create")(create)
    token.command("list")(list_)
    token.command("revoke")(revoke)
    app.add_typer(token, name="token")


def create(
    name: Annotated[str, typer.Argument(help="What the activity log calls it, such as crm-sync.")],
    *,
    role: Annotated[
        Role,
        typer.Option(
            help="viewer: reads, with masked numbers and without what was said; operator: may do "
            "everything."
        ),
    ] = Role.VIEWER,
    days: Annotated[int, typer.Option(help="For how many days it is good.", min=1, max=366)] = DAYS,
) -> None:
    """Make a token and print it, once: only its hash is kept, in INKBATCH_DATABASE_URL.

    A script sends it as the header `Authorization: Bearer ...`. Standard output has the token and
    nothing else, so that it can go into a file that only the script reads.
    """
    from inkbatch.web.access.tokens import create_token

    store, now = open_store(), datetime.now(UTC)
    lasts = timedelta(days=days)
    made = create_token(store, name, role=role, lasts=lasts, by=BY, now=now)
    store.close()
    print(made)  # noqa: T201 (the token alone, whole, on one line)
    typer.echo(f"{name} is a {role} until {moment(now + lasts)}. It is not shown again.", err=True)


def list_(*, as_json: AsJson = False) -> None:
    """Say which tokens there are, what each may do, and until when; the tokens are not kept."""
    store, now = open_store(), datetime.now(UTC)
    with store.reading() as tx:
        tokens = tx.api_tokens()
    store.close()
    if as_json:
        print_json([{**asdict(each), "is_good": each.is_good(now=now)} for each in tokens])
        return
    if not tokens:
        say("There is no token. Make one with: inkbatch token create NAME")
        return
    table = Table("token", "role", "made", "until", "now")
    for each in tokens:
        until = moment(each.expires_at)
        table.add_row(each.name, each.role, moment(each.created_at), until, _now(each, now))
    console.print(table)


def revoke(name: Annotated[str, typer.Argument(help="The token's name.")]) -> None:
    """End a token at once; pages that are served see it at their next request."""
    from inkbatch.web.access.tokens import revoke_token

    store = open_store()
    revoke_token(store, name, by=BY, now=datetime.now(UTC))
    store.close()
    say(f"{name} lets nobody in any more.")


def _now(token: ApiToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "good" if token.is_good(now=now) else "over"
