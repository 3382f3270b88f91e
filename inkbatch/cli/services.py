"""`webhooks`, `serve`, `demo` and `db`: what runs beside the campaigns."""

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inkbatch.cli.output import moment, print_json, say
from inkbatch.domain.errors import UserMistake
from inkbatch.settings import load_service_settings, load_settings
from inkbatch.wiring import Workplace

if TYPE_CHECKING:
    from inkbatch.adapters.store.latest import Latest


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(webhooks)
    app.command()(serve)
    app.command()(deploy)
    app.command()(demo)
    db = typer.Typer(help="Look after the database.", no_args_is_help=True)
    db.command("upgrade")(db_upgrade)
    db.command("current")(db_current)
    db.command("backup")(db_backup)
    db.command("adopt")(db_adopt)
    app.add_typer(db, name="db")


def webhooks(
    *,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65_535)] = 8770,
    host: Annotated[
        str, typer.Option(help="Address to listen on; beyond this machine put TLS before it.")
    ] = "127.0.0.1",
) -> None:
    """Take the agent's results and Inkbox's webhooks, beside the runs that dial.

    Agents carry the token of INKBATCH_AGENT_TOKEN; webhooks are signed with a key of
    INKBATCH_WEBHOOK_SIGNING_KEYS. Both may be several, separated by commas. It uses the database
    of INKBATCH_DATABASE_URL, as the runs do, and needs no API key. A campaign asks for webhooks by
    webhook_url = "https://<where this is reached>/webhooks/inkbox".
    """
    from inkbatch.web import serve

    workplace = Workplace(settings=load_service_settings())
    workplace.settings.require_web_secret()
    store = workplace.open_store()
    try:
        for missing in _closed(workplace):
            say(missing)
        say(f"Results and webhooks are taken at http://{host}:{port}. Ctrl-C ends.")
        serve(workplace.web_app(store), host=host, port=port)
    finally:
        store.close()


def _closed(workplace: Workplace) -> list[str]:
    """Return a sentence for what is refused since nobody could prove who they are."""
    settings, sentences = workplace.settings, []
    if not settings.agent_tokens:
        sentences.append("INKBATCH_AGENT_TOKEN is not set: results are refused.")
    if not settings.signing_keys:
        sentences.append("INKBATCH_WEBHOOK_SIGNING_KEYS is not set: webhooks are refused.")
    return sentences


def serve(
    folder: Annotated[Path, typer.Argument(help="The folder with the campaigns.")] = Path(
        "campaigns"
    ),
) -> None:
    """Run every campaign that has a schedule, night after night, through Prefect.

    Campaigns are picked up, changed and dropped as their files are. With INKBATCH_NOTICE_URL
    whoever does not look is told what a night came to, and what went wrong in it.
    """
    _flow("serve")(folder)


def deploy(
    folder: Annotated[Path, typer.Argument(help="The folder with the campaigns.")] = Path(
        "campaigns"
    ),
    *,
    pool: Annotated[
        str, typer.Option(help="The work pool; made where there is none.")
    ] = "inkbatch",
    notify: Annotated[
        str | None,
        typer.Option(help="A notification block that is told, such as slack-webhook/operators."),
    ] = None,
) -> None:
    """Register every campaign that has a schedule at PREFECT_API_URL, for workers to run.

    Again after campaigns came, changed their schedule or went. Each worker needs inkbatch, this
    folder at the same path, and the INKBATCH_ settings in its own environment; the database is
    then a PostgreSQL server that all of them reach. With --notify the automations that ship are
    registered too: nobody called though people were due, dialing stopped, people in review.
    """
    _flow("deploy")(folder, pool=pool, notify=notify)


def demo(
    *,
    seed: Annotated[int, typer.Option(help="The same seed: the same result.")] = 7,
    out: Annotated[Path, typer.Option(help="Where report and exports are written.")] = Path(
        "reports/demo"
    ),
    talk: Annotated[
        bool, typer.Option("--talk", help="Let the sample's agent really talk the first calls.")
    ] = False,
) -> None:
    """Live through a whole campaign in under a minute, against the sandbox; nobody is called."""
    _flow("demo")(seed=seed, out=out, talk=talk)


def db_upgrade() -> None:
    """Bring the database of INKBATCH_DATABASE_URL up to this program's version."""
    from inkbatch.adapters.store import current_revision, upgrade

    url = load_settings().database_url
    upgrade(url)
    say(f"The database is at revision {current_revision(url)}.")


def db_current(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False
) -> None:
    """Say at which version the database is."""
    from inkbatch.adapters.store import current_revision, storage

    url = load_settings().database_url
    revision = current_revision(url)
    if as_json:
        print_json({"revision": revision, "storage": storage(url)})
        return
    say(storage(url))
    if revision is None:
        say("The database has no tables yet. Make them with: inkbatch db upgrade")
    else:
        say(f"The database is at revision {revision}.")


def db_backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
) -> None:
    """Copy an SQLite database while runs go on; the copy is one state, checked and on disk.

    To restore it: stop every run, put the file in the place of the database, remove what stands
    beside the old one under its name (-journal, -wal, -shm), and say `inkbatch db adopt`. The next
    run compares it with the calls of the last 48 hours: who was called after the backup was made
    goes to review and is not called again by itself.

    What comes after the backup is not in it: entries of the suppression list, opt-outs that the
    agent reports, and erasures. Whoever restores it gives them again before the next run.
    """
    from inkbatch.adapters.store import backup

    written = backup(load_settings().database_url, file)
    say(f"{written} is a copy of the database. Keep it as safe as the database: it holds numbers.")
    say(
        "What comes from now on is not in it: entries of the suppression list, opt-outs that the "
        "agent reports, and erasures. After restoring it, give them again before the next run."
    )


def db_adopt() -> None:
    """Say that this restored, moved or copied database is the one to dial from now on.

    Say so only when no other copy dials any more: two of them would call the same people. A
    restored one knows nothing of later entries of the suppression list, opt-outs that the agent
    reported, and erasures: give them again before the next run. It says of when its latest are.
    """
    store = Workplace(settings=load_settings()).open_store()
    try:
        store.adopt()
        known = store.latest()
    finally:
        store.close()
    say("Adopted. The next run compares it with the calls of the last 48 hours before it dials.")
    _say_what_is_missing(known)


def _say_what_is_missing(known: "Latest") -> None:
    """Say what no copy has of after it was made, and of when the latest is that this one has."""
    say(
        "What came after this copy was made is not in it: entries of the suppression list, "
        "opt-outs that the agent reported, and erasures. Give them again before the next run, by "
        "`inkbatch suppress` and `inkbatch erase`: else these people are called. It knows of:"
    )
    for at, what in (
        (known.dialed_at, "the latest call"),
        (known.suppressed_at, "the latest entry of the suppression list, opt-outs among them"),
        (known.erased_at, "the latest erasure"),
    ):
        say(f"  {moment(at)}: {what}")


def _flow(name: str) -> Callable[..., Any]:
    """Find a flow by its entry point: the flows sit above this package and are not imported."""
    for entry in entry_points(group="inkbatch.flows", name=name):
        loaded: Callable[..., Any] = entry.load()
        return loaded
    raise UserMistake("the flows are not installed; install inkbatch again, as the README says")
