"""Every campaign of a folder that has a schedule, on a Prefect server, for workers to run."""

import asyncio
import os
from pathlib import Path

from flows.campaign_folder import Scheduled, require_scheduled, say_nights
from flows.local_server import require_answer
from inkbatch.cli.output import say
from inkbatch.domain.errors import UserMistake


def deploy_campaigns(folder: Path, *, pool: str, notify: str | None = None) -> None:
    """Register the campaigns of a folder with a work pool, which is made where there is none.

    Each machine with a worker of the pool needs inkbatch, the same folder at the same path, and
    INKBATCH_API_KEY and INKBATCH_DATABASE_URL in its own environment: none of them is told to
    Prefect. With `notify`, a notification block as `type/name`, the automations that ship are
    registered too. Raises UserMistake without PREFECT_API_URL, a campaign that has a schedule, or
    that block.
    """
    scheduled = require_scheduled(folder)
    api = os.environ.get("PREFECT_API_URL")
    if not api:
        raise UserMistake(
            "there is no Prefect server to deploy to: set PREFECT_API_URL, or let "
            "`inkbatch serve` run the campaigns on this machine alone"
        )
    require_answer(api)
    asyncio.run(_register(folder.resolve(), scheduled, pool=pool, notify=notify))


async def _register(folder: Path, scheduled: Scheduled, *, pool: str, notify: str | None) -> None:
    if notify is not None:
        from flows.automating import automate

        for name in await automate(notify):
            say(f"automation {name}: tells {notify}")
    await _deploy(folder, scheduled, pool=pool)


async def _deploy(folder: Path, scheduled: Scheduled, *, pool: str) -> None:
    from prefect.deployments.runner import RunnerDeployment

    from flows.deploying import deploy, require_pool

    async def register(deployment: RunnerDeployment) -> None:
        await deployment.aapply(work_pool_name=pool)

    await require_pool(pool)
    gone = await deploy(scheduled.nights, within=folder, register=register)
    say_nights(scheduled.nights)
    for name in gone:
        say(f"{name}: no longer deployed")
    say(f"On each machine that is to dial: prefect worker start --pool {pool}")
