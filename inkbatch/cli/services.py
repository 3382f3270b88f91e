"""`sandbox`, `webhooks`, `serve`, `demo` and `db`: what runs beside the campaigns."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import uuid4

import typer

from inkbatch.cli.output import print_json, say
from inkbatch.domain.errors import UserMistake
from inkbatch.settings import is_this_machine, load_settings
from inkbatch.wiring import Workplace

LOOPBACK = "127.0.0.1"


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(sandbox)
    app.command()(webhooks)
    app.command()(serve)
    app.command()(demo)
    db = typer.Typer(help="Look after the database.", no_args_is_help=True)
    db.command("upgrade")(db_upgrade)
    db.command("current")(db_current)
    app.add_typer(db, name="db")


def sandbox(
    *,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65_535)] = 8765,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than loopback let anybody in.")
    ] = LOOPBACK,
    calls_limit: Annotated[int, typer.Option(help="Calls per window; 0 lifts the limit.")] = 100,
    minutes_limit: Annotated[float, typer.Option(help="Minutes per window; 0 lifts it.")] = 100,
    window_seconds: Annotated[float, typer.Option(help="The rolling window.")] = 86_400,
    seed: Annotated[int, typer.Option(help="The same seed: the same callees.")] = 1,
    durations: Annotated[
        float, typer.Option(help="Rings and talks are so many times as long: 0.01 is quick.")
    ] = 1.0,
    speed: Annotated[
        float, typer.Option(help="The sandbox's clock goes so many times as fast: 600 is quick.")
    ] = 1.0,
    start: Annotated[
        str | None,
        typer.Option(help="Where its clock starts, such as 2026-03-02T09:00-05:00; else now."),
    ] = None,
    dial_failure_rate: Annotated[
        float | None, typer.Option(help="Share of dials that end in a 502; none unless told.")
    ] = None,
    script: Annotated[
        Path | None,
        typer.Option(help="TOML file: what single callees do, and the odds of all others."),
    ] = None,
    organisations: Annotated[
        Path | None,
        typer.Option(help="TOML file: who has an account, with keys, numbers and limits."),
    ] = None,
    faults: Annotated[
        Path | None,
        typer.Option(help="TOML file of faults: lost answers, resets, late lists, ..."),
    ] = None,
    webhook_host: Annotated[
        list[str] | None,
        typer.Option(help="A host beside this machine that webhooks may be sent to; repeatable."),
    ] = None,
    media: Annotated[
        Literal["real", "skip"],
        typer.Option(help="Connect answered calls to an agent on this machine, or never."),
    ] = "real",
    media_host: Annotated[
        list[str] | None,
        typer.Option(help="A host that agents may have besides this machine; may be repeated."),
    ] = None,
    recordings: Annotated[
        Path | None, typer.Option(help="Folder for what agents of audio say, as <call id>.wav.")
    ] = None,
) -> None:
    """Run a pretend Inkbox on this machine; nobody is called.

    Point inkbatch at it with INKBATCH_BASE_URL=http://127.0.0.1:8765/api/v1/phone and
    INKBATCH_API_KEY=sandbox. The API to read: http://127.0.0.1:8765/docs. What was really
    dialed, also where the answer was lost: http://127.0.0.1:8765/sandbox/ledger

    --durations 0.05 makes calls short and leaves the time alone, which is right for `inkbatch
    run`. With --speed, limits, Retry-After and every time stamp go by the sandbox's own faster
    clock, as the Date of its answers tells.

    A script holds blocked = ["+1..."], a table `callees` from numbers to what they do, call by
    call (answer, talk_on, never_ends, voicemail, reject, busy, no_answer, invalid_number,
    dial_failed, dial_failed_kept, or {outcome = "answer", ring_seconds = 4, talk_seconds = 60}),
    and a table `population` with odds and lengths, such as busy_odds = 0.1,
    talk_median_seconds = 60 or max_duration_seconds = 300.

    An answered call whose client_websocket_url leads to this machine is really talked with the
    agent there, as text or audio; agents anywhere else count as unreachable. What a callee says
    stands in the script as tables `dialogues.NAME`, which a callee names by dialogue = "NAME":
    say = "..." or wav = "file.wav", with hears = "pattern" (interrupts = true: before the agent
    has finished), after_silence_seconds or at_seconds, hangs_up = true, times = 3. What was said:
    http://127.0.0.1:8765/sandbox/calls/CALL_ID/transcript

    A file of organisations holds tables `organisation` with name, api_key, calls_limit and
    tables `organisation.number` with number.

    Status events go to the webhook_url of a call, signed with whsec_sandbox, and only to this
    machine unless --webhook-host allows another. What became of them: /sandbox/webhooks

    A file of faults holds tables `faults`, one for each, with fault = "reset", when = "after",
    paths = ["/place-call"], rate = 0.1 (or times = 1, after = 10); one that does not exist is
    answered with all there are. See, order and lift them while it runs by GET, PUT and DELETE of
    /sandbox/faults, which also tells how often each struck.
    """
    from inkbatch.sandbox import (
        FaultOrders,
        FaultsError,
        MediaMode,
        MediaOptions,
        Population,
        SandboxOptions,
        ScriptError,
        WebhookOptions,
        load_faults,
        load_organisations,
        load_population,
        serve,
    )

    try:
        people = load_population(script) if script else Population()
        if dial_failure_rate is not None:
            people = replace(people, dial_failure_rate=dial_failure_rate)
        options = SandboxOptions(
            calls_limit=calls_limit or None,
            minutes_limit=minutes_limit or None,
            window=timedelta(seconds=window_seconds),
            population=replace(people, seed=seed, durations=durations, salt=uuid4().hex),
            faults=load_faults(faults) if faults else FaultOrders(),
            media=MediaOptions(
                mode=MediaMode(media),
                hosts_allowed=frozenset(media_host or ()),
                recordings=recordings,
            ),
        )
        if organisations is not None:
            options = replace(options, organisations=load_organisations(organisations))
        clock = _sandbox_clock(speed, start)
    except (ValueError, OverflowError, ScriptError, FaultsError) as error:
        raise UserMistake(f"the sandbox cannot run like that: {error}") from error
    keys = ", ".join(each.api_key for each in options.organisations)
    say(f"Sandbox at http://{host}:{port}/api/v1/phone (keys: {keys}). Ctrl-C ends.")
    if not is_this_machine(host):
        say(f"Warning: whoever reaches {host} can use it; its keys are no secrets.")
    webhooks = WebhookOptions(
        allowed_hosts=frozenset(webhook_host or ()), base_url=f"http://{host}:{port}"
    )
    serve(options, host=host, port=port, clock=clock, webhooks=webhooks)


def _sandbox_clock(speed: float, start: str | None) -> Any:
    from inkbatch.sandbox import RealClock, SpedUpClock

    if speed == 1 and start is None:
        return RealClock()
    begins = None if start is None else datetime.fromisoformat(start)
    if begins is not None and begins.tzinfo is None:
        raise ValueError(f"--start {start} has no time zone; write it as in 2026-03-02T09:00-05:00")
    return SpedUpClock(speed=speed, start=begins)


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

    workplace = Workplace(settings=load_settings())
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
    """Run every campaign that has a schedule, night after night, through Prefect."""
    _flow("serve")(folder)


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
    from inkbatch.adapters.store import current_revision

    revision = current_revision(load_settings().database_url)
    if as_json:
        print_json({"revision": revision})
    elif revision is None:
        say("The database has no tables yet. Make them with: inkbatch db upgrade")
    else:
        say(f"The database is at revision {revision}.")


def _flow(name: str) -> Callable[..., Any]:
    """Find a flow by its entry point: the flows sit above this package and are not imported."""
    for entry in entry_points(group="inkbatch.flows", name=name):
        loaded: Callable[..., Any] = entry.load()
        return loaded
    raise UserMistake("the flows are not installed; install inkbatch again, as the README says")
