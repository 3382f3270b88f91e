"""`forecast`: when the rest of a campaign will be done, and what would change that."""

from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from inkbatch.adapters.clock import RealClock
from inkbatch.cli.explaining import AsJson
from inkbatch.cli.output import console, print_json, say
from inkbatch.cli.steering import CampaignName, find_campaign, open_store
from inkbatch.domain.campaign_forecast import CampaignForecast, Range
from inkbatch.domain.errors import UserMistake
from inkbatch.settings import load_settings
from inkbatch.showing import forecast_chart, forecast_now

DAYS_SHOWN = 14


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(forecast)


def forecast(
    campaign: CampaignName,
    *,
    chart: Annotated[
        Path | None, typer.Option(help="Write the chart: one .svg file that opens anywhere.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say when a campaign will be done, whom it will reach, and what would change that.

    The rest of the campaign is replayed some hundreds of times, with odds and minutes as its own
    calls leave them possible. P10 to P90 holds in four of five. Changes nothing, dials nobody.
    """
    settings, store = load_settings(), open_store()
    with store.reading() as tx:
        record = find_campaign(tx, campaign)
    poll_every = timedelta(seconds=settings.poll_seconds)
    told = forecast_now(
        store, record, clock=RealClock(), reserve=settings.reserve, poll_every=poll_every
    )
    if chart is not None:
        _write(chart, forecast_chart(told))
    if as_json:
        print_json(asdict(told))
        return
    show_forecast(told)
    if chart is not None:
        say(f"Wrote {chart}.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserMistake(
            f"the chart cannot be written to {path}: {error.strerror}. Nothing was changed."
        ) from error


def show_forecast(told: CampaignForecast) -> None:
    """Show a forecast in full."""
    say(f"{told.campaign}: {forecast_sentence(told)}.")
    if told.finish is None:
        return
    console.print(_day_table(told))
    if len(told.days) > DAYS_SHOWN:
        say(f"and {len(told.days) - DAYS_SHOWN} days more; --json and --chart have them all.")
    console.print(_what_if_table(told))
    for line in basis_lines(told):
        say(line)


def forecast_sentence(told: CampaignForecast) -> str:
    """Return in one sentence when it is done and who will not be called."""
    if told.finish is None:
        return "nobody is left to call"
    people = "1 person" if told.contacts == 1 else f"{told.contacts:,} people"
    words = (
        f"{people} to call; done by {_day(told, told.finish.p50)} "
        f"(P10 {_day(told, told.finish.p10)}, P90 {_day(told, told.finish.p90)}), "
        f"{_spread(told.reached)} of them reached"
    )
    if told.untried.p90:
        words += f"; {_spread(told.untried)} get no first attempt in time"
    if told.never_open:
        words += f", {told.never_open} of them since no hour of theirs is ever open"
    return words


def basis_lines(told: CampaignForecast) -> tuple[str, ...]:
    """Return what a forecast rests on."""
    odds = told.answer_odds
    known = (
        f"{told.from_tries} tries of its own" if told.from_tries else "no try of its own: priors"
    )
    first = (
        f"From {told.replays} replays, by {known}; a first try is answered with odds of "
        f"{odds.p10:.0%} to {odds.p90:.0%}. Days and times of {told.zone}."
    )
    return (first, f"Supposing that {'; '.join(told.assumes)}.") if told.assumes else (first,)


def _day_table(told: CampaignForecast) -> Table:
    table = Table("day", "reached", "calls", "binds", "done")
    for day in told.days[:DAYS_SHOWN]:
        done = f"{day.done_share:.0%}"
        table.add_row(day.date, _spread(day.reached), _spread(day.calls), day.binding, done)
    return table


def _what_if_table(told: CampaignForecast) -> Table:
    table = Table("what if", "done by", "days sooner", "reached more", "untried fewer")
    for each in told.what_ifs:
        sooner = "" if each.days_sooner is None else f"{each.days_sooner:+.1f}"
        table.add_row(
            each.change,
            _day(told, each.finish.p50),
            sooner,
            f"{each.reached_more:+.1f}",
            f"{each.untried_fewer:+.1f}",
        )
    return table


def _day(told: CampaignForecast, at: datetime | None) -> str:
    if at is None:
        return f"no day of the next {told.horizon_days}"
    return f"{at.astimezone(ZoneInfo(told.zone)):%a %Y-%m-%d %H:%M}"


def _spread(of: Range) -> str:
    """Return such as `12 (9 to 15)`."""
    if of.p10 == of.p90:
        return f"{of.p50:,.0f}"
    return f"{of.p50:,.0f} ({of.p10:,.0f} to {of.p90:,.0f})"
