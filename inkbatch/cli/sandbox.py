"""`sandbox`: a pretend Inkbox on this machine."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import typer

from inkbatch.cli import sandbox_options as told
from inkbatch.cli.output import say
from inkbatch.domain.errors import UserMistake
from inkbatch.domain.this_machine import is_this_machine
from inkbatch.settings import load_service_settings

if TYPE_CHECKING:
    from inkbatch.sandbox import Population

LOOPBACK = "127.0.0.1"


def add_commands(app: typer.Typer) -> None:
    """Add this module's verb."""
    app.command(help=told.HELP)(sandbox)


def sandbox(
    *,
    port: told.Port = 8765,
    host: told.Host = LOOPBACK,
    calls_limit: told.CallsLimit = 100,
    minutes_limit: told.MinutesLimit = 100,
    window_seconds: told.WindowSeconds = 86_400,
    seed: told.Seed = 1,
    durations: told.Durations = 1.0,
    speed: told.Speed = 1.0,
    start: told.Start = None,
    dial_failure_rate: told.DialFailureRate = None,
    script: told.ScriptFile = None,
    organisations: told.OrganisationsFile = None,
    faults: told.FaultsFile = None,
    ledger: told.LedgerFile = None,
    webhook_host: told.WebhookHosts = None,
    media: told.Media = "real",
    media_host: told.MediaHosts = None,
    recordings: told.Recordings = None,
) -> None:
    """Run a pretend Inkbox on this machine; nobody is called."""
    from inkbatch import sandbox as inkbox

    load_service_settings()
    try:
        people = replace(_people(script, dial_failure_rate), seed=seed, durations=durations)
        options = inkbox.SandboxOptions(
            calls_limit=calls_limit or None,
            minutes_limit=minutes_limit or None,
            window=timedelta(seconds=window_seconds),
            population=replace(people, salt=uuid4().hex),
            faults=inkbox.load_faults(faults) if faults else inkbox.FaultOrders(),
            ledger=ledger,
            media=inkbox.MediaOptions(
                mode=inkbox.MediaMode(media),
                hosts_allowed=frozenset(media_host or ()),
                recordings=recordings,
            ),
        )
        if organisations is not None:
            options = replace(options, organisations=inkbox.load_organisations(organisations))
        clock = _clock(speed, start)
    except (ValueError, OverflowError, inkbox.ScriptError, inkbox.FaultsError) as error:
        raise UserMistake(f"the sandbox cannot run like that: {error}") from error
    _announce(host, port, keys=[each.api_key for each in options.organisations])
    webhooks = inkbox.WebhookOptions(
        allowed_hosts=frozenset(webhook_host or ()), base_url=f"http://{host}:{port}"
    )
    inkbox.serve(options, host=host, port=port, clock=clock, webhooks=webhooks)


def _people(script: Path | None, dial_failure_rate: float | None) -> "Population":
    from inkbatch.sandbox import Population, load_population

    people = load_population(script) if script else Population()
    if dial_failure_rate is None:
        return people
    return replace(people, dial_failure_rate=dial_failure_rate)


def _announce(host: str, port: int, *, keys: list[str]) -> None:
    say(f"Sandbox at http://{host}:{port}/api/v1/phone (keys: {', '.join(keys)}). Ctrl-C ends.")
    if not is_this_machine(host):
        say(f"Warning: whoever reaches {host} can use it; its keys are no secrets.")


def _clock(speed: float, start: str | None) -> Any:
    from inkbatch.sandbox import RealClock, SpedUpClock

    if speed == 1 and start is None:
        return RealClock()
    begins = None if start is None else datetime.fromisoformat(start)
    if begins is not None and begins.tzinfo is None:
        raise ValueError(f"--start {start} has no time zone; write it as in 2026-03-02T09:00-05:00")
    return SpedUpClock(speed=speed, start=begins)
