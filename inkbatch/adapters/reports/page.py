"""The report as one HTML page that opens offline, prints, and asks the network for nothing."""

from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from sqlalchemy import Engine

from inkbatch.adapters.reports import charts, wording
from inkbatch.adapters.reports.advice import advice, ground, sentences
from inkbatch.adapters.reports.atomic_file import replacing
from inkbatch.adapters.reports.campaign_figures import figures_in
from inkbatch.adapters.reports.figures import Figures
from inkbatch.adapters.reports.talks import Talks, latest_talks
from inkbatch.adapters.store.engine import reading
from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.domain.contact import ContactState
from inkbatch.ports import CampaignRecord

REPORT_NAME = "report.html"

STATES_IN_ORDER = (
    ContactState.REACHED,
    ContactState.IN_CALL,
    ContactState.DUE,
    ContactState.WAITING,
    ContactState.REVIEW,
    ContactState.EXHAUSTED,
    ContactState.EXPIRED,
    ContactState.SUPPRESSED,
    ContactState.WITHDRAWN,
)
"""As the bar of all contacts shows them: done, still to do, given up."""


def write_report(
    engine: Engine,
    campaign: CampaignRecord,
    *,
    to: Path,
    now: datetime,
    forecast: CampaignForecast | None = None,
    with_talks: bool = True,
) -> Path:
    """Write the page and return its path; a folder is given a file named report.html.

    `forecast` is what is to be expected of the campaign, where that can be told. Without
    `with_talks` nothing of what was said is in it.

    Raises UserMistake where the file cannot be written; an older report is then kept.
    """
    path = to / REPORT_NAME if to.is_dir() or not to.suffix else to
    with reading(engine).connect() as connection:
        figures = figures_in(connection, campaign, now=now, forecast=forecast)
        talks = latest_talks(connection, campaign.id) if with_talks else None
        page = render(figures, talks=talks)
    with replacing(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    return path


def render(figures: Figures, *, talks: Talks | None = None) -> str:
    """Return the page, with what was said where `talks` are given; every value is escaped."""
    budget, found = figures.budget, advice(figures.try_hours, figures.tries)
    calls = [float(point.calls) for point in budget.points]
    minutes = [point.minutes for point in budget.points]
    return _template().render(
        figures=figures,
        talks=talks or Talks(),
        contact_pieces=charts.stacked(
            {state.value: figures.contacts.get(state, 0) for state in STATES_IN_ORDER}
        ),
        outcome_bars=charts.bars(figures.dispositions),
        columns=charts.columns(figures.attempts_per_contact),
        intervals=charts.intervals(figures.tries),
        hour_rates=charts.hour_rates(figures.hours),
        weekday_rates=charts.weekday_rates(figures.hours, wording.WEEKDAYS),
        try_pieces=[(each, charts.stacked(each.dispositions)) for each in figures.tries],
        advice=sentences(found),
        ground=ground(found),
        heat_map=charts.heat_map(figures.hours),
        calls_chart=_use(figures, calls, limit=budget.limits.calls, usable=budget.usable.calls),
        minutes_chart=_use(
            figures, minutes, limit=budget.limits.minutes, usable=budget.usable.minutes
        ),
        funnel=_funnel(figures),
        reach_curve=charts.reach_curve(figures.times_to_reach),
    )


def _use(
    figures: Figures, uses: list[float], *, limit: float, usable: float
) -> charts.UseChart | None:
    if not uses:
        return None
    return charts.use_chart(figures.budget.points, uses, limit=limit, usable=usable)


def _funnel(figures: Figures) -> tuple[charts.Bar, ...]:
    steps = {
        "rows": figures.rows_total,
        "contacts": figures.contacts_total,
        "called": figures.contacts_called,
        "reached": figures.contacts.get(ContactState.REACHED, 0),
    }
    whole = figures.rows_total or 1
    return tuple(
        charts.Bar(kind=kind, count=count, left=0, width=100 * count / whole, share=count / whole)
        for kind, count in steps.items()
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"say": wording, "few_cases": charts.FEW_CASES}
    return environment.get_template("report.html.j2")
