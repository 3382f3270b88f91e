"""How a run ends, and waiting for hours without a process."""

from prefect.client.schemas import State
from prefect.runtime import deployment
from prefect.states import Cancelled, Completed, Failed

from flows.later_runs import run_later
from inkbatch.dialer.run import ShiftResult
from inkbatch.domain.errors import CampaignBusy


async def conclude(result: ShiftResult | Exception) -> State:
    """Return the state in which a run ends: Completed, Deferred, Busy, or Failed with why.

    The state's data is `result`, so that a flow above can conclude with the same. Any other
    error than CampaignBusy is raised.
    """
    if isinstance(result, CampaignBusy):
        return Completed(name="Busy", message=str(result), data=result)
    if isinstance(result, Exception):
        raise result
    if result.problem is not None:
        return Failed(message=result.problem, data=result)
    if result.wake_at is None:
        return Completed(message=result.why, data=result)
    await _schedule(result)
    message = f"until {result.wake_at:%Y-%m-%d %H:%M} UTC: {result.why}"
    return Completed(name="Deferred", message=message, data=result)


def canceled(result: ShiftResult) -> State:
    """Return the state of a run that somebody canceled on Prefect's page; nothing is scheduled."""
    message = f"canceled after {result.placed} calls; the next night goes on where it stopped"
    return Cancelled(message=message, data=result)


async def result_of(state: State) -> ShiftResult | Exception:
    """Return what a concluded run's state carries; errors are returned, not raised."""
    result: ShiftResult | Exception = await state.aresult(raise_on_failure=False)
    return result


async def _schedule(result: ShiftResult) -> None:
    """Make a new run of this deployment at `wake_at`; asking twice for one time makes one run.

    Each of several shifts of the campaign makes its own, by the dialing lock that it held.
    A run that belongs to no deployment, as in a terminal, schedules nothing. A flow below one does
    belong to its deployment: the nightly's `dial` asks too, so that no later failure loses the run.
    """
    if deployment.id is None or result.wake_at is None:
        return
    await run_later(
        deployment.id,
        at=result.wake_at,
        key=f"{deployment.id}-{result.lock_name}-{result.wake_at.isoformat()}",
        parameters=deployment.parameters,
    )
