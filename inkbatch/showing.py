"""What is told of campaigns: reports, exports, why nobody is dialed, forecasts, plans.

Nothing here changes anything. Heavy adapters are imported where they are first needed, as in
`wiring`.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from inkbatch.adapters.clock import VirtualClock
from inkbatch.dialer.ahead import campaign_ahead, list_ahead
from inkbatch.dialer.night_watch import calls_tonight
from inkbatch.dialer.preview import AHEAD, Books, Preview, preview
from inkbatch.dialer.shift import NO_RESERVE, Timing
from inkbatch.dialer.why import Why, why
from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.domain.errors import CampaignFileError
from inkbatch.domain.list_row import Row
from inkbatch.ports import CampaignRecord, Clock, Store

if TYPE_CHECKING:
    from inkbatch.adapters.reports import Comparison, Figures
    from inkbatch.adapters.store import SqlStore


def write_report(
    store: "SqlStore",
    record: CampaignRecord,
    *,
    to: Path,
    clock: Clock,
    reserve: HeadRoom = NO_RESERVE,
) -> Path:
    """Write the report page and return its path."""
    from inkbatch.adapters import reports

    ahead = expected(store, record, clock=clock, reserve=reserve)
    return reports.write_report(store.engine, record, to=to, now=clock.now(), forecast=ahead)


def report_figures(
    store: "SqlStore", record: CampaignRecord, *, clock: Clock, reserve: HeadRoom = NO_RESERVE
) -> "Figures":
    """Return the figures of the report."""
    from inkbatch.adapters import reports

    ahead = expected(store, record, clock=clock, reserve=reserve)
    return reports.campaign_figures(store.engine, record, now=clock.now(), forecast=ahead)


COMPARED = ("Campaign", "Reached", "Answered", "Calls", "Calls a person", "Minutes a person")
"""The columns of `comparison_lines`; the last two are for each person reached."""


def comparison(store: "SqlStore", records: Sequence[CampaignRecord]) -> "Comparison":
    """Return campaigns beside each other."""
    from inkbatch.adapters import reports

    return reports.compare(store.engine, records)


def comparison_lines(told: "Comparison") -> list[tuple[str, ...]]:
    """Return a line for each campaign, as people read it; a dash where there is nothing yet."""
    from inkbatch.adapters.reports import wording as say

    return [
        (
            each.campaign,
            say.rate(each.reached),
            say.rate(each.answers),
            say.number(each.calls),
            say.ratio(each.calls_per_reached),
            say.ratio(each.minutes_per_reached),
        )
        for each in told.campaigns
    ]


def report_markdown(
    store: "SqlStore",
    record: CampaignRecord,
    *,
    clock: Clock,
    reserve: HeadRoom = NO_RESERVE,
    page_url: str | None = None,
) -> str:
    """Return the report in a few lines of Markdown, with counts alone; `page_url` is linked."""
    from inkbatch.adapters import reports

    campaign = _campaign_of(record)
    with store.reading() as tx:
        tonight = calls_tonight(tx, campaign, record, now=clock.now())
    figures = report_figures(store, record, clock=clock, reserve=reserve)
    return reports.markdown_summary(figures, calls_tonight=tonight, page_url=page_url)


def export(store: "SqlStore", record: CampaignRecord, *, what: str, to: Path, clock: Clock) -> Path:
    """Write one of `reports.Exported` as the file's ending says."""
    from inkbatch.adapters import reports

    return reports.export(store.engine, record, what=what, to=to, now=clock.now())


def why_now(
    store: Store, record: CampaignRecord, *, clock: Clock, reserve: HeadRoom = NO_RESERVE
) -> Why:
    """Return why a campaign is not dialing now, by the campaign file of its folder."""
    campaign = _campaign_of(record)
    return why(store, campaign, record, clock=clock, reserve=reserve)


def forecast_now(
    store: Store,
    record: CampaignRecord,
    *,
    clock: Clock,
    reserve: HeadRoom = NO_RESERVE,
    poll_every: timedelta = timedelta(seconds=10),
    what_ifs: bool = True,
    campaign: Campaign | None = None,
) -> CampaignForecast:
    """Return what is to be expected of a campaign that is enrolled, by its folder's file.

    With `campaign`, as if the file said that.

    Without `what_ifs`, what would change it is not worked out, which takes a fifth of the time.
    """
    from inkbatch.adapters.forecasting import forecast_campaign

    campaign = campaign or _campaign_of(record)
    with store.reading() as tx:
        ahead = campaign_ahead(
            tx, campaign, record, reserve=reserve, poll_every=poll_every, now=clock.now()
        )
    return forecast_campaign(ahead, what_ifs=what_ifs)


def expected(
    store: Store, record: CampaignRecord, *, clock: Clock, reserve: HeadRoom = NO_RESERVE
) -> CampaignForecast | None:
    """Return what is to be expected of a campaign, for its report; None where nobody can tell."""
    try:
        return forecast_now(store, record, clock=clock, reserve=reserve, what_ifs=False)
    except CampaignFileError:
        return None


def forecast_list(
    campaign: Campaign,
    rows: Iterable[Row],
    *,
    clock: Clock,
    reserve: HeadRoom = NO_RESERVE,
    what_ifs: bool = True,
) -> CampaignForecast:
    """Return what is to be expected of a call list that was not imported, with a whole budget."""
    from inkbatch.adapters.forecasting import forecast_campaign

    ahead = list_ahead(campaign, rows, reserve=reserve, now=clock.now())
    return forecast_campaign(ahead, what_ifs=what_ifs)


def forecast_chart(told: CampaignForecast) -> str:
    """Return the forecast as an SVG that needs nothing else."""
    from inkbatch.adapters.forecasting import chart

    return chart(told)


CONTACTS_SLACK = 200
"""So many contacts more than calls are copied, for those who turn out not to be called."""


async def foresee(
    store: "SqlStore",
    record: CampaignRecord,
    *,
    clock: Clock,
    timing: Timing,
    limit: int,
    reserve: HeadRoom = NO_RESERVE,
) -> Preview:
    """Return who would be called within 24 hours, worked out on a copy in memory.

    Where so many of the contacts copied are not to be called that the copy runs dry, a greater
    one is made.
    """
    from inkbatch.adapters.store.copying import copy_ahead

    campaign, now = _campaign_of(record), clock.now()
    contacts_max = 2 * limit + CONTACTS_SLACK
    while True:
        copied = copy_ahead(store, record, now=now, until=now + AHEAD, contacts_max=contacts_max)
        books = Books(store=copied.store, clock=VirtualClock(now))
        foreseen = await preview(
            books, campaign, record, timing=timing, limit=limit, reserve=reserve
        )
        with copied.store.reading() as tx:
            left = {queue.zones for queue in tx.zone_queues(record.id)}
        copied.store.close()
        if len(foreseen.calls) >= limit or left.issuperset(copied.cut):
            return foreseen
        contacts_max *= 8


def _campaign_of(record: CampaignRecord) -> Campaign:
    from inkbatch.adapters.campaign_files import load_campaign

    return load_campaign(Path(record.folder))
