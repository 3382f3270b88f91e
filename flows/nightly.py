"""What a schedule runs: import, dial, report."""

from datetime import timedelta
from pathlib import Path

from prefect import flow
from prefect.client.schemas import State
from prefect.context import FlowRunContext
from prefect.states import Cancelled, Completed

from flows.deferring import conclude, result_of
from flows.dial import dial
from flows.import_call_list import import_call_list
from flows.nights import left_out
from flows.report import report
from flows.surroundings import surroundings
from flows.telling import name_in, telling
from flows.trying_again import next_try, try_again
from inkbatch.domain.notice import failure_notice
from inkbatch.wiring import load_campaign


@flow(
    name="nightly",
    flow_run_name="nightly {campaign}",
    persist_result=False,
    on_failure=[try_again],
    on_crashed=[try_again],
)
async def nightly(campaign: str, report_to: str | None = None, tried_again: int = 0) -> State:
    """One night of the campaign in this folder; it ends when nothing more is due soon.

    Ends as `dial` does, or as Skipped where it was missed and is not made up for. What is due
    later stands on Prefect's page as the next run of this deployment; one that was canceled there
    has no next run and writes no report. One that fails is tried again some minutes later, as long
    as `tried_again`, which counts the failures before it, is small.
    """
    try:
        return await _night(campaign, report_to)
    except Exception as error:
        again_in = next_try(tried_again)
        if not tried_again or again_in is None:
            await _tell_failure(Path(campaign), error, again_in=again_in)
        raise


async def _tell_failure(folder: Path, error: Exception, *, again_in: timedelta | None) -> None:
    here = surroundings()
    told_at = here.workplace.clock.now()
    async with telling(here, folder) as tell:
        tell(failure_notice(name_in(folder), error, told_at=told_at, again_in=again_in))


async def _night(campaign: str, report_to: str | None) -> State:
    missed = _missed(campaign)
    if missed is not None:
        return Completed(name="Skipped", message=missed)
    await import_call_list(campaign)
    dialed = await dial(campaign, return_state=True)
    if dialed.is_cancelled():
        return Cancelled(message=dialed.message)
    await report(campaign, to=report_to)
    return await conclude(await result_of(dialed))


def _missed(campaign: str) -> str | None:
    """Return why a run of the schedule comes too late; one started by hand never does."""
    context = FlowRunContext.get()
    run = context.flow_run if context is not None else None
    schedule = load_campaign(Path(campaign)).schedule
    if run is None or not run.auto_scheduled or run.expected_start_time is None or not schedule:
        return None
    now = surroundings().workplace.clock.now()
    return left_out(schedule, due_at=run.expected_start_time, now=now)
