"""A night that failed is tried again the same night: what kept it may be over in some minutes.

The database was started anew, Inkbox did not answer, the process was killed. Nobody is called
twice by it: a run looks up what the one before it left open, as ever.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from prefect import Flow
from prefect.client.schemas import FlowRun, State
from prefect.context import FlowRunContext

from flows.later_runs import TRIED_AGAIN, run_later

AFTER = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""So long after each failure; after the last one only the schedule's next night comes."""

log = logging.getLogger("inkbatch.flows")


async def try_this_again(*, now: datetime) -> timedelta | None:
    """Make another run like this one; return how long after now, None where there is none.

    A run that belongs to no deployment, as in a terminal, is not made again, nor one that failed as
    often as that, nor where Prefect's server does not answer.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return None
    try:
        return await _try_again(context.flow_run, failed_at=now)
    except Exception as error:  # noqa: BLE001 (Prefect raises whatever its client meets)
        log.warning("not_tried_again", extra={"fields": {"error": type(error).__name__}})
        return None


async def try_again(flow: Flow[..., Any], flow_run: FlowRun, state: State) -> None:  # noqa: ARG001 (Prefect gives all three by name)
    """Make another run like one whose process ended before its time; Prefect calls this.

    It does so in the process that started it, or in its own where that had a moment left.
    """
    await _try_again(flow_run, failed_at=state.timestamp)


async def _try_again(run: FlowRun, *, failed_at: datetime) -> timedelta | None:
    tried_again = run.parameters.get(TRIED_AGAIN, 0)
    if run.deployment_id is None or tried_again >= len(AFTER):
        return None
    await run_later(
        run.deployment_id,
        at=failed_at + AFTER[tried_again],
        parameters=run.parameters,
        key=f"{run.id}-again",
        tried_again=tried_again + 1,
    )
    return AFTER[tried_again]
