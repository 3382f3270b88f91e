"""Campaigns as Prefect deployments, and keeping both the same."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.responses import DeploymentResponse
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.campaign_folder import Nights
from flows.nightly import nightly

TAG = "inkbatch"
DEPLOYMENTS_AT_ONCE = 200

Register = Callable[[RunnerDeployment], Awaitable[object]]
"""Makes a deployment known, or changes the one of its name."""


async def deployment_of(folder: Path, nights: Nights) -> RunnerDeployment:
    """Return the nightly deployment of the campaign in a folder, which is absolute.

    Its cron is there once for each shift that may work at once, so that as many runs start.
    """
    cron = Cron(nights.schedule.cron, timezone=nights.schedule.zone)
    deployment: RunnerDeployment = await nightly.ato_deployment(
        name=nights.campaign,
        schedules=[cron] * nights.shifts_at_once,
        concurrency_limit=_at_once(nights.shifts_at_once),
        parameters={"campaign": str(folder)},
        tags=[TAG],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return deployment


def _at_once(runs: int) -> ConcurrencyLimitConfig:
    """Let a run beyond so many wait for the end of another, and then find what is left to do.

    It is not canceled, or a night would be lost whenever a machine died: Prefect counts its run as
    going for five minutes more. The dialing locks guard the campaign besides.
    """
    return ConcurrencyLimitConfig(limit=runs, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)


async def deploy(
    nights: Mapping[Path, Nights], *, within: Path, register: Register
) -> tuple[str, ...]:
    """Register each campaign, and drop whatever of the folder `within` is deployed besides.

    With a deployment its scheduled runs go; runs that are under way go on. Returns the names of
    those that were dropped.
    """
    for folder, each in nights.items():
        await register(await deployment_of(folder, each))
    wanted = {str(folder): each.campaign for folder, each in nights.items()}
    async with get_client() as client:
        gone = [
            deployed
            for deployed in await _deployed(client)
            if _lies_in(within, deployed) and wanted.get(_folder_of(deployed)) != deployed.name
        ]
        for deployed in gone:
            await _drop(client, deployed.id)
    return tuple(deployed.name for deployed in gone)


async def require_pool(name: str) -> None:
    """Make a work pool whose workers start a process for each run, unless there is one."""
    async with get_client() as client:
        try:
            await client.read_work_pool(name)
        except ObjectNotFound:
            await client.create_work_pool(WorkPoolCreate(name=name, type="process"))


async def _deployed(client: PrefectClient) -> list[DeploymentResponse]:
    of_ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    found = list[DeploymentResponse]()
    while True:
        page = await client.read_deployments(
            deployment_filter=of_ours, limit=DEPLOYMENTS_AT_ONCE, offset=len(found)
        )
        found += page
        if len(page) < DEPLOYMENTS_AT_ONCE:
            return found


async def _drop(client: PrefectClient, deployment_id: UUID) -> None:
    try:
        await client.delete_deployment(deployment_id)
    except ObjectNotFound:
        return  # somebody else was faster


def _folder_of(deployed: DeploymentResponse) -> str:
    return str(deployed.parameters.get("campaign", ""))


def _lies_in(folder: Path, deployed: DeploymentResponse) -> bool:
    return Path(_folder_of(deployed)).parent == folder
