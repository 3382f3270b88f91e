"""Write a campaign's report, and its figures as an artifact on Prefect's page."""

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
    """Write the report of the campaign in this folder, and return the page's path."""
    workplace = surroundings().workplace
    name = load_campaign(Path(campaign)).name
    store = workplace.open_store()
    try:
        with store.reading() as tx:
            record = tx.campaign(name, organisation=workplace.settings.organisation_name)
        if record is None:
            raise UserMistake(f"campaign {name} was never run, so there is nothing to report")
        page = Path(to) if to else Path("reports") / name / "report.html"
        written = write_report(store, record, to=page, clock=workplace.clock)
        page_url = workplace.settings.page_of(Path(campaign))
        markdown = report_markdown(
            store,
            record,
            clock=workplace.clock,
            reserve=workplace.settings.reserve,
            page_url=page_url,
        )
    finally:
        store.close()
    key = artifact_key(name)
    await acreate_markdown_artifact(markdown, key=key, description=f"Campaign {name}")
    return str(written)
