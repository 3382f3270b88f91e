"""What a schedule runs: import, dial, report."""

from prefect import flow
from prefect.client.schemas import State

from flows.deferring import conclude, result_of
from flows.dial import dial
from flows.import_call_list import import_call_list
from flows.report import report


@flow(name="nightly", flow_run_name="nightly {campaign}", persist_result=False)
async def nightly(campaign: str, report_to: str | None = None) -> State:
    """One night of the campaign in this folder; it ends when nothing more is due soon.

    Ends as `dial` does. What is due later stands on Prefect's page as the next run of this
    deployment.
    """
    await import_call_list(campaign)
    dialed = await dial(campaign, return_state=True)
    await report(campaign, to=report_to)
    return await conclude(await result_of(dialed))
