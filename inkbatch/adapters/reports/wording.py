"""Figures as people say them: counts, shares, times and the sentences of a report."""

from collections.abc import Iterable
from datetime import datetime

from inkbatch.adapters.reports.figures import Figures, Hour
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.campaign_forecast import CampaignForecast, Range
from inkbatch.domain.contact import ContactState
from inkbatch.domain.rate import Rate
from inkbatch.domain.result import Effect, Party

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ENOUGH_TO_COMPARE = 20
"""An hour is called the best only from so many rung phones on."""


def counted(count: float, thing: str, things: str | None = None) -> str:
    """Return a count with its noun: «1 call», «1,204 calls»."""
    return f"{number(count)} {thing if count == 1 else things or thing + 's'}"


def number(count: float) -> str:
    """Return a whole number with its thousands set apart."""
    return f"{count:,.0f}"


def minutes(value: float) -> str:
    """Return minutes with one decimal, without one from a thousand on."""
    return f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"  # noqa: PLR2004 (said above)


def duration(hours: float) -> str:
    """Return hours as people say them: «at once», «25 minutes», «6.5 hours», «3.2 days»."""
    if hours * 60 < 0.5:  # noqa: PLR2004 (what rounds to no minute)
        return "at once"
    if hours < 1:
        return counted(round(hours * 60), "minute")
    if hours < 48:  # noqa: PLR2004 (two days)
        return f"{hours:.1f} hours"
    return f"{hours / 24:.1f} days"


def since(term: str) -> str:
    """Return from when a time to reach people counts."""
    return {"enrolled": "From enrolment", "first_attempt": "From the first attempt"}[term]


def idle(reason: str) -> str:
    """Return why nobody was called in an hour."""
    return {
        "window_shut": "No calling hour where people live",
        "budget_full": "Budget of 24 hours used up",
        "paused": "Paused or canceled",
        "nobody_due": "Nobody due, or the run held",
        "stopped": "The run had stopped for a trouble",
        "no_run": "No run was going",
    }[reason]


def percent(share: float | None) -> str:
    """Return a share in whole percent, `-` where there is none; never a rounded 0 or 100."""
    if share is None:
        return "\N{EN DASH}"
    if 0 < share < 0.005:  # noqa: PLR2004 (what rounds to 0)
        return "<1%"
    if 0.995 <= share < 1:  # noqa: PLR2004 (what rounds to 100)
        return ">99%"
    return f"{share:.0%}"


def interval(rate: Rate) -> str:
    """Return the 95 % interval of a rate: «38-51%»."""
    if rate.low is None or rate.high is None:
        return "\N{EN DASH}"
    return f"{100 * rate.low:.0f}\N{EN DASH}{percent(rate.high)}"


def rate(told: Rate) -> str:
    """Return counts, share and interval: «12 of 80, 15% (9-24%)»; a dash without a case."""
    if not told.cases:
        return percent(None)
    return f"{number(told.hits)} of {number(told.cases)}, {percent(told.share)} ({interval(told)})"


def ratio(value: float | None) -> str:
    """Return a figure per person with one decimal, a dash where there is none."""
    return percent(None) if value is None else f"{value:,.1f}"


def day(when: datetime) -> str:
    """Return a day as «5 Mar»."""
    return f"{when.day} {when:%b}"


def moment(when: datetime) -> str:
    """Return a time as «5 Mar 2026, 14:03 UTC»."""
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def local_moment(when: datetime) -> str:
    """Return a time of somebody's own zone as «Mon 5 Mar 2026, 09:31 EST»."""
    zone = f"{when:%Z}"
    # Zones without letters of their own are named by their offset, such as -03.
    return f"{when:%a} {when.day} {when:%b %Y, %H:%M} {'UTC' * (not zone.isalpha())}{zone}"


def offset(milliseconds: int) -> str:
    """Return a place in a talk as minutes and seconds: «1:07»."""
    whole_minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{whole_minutes}:{seconds:02}"


def words(term: str) -> str:
    """Return one of our terms as it stands in a sentence: `no_answer` as «no answer»."""
    return term.replace("_", " ")


def title(term: str) -> str:
    """Return one of our terms as a label: `no_answer` as «No answer»."""
    return words(term).capitalize()


