"""What a schedule runs: import, dial, report."""

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
from flows.trying_again import try_again, try_this_again
from inkbatch.dialer.run import ShiftResult
from inkbatch.domain.notice import failure_notice
from inkbatch.wiring import load_campaign


@flow(
    name="nightly",
    flow_run_name="nightly {campaign}",
    persist_result=False,
    on_crashed=[try_again],
)
async def nightly(campaign: str, report_to: str | None = None, tried_again: int = 0) -> State:
    """One night of the campaign in this folder; it ends when nothing more is due soon.

    Ends as `dial` does, or as Skipped where it was missed and is not made up for. What is due
    later stands on Prefect's page as the next run of this deployment; one that was canceled there
    has no next run and writes no report. One that ends by an error is tried again some minutes
    later, as long as `tried_again`, which counts those before it, is small.
    """
    try:
        return await _night(campaign, report_to, is_again=tried_again > 0)
    except Exception as error:
        await _fail(Path(campaign), error, is_again=tried_again > 0)
        raise


async def _fail(folder: Path, error: Exception, *, is_again: bool) -> None:
    """Try the night again, and tell of it at its first failure and where it is given up."""
    here = surroundings()
    now = here.workplace.clock.now()
    again_in = await try_this_again(now=now)
    if is_again and again_in is not None:
        return
    async with telling(here, folder) as tell:
        tell(failure_notice(name_in(folder), error, told_at=now, again_in=again_in))


async def _night(campaign: str, report_to: str | None, *, is_again: bool) -> State:
    missed = _missed(campaign, is_again=is_again)
    if missed is not None:
        return Completed(name="Skipped", message=missed)
    await import_call_list(campaign)
    dialed = await dial(campaign, return_state=True)
    if dialed.is_cancelled():
        return Cancelled(message=dialed.message)
    await report(campaign, to=report_to)
    result = await result_of(dialed)
    if isinstance(result, ShiftResult) and result.may_pass:
        await try_this_again(now=surroundings().workplace.clock.now())
    return await conclude(result)


def _missed(campaign: str, *, is_again: bool) -> str | None:
    """Return why a run comes too late that nobody started by hand: one of those never does."""
    context = FlowRunContext.get()
    run = context.flow_run if context is not None else None
    schedule = load_campaign(Path(campaign)).schedule
    if run is None or run.expected_start_time is None or not schedule:
        return None
    if not (run.auto_scheduled or is_again):
        return None
    now = surroundings().workplace.clock.now()
    return left_out(schedule, due_at=run.expected_start_time, now=now)
