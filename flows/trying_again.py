"""A night that failed is tried again the same night: what kept it may be over in some minutes.

The database was started anew, Inkbox did not answer, the process was killed. Nobody is called
twice by it: a run looks up what the one before it left open, as ever.
"""

from datetime import timedelta
from typing import Any

from prefect import Flow
from prefect.client.schemas import FlowRun, State
from prefect.runtime import deployment

from flows.later_runs import TRIED_AGAIN, run_later

AFTER = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""So long after each failure; after the last one only the schedule's next night comes."""


def next_try(tried_again: int) -> timedelta | None:
    """Return how long after its failure this run is tried again; None where it is not.

    One that belongs to no deployment, as in a terminal, never is.
    """
    if deployment.id is None or tried_again >= len(AFTER):
        return None
    return AFTER[tried_again]


async def try_again(flow: Flow[..., Any], flow_run: FlowRun, state: State) -> None:  # noqa: ARG001 (Prefect gives all three by name)
    """Make another run of the deployment of one that failed or crashed; Prefect calls this.

    It does so in the run's own process or, where that was killed, in the one that started it.
    """
    tried_again = flow_run.parameters.get(TRIED_AGAIN, 0)
    if flow_run.deployment_id is None or tried_again >= len(AFTER):
        return
    await run_later(
        flow_run.deployment_id,
        at=state.timestamp + AFTER[tried_again],
        parameters=flow_run.parameters,
        key=f"{flow_run.id}-again",
        tried_again=tried_again + 1,
    )
