"""Take a campaign's call list into the store; nothing is dialed."""

from dataclasses import asdict
from pathlib import Path

from prefect import flow

from flows.surroundings import surroundings
from inkbatch.wiring import load_campaign


@flow(name="import-call-list", flow_run_name="import {campaign}", persist_result=False)
async def import_call_list(campaign: str) -> dict[str, int]:
    """Enroll the call list of the campaign in this folder, and return counts of its rows.

    The same file again changes nothing.
    """
    workplace = surroundings().workplace
    store = workplace.open_store()
    try:
        enrolment = workplace.enroll(store, load_campaign(Path(campaign)), Path(campaign))
    finally:
        store.close()
    return asdict(enrolment.enrolled)
