"""One shift at one campaign: passes until nothing is due soon."""

from pathlib import Path

from prefect import flow
from prefect.client.schemas import State

from flows.artifact_keys import artifact_key
from flows.deferring import canceled, conclude
from flows.placing import VisiblePlacing
from flows.surroundings import surroundings
from inkbatch.dialer.run import ShiftResult, run_shift
from inkbatch.dialer.shift import begin_shift
from inkbatch.domain.errors import CampaignBusy


@flow(name="dial", flow_run_name="dial {campaign}", persist_result=False)
async def dial(campaign: str) -> State:
    """Dial whoever of the campaign in this folder may be called now, then defer to `wake_at`.

    Ends as Completed, Deferred, Busy (another run holds the dialing lock), Cancelled (on Prefect's
    page), or Failed with the problem that stopped it.
    """
    placing = VisiblePlacing(surroundings().workplace.clock)
    try:
        result = await _work_a_shift(campaign, placing)
    except CampaignBusy as busy:
        return await conclude(busy)
    return canceled(result) if placing.canceling.is_canceled else await conclude(result)


async def _work_a_shift(campaign: str, placing: VisiblePlacing) -> ShiftResult:
    here = surroundings()
    async with here.workplace.desk(placing) as desk:
        ready = await here.workplace.prepare(desk, Path(campaign))
        with begin_shift(
            desk, campaign=ready.campaign, record=ready.record, own_numbers=ready.own_numbers
        ) as shift:
            placing.stopping = shift.stopping
            linger = here.workplace.settings.linger
            result = await run_shift(shift, linger=linger, on_pass=here.on_pass)
    await placing.conclude(key=artifact_key(f"{ready.campaign.name}-dials"))
    return result
