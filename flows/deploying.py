"""A campaign as a Prefect deployment."""

from pathlib import Path

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.nightly import nightly
from inkbatch.domain.campaign import Campaign

ONE_AT_A_TIME = ConcurrencyLimitConfig(
    limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
)
"""A night that is still going is not started twice; the dialing lock guards it besides."""


async def deployment_of(folder: Path, campaign: Campaign) -> RunnerDeployment:
    """Return the nightly deployment of a campaign that has a schedule; `folder` is absolute."""
    if campaign.schedule is None:
        raise ValueError(f"campaign {campaign.name} has no schedule")
    deployment: RunnerDeployment = await nightly.ato_deployment(
        name=campaign.name,
        schedule=Cron(campaign.schedule.cron, timezone=campaign.schedule.zone),
        concurrency_limit=ONE_AT_A_TIME,
        parameters={"campaign": str(folder)},
        tags=["inkbatch"],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return deployment
