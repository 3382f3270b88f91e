"""The figures as Markdown for places that others may read: counts and ids, no numbers or names."""

from collections import Counter
from collections.abc import Mapping

from inkbatch.adapters.reports import wording
from inkbatch.adapters.reports.figures import Figures
from inkbatch.domain.campaign import CampaignState

REVIEW_SHOWN = 20


def markdown_summary(
    figures: Figures, *, calls_tonight: int | None = None, page_url: str | None = None
) -> str:
    """Return a short summary; reasons are left out, since they may quote what a file says."""
    parts = [
        f"## {_escaped(wording.headline(figures))}",
        _tonight(calls_tonight),
        f"**What is left.** {_escaped(wording.outlook(figures))}",
        _needs_a_person(figures),
        f"[The campaign's page, with the whole report]({page_url})" if page_url else "",
        _rates(figures),
        _table("Rows", figures.rows),
        _table("Contacts", figures.contacts),
        _table("Attempts", {**figures.dispositions, **figures.open_attempts}),
        _table("Results by effect", _by_effect(figures)),
        f"As of {wording.moment(figures.at)}, campaign `{figures.campaign.replace('`', '')}`.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _rates(figures: Figures) -> str:
    rate, budget = figures.answer_rate, figures.budget
    return (
        f"Answer rate {wording.percent(rate.share)} ({wording.interval(rate)}) · "
        f"{wording.minutes(figures.minutes_total)} minutes talked · most in use in any 24 hours: "
        f"{budget.peak_calls} of {budget.limits.calls} calls, "
        f"{wording.minutes(budget.peak_minutes)} of {budget.limits.minutes:.0f} minutes"
    )


def _table(caption: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    lines = [f"| {caption} | {wording.number(sum(counts.values()))} |", "| --- | ---: |"]
    lines += [f"| {wording.words(name)} | {wording.number(n)} |" for name, n in counts.items()]
    return "\n".join(lines)


def _by_effect(figures: Figures) -> Mapping[str, int]:
    """Count without the agent's own words, which may quote what somebody said."""
    counts = Counter[str]()
    for result in figures.results:
        counts[result.effect] += result.count
    return counts


def _tonight(calls: int | None) -> str:
    return "" if calls is None else f"**Tonight.** {wording.counted(calls, 'call')} placed."


def _needs_a_person(figures: Figures) -> str:
    """Say what waits for somebody; a pause's reason may quote what a person wrote."""
    waits = [_review(figures)]
    if figures.campaign_state == CampaignState.PAUSED:
        waits.append("The campaign is paused: `inkbatch why` tells the reason.")
    said = " ".join(filter(None, waits))
    return f"**Needs a person.** {said}" if said else ""


def _review(figures: Figures) -> str:
    if not figures.review:
        return ""
    ids = ", ".join(str(item.contact_id) for item in figures.review[:REVIEW_SHOWN])
    more = figures.contacts.get("review", 0) - REVIEW_SHOWN
    listed = ids + (f" and {more} more" if more > 0 else "")
    return f"`inkbatch review` decides on contacts {listed}."


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|" else char for char in text)
