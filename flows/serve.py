"""Every campaign of a folder that has a schedule, as a deployment, night after night."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from flows.campaign_folder import Nights, Scheduled, require_scheduled, scheduled_in
from flows.local_server import local_server, require_answer
from inkbatch.cli.output import say
from inkbatch.settings import load_settings

Change = Callable[[Mapping[Path, Nights]], Awaitable[tuple[str, ...]]]
"""Makes these the deployments of the folder; returns the names of those that were dropped."""

LOOK_SECONDS = 5
"""How often the folder is looked at; a file that is changed counts from then on."""


def serve_campaigns(folder: Path) -> None:
    """Keep a deployment per scheduled campaign and run it when its time comes, until Ctrl-C.

    Campaigns come and go as their files do. Uses the Prefect server of PREFECT_API_URL; without
    one, starts one on this machine for as long as it serves. Raises UserMistake where no campaign
    has a schedule, InkbatchError where that server does not answer.
    """
    load_settings().require_api_key()
    scheduled = require_scheduled(folder)
    api = os.environ.get("PREFECT_API_URL")
    if api:
        require_answer(api)
        _serve(folder, scheduled)
        return
    with local_server(meanwhile=_load):
        _serve(folder, scheduled)


def _load() -> None:
    """Import Prefect's client, which takes seconds."""
    import flows.deploying  # noqa: F401 (only its import matters)


def _serve(folder: Path, scheduled: Scheduled) -> None:
    say(f"Prefect's page: {os.environ['PREFECT_API_URL'].removesuffix('/api')}")
    asyncio.run(_run(folder.resolve(), scheduled))


async def _run(folder: Path, scheduled: Scheduled) -> None:
    from prefect.runner import Runner

    from flows.deploying import deploy

    runner = Runner(pause_on_shutdown=False)
    change = partial(deploy, within=folder, register=runner.aadd_deployment)
    await change(scheduled.nights)
    _tell(scheduled.nights)
    following = asyncio.create_task(_follow(folder, scheduled, change=change))
    try:
        await runner.start()
    finally:
        following.cancel()


async def _follow(folder: Path, known: Scheduled, *, change: Change) -> None:
    """Let the deployments become what the files say, whenever those change."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        found = without_losing(known, await asyncio.to_thread(scheduled_in, folder))
        _complain(found, known)
        if found.nights != known.nights:
            gone = await change(found.nights)
            _tell(dict(found.nights.items() - known.nights.items()))
            for name in gone:
                say(f"{name}: no longer scheduled")
        known = found


def without_losing(known: Scheduled, found: Scheduled) -> Scheduled:
    """Let a campaign whose file cannot be read, such as one half saved, go on as before."""
    as_before = {path: known.nights[path] for path in found.problems if path in known.nights}
    return Scheduled(nights={**found.nights, **as_before}, problems=found.problems)


def _complain(found: Scheduled, known: Scheduled) -> None:
    for path, problem in found.problems.items():
        if problem != known.problems.get(path):
            say(f"{problem} Until it is mended, {path.name} goes on as it was.")


def _tell(nights: Mapping[Path, Nights]) -> None:
    for path, each in nights.items():
        say(f"{each.campaign} ({path}): {each.schedule.cron} {each.schedule.zone}")
