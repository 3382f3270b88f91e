"""One shift at one campaign: passes until nothing is due soon."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from prefect import flow
from prefect.client.schemas import State

from flows.artifact_keys import artifact_key
from flows.deferring import canceled, conclude
from flows.placing import VisiblePlacing
from flows.progress import progress_shown
from flows.surroundings import Surroundings, surroundings, surroundings_with_key
from flows.telling import telling
from inkbatch.dialer.night_watch import NightWatch
from inkbatch.dialer.run import OnPass, PassResult, ShiftResult, run_shift
from inkbatch.dialer.shift import Shift, begin_shift
from inkbatch.domain.errors import CampaignBusy


@flow(name="dial", flow_run_name="dial {campaign}", persist_result=False)
async def dial(campaign: str) -> State:
    """Dial whoever of the campaign in this folder may be called now, then defer to `wake_at`.

    Ends as Completed, Deferred, Busy (another run holds the dialing lock), Cancelled (on Prefect's
    page), or Failed with the problem that stopped it.
    """
    placing = VisiblePlacing(surroundings().workplace.clock)
    try:
        result = await _work_a_shift(Path(campaign), placing)
    except CampaignBusy as busy:
        return await conclude(busy)
    return canceled(result) if placing.canceling.is_canceled else await conclude(result)


async def _work_a_shift(folder: Path, placing: VisiblePlacing) -> ShiftResult:
    here = await surroundings_with_key()
    async with here.workplace.desk(placing) as desk:
        ready = await here.workplace.prepare(desk, folder)
        with begin_shift(
            desk, campaign=ready.campaign, record=ready.record, own_numbers=ready.own_numbers
        ) as shift:
            placing.stopping = shift.stopping
            async with _watched(here, shift, folder) as on_pass:
                linger = here.workplace.settings.linger
                result = await run_shift(shift, linger=linger, on_pass=on_pass)
    await placing.conclude(key=artifact_key(f"{ready.campaign.name}-dials"))
    return result


@asynccontextmanager
async def _watched(here: Surroundings, shift: Shift, folder: Path) -> AsyncIterator[OnPass]:
    """Yield what is to be called after each pass: it shows progress and tells of the night."""
    async with AsyncExitStack() as watching:
        each = [here.on_pass] if here.on_pass else []
        if here.is_watched:
            tell = await watching.enter_async_context(telling(here, folder))
            each += [
                NightWatch(shift, tell).after_pass,
                await watching.enter_async_context(progress_shown(shift)),
            ]

        def after_pass(result: PassResult) -> None:
            for look in each:
                look(result)

        yield after_pass
