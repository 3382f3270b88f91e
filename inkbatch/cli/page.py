"""`web`: the page for those who run campaigns without a terminal."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlsplit

import typer

from inkbatch.cli.output import say
from inkbatch.domain.errors import UserMistake
from inkbatch.domain.this_machine import is_this_machine
from inkbatch.settings import load_service_settings
from inkbatch.wiring import Workplace

if TYPE_CHECKING:
    from inkbatch.web.office import Office

OF_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(web)


def web(
    folder: Annotated[
        Path, typer.Argument(help="The folder with the campaigns; made if it is missing.")
    ] = Path("campaigns"),
    *,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65_535)] = 8780,
    host: Annotated[
        str, typer.Option(help="Address to listen on; beyond this machine it needs a password.")
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="A name by which browsers ask for it, such as calls.example."),
    ] = None,
) -> None:
    """Open the page: upload lists, set the hours, start, watch, and read what came of it.

    It prints a link that lets you in once; into a file or a log it prints none where
    INKBATCH_WEB_PASSWORD lets you in. It uses the database of INKBATCH_DATABASE_URL and the key
    of INKBATCH_API_KEY, as `inkbatch run` does. For colleagues on a network set
    INKBATCH_WEB_PASSWORD, and INKBATCH_WEB_VIEWER_PASSWORD for those who may only look; put TLS
    before it, and say as INKBATCH_WEB_URL where they find it, such as https://calls.example.com.
    Further names that they type are given with --name.
    """
    from inkbatch.web.desk_app import page_app
    from inkbatch.web.server import serve_page

    workplace = Workplace(settings=load_service_settings())
    if not is_this_machine(host) and not workplace.settings.web_passwords:
        raise UserMistake(
            f"{host} can be reached from other machines, so the page needs a password there. Set "
            "INKBATCH_WEB_PASSWORD, or leave --host out to serve this machine alone."
        )
    folder.mkdir(parents=True, exist_ok=True)
    store = workplace.open_store()
    try:
        office = workplace.office(store, folder)
        at = office.tls_origin or _url(host, port)
        names = {*OF_THIS_MACHINE, host, *(name or ()), urlsplit(at).hostname or host}
        serve_page(
            page_app(office, hosts=names),
            host=host,
            port=port,
            listening=partial(_say_where, at, _first_token(office)),
            closing=office.closing,
        )
    finally:
        store.close()


def _first_token(office: "Office") -> str | None:
    """Return what lets an operator in once; None where a log would keep it for no need."""
    from inkbatch.web.access import Person, Role

    if Role.OPERATOR in office.sessions.passwords and not sys.stdout.isatty():
        return None
    operator = Person(name="operator", role=Role.OPERATOR)
    return office.sessions.new_link_token(operator, now=office.now())


def _say_where(at: str, token: str | None) -> None:
    if token is None:
        say(f"The page is at {at}; it asks for the password.")
    else:
        say("Open this link in your browser; it works once, for an hour:")
        say(f"  {at}/enter?token={quote(token)}")
    say("Ctrl-C ends the page; campaigns that were started go on.")


def _url(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"
