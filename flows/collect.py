"""Watch the calls in progress of a campaign without dialing anybody."""

from pathlib import Path

from prefect import flow
from prefect.client.schemas import State
from prefect.states import Completed

from flows.surroundings import surroundings_with_key
from inkbatch.dialer.run import look_only
from inkbatch.dialer.shift import begin_shift
from inkbatch.domain.errors import CampaignBusy


@flow(name="collect", flow_run_name="collect {campaign}", persist_result=False)
async def collect(campaign: str) -> State[None]:
    """Recover, look up and collect; a run that dials does this too, so then this one ends Busy."""
    workplace = (await surroundings_with_key()).workplace
    async with workplace.desk() as desk:
        ready = await workplace.prepare(desk, Path(campaign))
        try:
            with begin_shift(
                desk, campaign=ready.campaign, record=ready.record, own_numbers=ready.own_numbers
            ) as shift:
                ended = await look_only(shift)
        except CampaignBusy as busy:
            return Completed(name="Busy", message=str(busy))
    return Completed(message=f"{ended} attempts ended")
