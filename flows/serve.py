"""Every campaign of a folder that has a schedule, as a deployment, night after night."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from flows.campaign_folder import (
    Nights,
    Scheduled,
    require_scheduled,
    say_nights,
    scheduled_in,
)
from flows.ending import ending_surely
from flows.local_server import local_server, require_answer
from inkbatch.cli.output import say
from inkbatch.settings import LogFormat, load_service_settings

Change = Callable[[Mapping[Path, Nights]], Awaitable[tuple[str, ...]]]
"""Makes these the deployments of the folder; returns the names of those that were dropped."""

LOG_SETTINGS = Path(__file__).with_name("logging_json.yml")

LOOK_SECONDS = 5
"""How often the folder is looked at; a file that is changed counts from then on."""


def serve_campaigns(folder: Path) -> None:
    """Keep a deployment per scheduled campaign and run it when its time comes, until Ctrl-C.

    Campaigns come and go as their files do. Uses the Prefect server of PREFECT_API_URL; without
    one, starts one on this machine for as long as it serves. Raises UserMistake where no campaign
    has a schedule, InkbatchError where that server does not answer.
    """
    settings = load_service_settings()
    if not settings.api_key_block:
        settings.require_api_key()
    if settings.log_format is LogFormat.JSON:
        os.environ.setdefault("PREFECT_LOGGING_SETTINGS_PATH", str(LOG_SETTINGS))
    scheduled = require_scheduled(folder)
    api = os.environ.get("PREFECT_API_URL")
    if api:
        require_answer(api)
        _serve(folder, scheduled)
        return
    with local_server(meanwhile=_load):
        _serve(folder, scheduled, is_our_server=True)


def _load() -> None:
    """Import Prefect's client, which takes seconds."""
    import flows.left_behind  # noqa: F401 (only its import matters)


def _serve(folder: Path, scheduled: Scheduled, *, is_our_server: bool = False) -> None:
    say(f"Prefect's page: {os.environ['PREFECT_API_URL'].removesuffix('/api')}")
    asyncio.run(ending_surely(_run(folder.resolve(), scheduled, is_our_server=is_our_server)))


async def _run(folder: Path, scheduled: Scheduled, *, is_our_server: bool) -> None:
    from prefect.runner import Runner

    from flows.deploying import deploy
    from flows.left_behind import go_on

    runner = Runner(pause_on_shutdown=False)
    change = partial(deploy, within=folder, register=runner.aadd_deployment)
    await change(scheduled.nights)
    if is_our_server:
        await go_on(scheduled.nights)
    say_nights(scheduled.nights)
    following = asyncio.create_task(follow(folder, scheduled, change=change))
    try:
        await runner.start()
    finally:
        following.cancel()


async def follow(
    folder: Path, known: Scheduled, *, change: Change, look_seconds: float = LOOK_SECONDS
) -> None:
    """Let the deployments become what the files say, whenever those change.

    Where Prefect cannot be told now, it is told at a later look.
    """
    problems = known.problems
    while True:
        await asyncio.sleep(look_seconds)
        found = without_losing(known, await asyncio.to_thread(scheduled_in, folder))
        _complain(found.problems, problems)
        problems = found.problems
        if found.nights != known.nights:
            try:
                gone = await change(found.nights)
            except Exception as error:  # noqa: BLE001 (Prefect raises whatever its client meets)
                say(f"Prefect could not be told of the change: {type(error).__name__}")
                continue
            say_nights(
                {
                    path: each
                    for path, each in found.nights.items()
                    if known.nights.get(path) != each
                }
            )
            for name in gone:
                say(f"{name}: no longer scheduled")
        known = found


def without_losing(known: Scheduled, found: Scheduled) -> Scheduled:
    """Let a campaign whose file cannot be read, such as one half saved, go on as before."""
    as_before = {path: known.nights[path] for path in found.problems if path in known.nights}
    return Scheduled(nights={**found.nights, **as_before}, problems=found.problems)


def _complain(found: Mapping[Path, str], known: Mapping[Path, str]) -> None:
    for path, problem in found.items():
        if problem != known.get(path):
            say(f"{problem} Until it is mended, {path.name} goes on as it was.")