def effect(term: str) -> str:
    """Return what a result did, as a person says it."""
    told = {
        Effect.SUCCESS: "reached",
        Effect.CALL_BACK: "call back",
        Effect.DO_NOT_CALL: "never call again",
        Effect.NONE: "none",
    }
    return told[Effect(term)]


def party(term: str) -> str:
    """Return who spoke, as a reader calls them."""
    return {Party.LOCAL: "Agent", Party.REMOTE: "Callee"}[Party(term)]


def headline(figures: Figures) -> str:
    """Return the one sentence that a person wants to read first."""
    if not figures.rows_total:
        return "No call list has been read yet, so there is nobody to call."
    people = counted(figures.contacts_total, "person", "people")
    if not figures.contacts_total:
        return f"None of {counted(figures.rows_total, 'row')} could become a contact."
    if not figures.contacts_called:
        return f"{people} on the list, nobody called yet."
    reached = figures.contacts.get(ContactState.REACHED, 0)
    days = counted(figures.calling_days, "day")
    verb = "was" if reached == 1 else "were"
    return f"{number(reached)} of {people} {verb} reached in {days} of calling."


def outlook(figures: Figures) -> str:
    """Return what is left, and when it will be done."""
    if not figures.contacts_total:
        return "Nobody is waiting to be called."
    if not figures.contacts_left:
        return "Nobody is left to call: everyone is reached or done with for a stated reason."
    left = counted(figures.contacts_left, "person is", "people are")
    if figures.campaign_state == CampaignState.CANCELED:
        return f"The campaign was canceled while {left} still to be reached."
    paused = " It is paused, and goes on only once somebody resumes it."
    return f"{left[0].upper()}{left[1:]} still to be reached. {_expected(figures.forecast)}" + (
        paused if figures.campaign_state == CampaignState.PAUSED else ""
    )


def _expected(told: CampaignForecast | None) -> str:
    if told is None or told.finish is None:
        return "No forecast can be made, since the campaign's own file cannot be read."
    effort = (
        f"Expected are {_between(told.calls, 'more call')}, {_between(told.minutes, 'minute')} and "
        f"{_between(told.reached, 'person', 'people')} reached. "
    )
    first, middle, last = told.finish.p10, told.finish.p50, told.finish.p90
    if first is None or middle is None or last is None:
        return effort + f"It may take more than {counted(told.horizon_days, 'day')}."
    return (
        effort + f"Done by about {day(middle)}; in four of five cases {day(first)} to {day(last)}."
    )


def _between(told: Range, one: str, several: str | None = None) -> str:
    low, high = number(told.p10), number(told.p90)
    middle = counted(round(told.p50), one, several)
    return middle if low == high else f"{middle} ({low} to {high})"


def drift(server_more: float | None, what: str) -> str:
    """Return how far the server's count was from the ledger's at most."""
    if server_more is None:
        return "The server told no figures yet."
    if abs(server_more) < SHOWN_AS_NONE:
        return f"The server always counted the same {what}."
    word = "more" if server_more > 0 else "fewer"
    shown = number(abs(server_more)) if what == "calls" else minutes(abs(server_more))
    return f"The server once counted {shown} {what} {word} than were known here."


SHOWN_AS_NONE = 0.05


def best_hour(hours: Iterable[Hour]) -> str:
    """Return when people answer most, all weekdays together, once enough phones have rung."""
    by_hour: dict[int, tuple[int, int]] = {}
    for each in hours:
        hits, cases = by_hour.get(each.hour, (0, 0))
        rate = each.answer_rate
        by_hour[each.hour] = (hits + rate.hits, cases + rate.cases)
    rates = {
        hour: Rate(hits=hits, cases=cases)
        for hour, (hits, cases) in by_hour.items()
        if cases >= ENOUGH_TO_COMPARE
    }
    if not rates:
        return f"No hour has {ENOUGH_TO_COMPARE} rung phones yet, too few to tell hours apart."
    # By the lower end of the interval, so that a lucky hour with few calls does not win.
    hour, best = max(rates.items(), key=lambda item: item[1].low or 0)
    return (
        f"So far most answered from {hour:02d}:00 to {(hour + 1) % 24:02d}:00: "
        f"{number(best.hits)} of {number(best.cases)} ({percent(best.share)})."
    )
