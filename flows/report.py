"""Write a campaign's report, and its figures as an artifact on Prefect's page."""

import os
from pathlib import Path

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact

from flows.artifact_keys import artifact_key
from flows.surroundings import surroundings
from inkbatch.domain.errors import UserMistake
from inkbatch.showing import report_markdown, write_report
from inkbatch.wiring import load_campaign


@flow(name="report", flow_run_name="report {campaign}", persist_result=False)
async def report(campaign: str, to: str | None = None) -> str:
    """Write the report of the campaign in this folder, and return the page's absolute path.

    It is `report.html` in that folder, where a person finds it: a worker's own folder is gone when
    the run is over. Where nobody may write there, it is below the folder of the process.
    """
    workplace = surroundings().workplace
    name = load_campaign(Path(campaign)).name
    store = workplace.open_store()
    try:
        with store.reading() as tx:
            record = tx.campaign(name, organisation=workplace.settings.organisation_name)
        if record is None:
            raise UserMistake(f"campaign {name} was never run, so there is nothing to report")
        page = Path(to) if to else _page(Path(campaign), name)
        clock, reserve = workplace.clock, workplace.settings.reserve
        written = write_report(store, record, to=page, clock=clock, reserve=reserve)
        page_url = workplace.settings.page_of(Path(campaign))
        markdown = report_markdown(store, record, clock=clock, reserve=reserve, page_url=page_url)
    finally:
        store.close()
    key, said = artifact_key(name), f"Campaign {name}, {written.resolve()}"
    await acreate_markdown_artifact(markdown, key=key, description=said)
    return str(written.resolve())


def _page(folder: Path, name: str) -> Path:
    lies_in = folder if os.access(folder, os.W_OK) else Path("reports") / name
    return lies_in / "report.html"
