"""`agent`: an example of what answers on the other end of a call."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkbatch.cli.output import say
from inkbatch.domain.errors import InkbatchError, UserMistake
from inkbatch.domain.this_machine import is_this_machine
from inkbatch.settings import Settings, load_service_settings

if TYPE_CHECKING:
    from inkbatch.agent import Attempts, Pipeline, ResultsClient


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(agent)


def agent(
    *,
    script: Annotated[Path, typer.Option(help="TOML file with the conversation.")],
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8780,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    pipeline: Annotated[
        str | None,
        typer.Option(help="text, audio, hears_text or speaks_text; else as the script says."),
    ] = None,
    no_verify: Annotated[
        bool, typer.Option("--no-verify", help="Let in whoever connects; on this machine only.")
    ] = False,
) -> None:
    """Run an example agent that holds a scripted conversation and posts what came of it.

    Let the campaign's client_websocket_url, or a number at Inkbox, lead to ws://127.0.0.1:8780/.
    INKBATCH_WEBHOOK_SIGNING_KEYS holds the key that Inkbox signs with (whsec_sandbox for the
    sandbox), in a rotation the old and the new one. With INKBATCH_AGENT_TOKEN it asks inkbatch at
    INKBATCH_RESULTS_URL who is called, and posts the outcome there. A sample script is
    campaigns/appointment_reminder/agent.toml.
    """
    from inkbatch.adapters.clock import RealClock
    from inkbatch.agent import agent_app, serve_agent
    from inkbatch.agent.script import load_script, scripted_handler

    settings = load_service_settings()
    if no_verify and not is_this_machine(host):
        raise UserMistake("--no-verify lets in whoever connects; use it with --host 127.0.0.1")
    loaded = load_script(script, pipeline=_pipeline(pipeline))
    results, contacts, told = _inkbatch(settings)
    clock = RealClock()
    app = agent_app(
        scripted_handler(loaded, clock=clock, say_line=say, posts=results is not None),
        pipeline=loaded.document.pipeline,
        signing_keys=settings.signing_keys,
        verify=not no_verify,
        results=results,
        contacts=contacts,
        clock=clock,
    )
    say(f'Agent "{loaded.document.name}" at ws://{host}:{port}/. {told} Ctrl-C ends.')
    serve_agent(app, host=host, port=port)


def _inkbatch(settings: Settings) -> "tuple[ResultsClient | None, Attempts | None, str]":
    """Return where results go, who tells the contacts, and how to say so."""
    from inkbatch.agent import local_contacts, results_client

    if settings.agent_tokens:
        client = results_client(settings)
        return client, client, f"Contacts and results: {settings.results_url}."
    unset = "INKBATCH_AGENT_TOKEN is not set, so no result is posted;"
    try:
        contacts = local_contacts(settings.database_url)
    except InkbatchError:
        return None, None, f"{unset} contacts: as the URL's query says."
    return None, contacts, f"{unset} contacts: from the database."


def _pipeline(text: str | None) -> "Pipeline | None":
    from inkbatch.agent import Pipeline

    try:
        return None if text is None else Pipeline(text)
    except ValueError:
        raise UserMistake(f"--pipeline {text}: it is one of {', '.join(Pipeline)}") from None
