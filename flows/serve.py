"""Every campaign of a folder that has a schedule, as a deployment, night after night."""

import asyncio
import os
from pathlib import Path

from rich.console import Console

from flows.local_server import local_server, require_answer
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.errors import UserMistake
from inkbatch.settings import load_settings
from inkbatch.wiring import load_campaign


def serve_campaigns(folder: Path) -> None:
    """Keep a deployment per scheduled campaign and run it when its time comes, until Ctrl-C.

    Uses the Prefect server of PREFECT_API_URL; without one, starts one on this machine for as
    long as it serves. Raises UserMistake where no campaign has a schedule, InkbatchError where that
    server does not answer.
    """
    load_settings().require_api_key()
    campaigns = _scheduled(folder)
    api = os.environ.get("PREFECT_API_URL")
    if api:
        require_answer(api)
        _serve(campaigns)
        return
    with local_server(meanwhile=_load):
        _serve(campaigns)


def _scheduled(folder: Path) -> list[tuple[Path, Campaign]]:
    folders = sorted(path.parent for path in folder.resolve().glob("*/campaign.toml"))
    campaigns = [(path, load_campaign(path)) for path in folders]
    scheduled = [(path, campaign) for path, campaign in campaigns if campaign.schedule]
    if not scheduled:
        raise UserMistake(
            f"no campaign in {folder} has a [schedule], so there is nothing to serve. "
            "Add one to a campaign.toml, or dial once with `inkbatch run`."
        )
    return scheduled


def _load() -> None:
    """Import Prefect's client, which takes seconds."""
    import flows.deploying  # noqa: F401 (only its import matters)


def _serve(campaigns: list[tuple[Path, Campaign]]) -> None:
    from prefect import aserve

    from flows.deploying import deployment_of

    async def serve() -> None:
        deployments = [await deployment_of(path, campaign) for path, campaign in campaigns]
        await aserve(*deployments, pause_on_shutdown=False, print_starting_message=False)

    console = Console(highlight=False)
    console.print(f"Prefect's page: {os.environ['PREFECT_API_URL'].removesuffix('/api')}")
    for path, campaign in campaigns:
        if campaign.schedule is not None:
            when = f"{campaign.schedule.cron} {campaign.schedule.zone}"
            console.print(f"{campaign.name} ({path}): {when}")
    asyncio.run(serve())
