"""Runs that were under way when `inkbatch serve` died, with the server that it had started.

Prefect shows them as running for good, and their night would not go on before the next one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas import FlowRun, State
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Crashed

from flows.campaign_folder import Nights
from flows.deploying import TAG
from flows.nightly import nightly
from flows.nights import come_meanwhile
from flows.surroundings import surroundings
from flows.trying_again import try_again

UNDER_WAY = FlowRunFilterState(
    type=FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
)


async def go_on(nights: Mapping[Path, Nights]) -> None:
    """Say of each run of these campaigns that is under way that it crashed; try its night again.

    For a server of our own that has just started, so that whoever ran them cannot tell it of them
    any more; the dialing lock guards a campaign whose process lives on. A night is not tried again
    where the next one has come meanwhile, or where somebody was canceling it.
    """
    of_ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    under_way = FlowRunFilter(state=UNDER_WAY)
    async with get_client() as client:
        for run in await client.read_flow_runs(
            flow_run_filter=under_way, deployment_filter=of_ours
        ):
            campaign = nights.get(Path(str(run.parameters.get("campaign"))))
            if campaign is None:
                continue
            state: State[Any] = Crashed(message="`inkbatch serve` ended while it ran.")
            if _goes_on(run, campaign):
                await try_again(nightly, run, state)
            await _end(client, run.id, state)


def _goes_on(run: FlowRun, campaign: Nights) -> bool:
    began_at = run.start_time or run.expected_start_time
    if began_at is None or run.state_type == StateType.CANCELLING:
        return False
    now = surroundings().workplace.clock.now()
    return come_meanwhile(campaign.schedule, due_at=began_at, now=now) is None


async def _end(client: PrefectClient, run_id: UUID, state: State[Any]) -> None:
    """End a run in Prefect's books, and the runs of flows below it."""
    below = FlowRunFilter(
        state=UNDER_WAY, parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[run_id])
    )
    for each in [run_id, *(run.id for run in await client.read_flow_runs(flow_run_filter=below))]:
        await client.set_flow_run_state(each, state, force=True)
