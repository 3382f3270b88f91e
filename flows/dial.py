"""One shift at one campaign: passes until nothing is due soon."""

from pathlib import Path

from prefect import flow
from prefect.client.schemas import State

from flows.deferring import conclude
from flows.placing import place_visibly
from flows.surroundings import surroundings
from inkbatch.dialer.run import ShiftResult, run_shift
from inkbatch.dialer.shift import begin_shift
from inkbatch.domain.errors import CampaignBusy


@flow(name="dial", flow_run_name="dial {campaign}", persist_result=False)
async def dial(campaign: str) -> State:
    """Dial whoever of the campaign in this folder may be called now, then defer to `wake_at`.

    Ends as Completed, Deferred, Busy (another run holds the dialing lock), or Failed with the
    problem that stopped it.
    """
    try:
        return await conclude(await _work_a_shift(campaign))
    except CampaignBusy as busy:
        return await conclude(busy)


async def _work_a_shift(campaign: str) -> ShiftResult:
    here = surroundings()
    async with here.workplace.desk(place_visibly) as desk:
        ready = await here.workplace.prepare(desk, Path(campaign))
        with begin_shift(
            desk, campaign=ready.campaign, record=ready.record, own_numbers=ready.own_numbers
        ) as shift:
            linger = here.workplace.settings.linger
            return await run_shift(shift, linger=linger, on_pass=here.on_pass)
