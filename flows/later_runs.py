"""Runs of a deployment that are made for later, beside those of its schedule."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from prefect.deployments.flow_runs import arun_deployment

TRIED_AGAIN = "tried_again"
"""The parameter that says how many runs of this night failed one after the other."""


async def run_later(
    deployment_id: UUID | str,
    *,
    at: datetime,
    parameters: Mapping[str, Any],
    key: str,
    tried_again: int = 0,
) -> None:
    """Make a run for then, by the parameters of the one that asks; once for each `key`."""
    same = {name: value for name, value in parameters.items() if name != TRIED_AGAIN}
    await arun_deployment(
        deployment_id,
        parameters={**same, TRIED_AGAIN: tried_again} if tried_again else same,
        scheduled_time=at,
        timeout=0,
        as_subflow=False,
        idempotency_key=key,
    )
