"""How `status` tells of the budget: what is free, what comes back, who shares it, and drift."""

from collections.abc import Sequence

from rich.table import Table

from inkbatch.cli.output import console, moment, say
from inkbatch.dialer.budget_facts import BudgetFacts, SharerFacts, release_sentence
from inkbatch.domain.budget import Drift, Usage
from inkbatch.ports import Snapshots


def show_budget(facts: BudgetFacts) -> None:
    """Say where the budget stands, beyond how much is used."""
    free, reserve = facts.free, facts.reserve
    say(f"  free now     {free.calls} calls, {free.minutes:.1f} minutes")
    for release in facts.next_releases:
        say(f"  comes back   {moment(release.at)}: {release_sentence(release)}")
    if reserve.calls or reserve.minutes:
        say(
            f"  by hand      {reserve.calls} calls and {reserve.minutes:g} minutes are kept for "
            f"calls made by hand; {_amount(facts.by_hand)} used of them or beyond"
        )
    if facts.server is not None:
        say(f"  server       {drift_sentence(facts.server)}")
    if _is_shared(facts.sharers):
        console.print(_shares(facts.sharers))


def drift_sentence(server: Snapshots) -> str:
    """Say what the server counted last, and how far the ledger was from it, then and at most."""
    latest = server.latest
    most_calls, most_minutes = server.most_calls, server.most_minutes
    largest = Drift(calls=most_calls.drift.calls, minutes=most_minutes.drift.minutes)
    told = f"{moment(latest.at)} it counted {_amount(latest.told)}; the ledger "
    if _is_none(largest):
        return f"{told}agreed, then and always"
    now = "agreed" if _is_none(latest.drift) else f"was off by {_signed(latest.drift)}"
    return (
        f"{told}{now}; the most it was off: {largest.calls:+d} calls ({moment(most_calls.at)}), "
        f"{largest.minutes:+.1f} minutes ({moment(most_minutes.at)})"
    )


def _is_none(drift: Drift) -> bool:
    return drift.calls == 0 and abs(drift.minutes) < 0.05  # noqa: PLR2004 (shown as 0.0)


def _signed(drift: Drift) -> str:
    return f"{drift.calls:+d} calls and {drift.minutes:+.1f} minutes"


def _amount(usage: Usage) -> str:
    return f"{usage.calls} calls and {usage.minutes:.1f} minutes"


def _is_shared(sharers: Sequence[SharerFacts]) -> bool:
    return len(sharers) > 1


def _shares(sharers: Sequence[SharerFacts]) -> Table:
    table = Table("campaign", "priority", "used", "guaranteed", "ceiling", "may dial now")
    for each in sharers:
        table.add_row(
            each.campaign,
            f"{each.priority}",
            *(_short(usage) for usage in (each.used, each.guaranteed, each.ceiling)),
            f"{each.calls_now} calls",
        )
    return table


def _short(usage: Usage) -> str:
    return f"{usage.calls} / {usage.minutes:.1f} min"
