"""`status`, `pause`, `resume` and `cancel`: look at campaigns and say what shall be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from inkbatch.adapters.clock import RealClock
from inkbatch.cli.budget import show_budget
from inkbatch.cli.output import console, moment, print_json, say
from inkbatch.cli.summary import show_summary
from inkbatch.dialer.budget_facts import BudgetFacts, budget_facts
from inkbatch.dialer.steering import steer
from inkbatch.domain.budget import Limits, Usage
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.errors import CampaignFileError, UserMistake
from inkbatch.ports import CampaignCounts, CampaignRecord, HoldRecord, Transaction
from inkbatch.settings import load_settings
from inkbatch.showing import why_now
from inkbatch.wiring import Workplace, load_campaign

if TYPE_CHECKING:
    from inkbatch.adapters.store import SqlStore

CampaignName = Annotated[str, typer.Argument(help="A campaign's name or folder.")]


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(status)
    app.command()(pause)
    app.command()(resume)
    app.command()(cancel)


def status(
    campaign: Annotated[str | None, typer.Argument(help="A campaign's name or folder.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Say where a campaign stands, or list all campaigns."""
    store, now = open_store(), datetime.now(UTC)
    with store.reading() as tx:
        records = tx.campaigns() if campaign is None else [find_campaign(tx, campaign)]
        facts = [_facts(tx, record, now=now) for record in records]
    if campaign is not None:
        facts = [replace(facts[0], why=_why(store, records[0]))]
    if as_json:
        print_json(facts)
    elif campaign is None:
        _list(facts)
    else:
        _show(facts[0])


def pause(
    campaign: CampaignName,
    *,
    reason: Annotated[str, typer.Option(help="Why, for whoever looks later.")] = "paused by hand",
) -> None:
    """Dial nobody more until the campaign is resumed; calls in progress go on."""
    _set_state(campaign, CampaignState.PAUSED, reason=reason)
    say(f"{campaign} is paused: nobody more is dialed. Go on with: inkbatch resume {campaign}")


def resume(campaign: CampaignName) -> None:
    """Let a paused campaign dial again."""
    _set_state(campaign, CampaignState.ACTIVE, reason=None)
    say(f"{campaign} is active again. Dial with `inkbatch run`, or wait for its schedule.")


def cancel(campaign: CampaignName) -> None:
    """End a campaign for good: who waits is withdrawn and nobody more dialed; all is kept."""
    withdrawn = _set_state(campaign, CampaignState.CANCELED, reason="canceled by hand")
    people = f"{withdrawn} contact{'' if withdrawn == 1 else 's'}"
    say(
        f"{campaign} is canceled: {people} withdrawn, nobody more is dialed. Calls in progress are "
        "still followed by `inkbatch run`. Its report stays available."
    )


def open_store() -> "SqlStore":
    """Open the database of the environment."""
    return Workplace(settings=load_settings()).open_store()


def find_campaign(tx: Transaction, name: str) -> CampaignRecord:
    """Return a campaign by its name or by its folder; raises UserMistake."""
    folder = Path(name)
    wanted = load_campaign(folder).name if (folder / "campaign.toml").exists() else name
    organisation = load_settings().organisation_name
    record = tx.campaign(wanted, organisation=organisation) or tx.campaign(wanted)
    if record is None:
        known = ", ".join(sorted({record.name for record in tx.campaigns()})) or "none yet"
        raise UserMistake(
            f"no campaign {wanted} was run with this database. Campaigns here: {known}. "
            "INKBATCH_DATABASE_URL says which database is looked at."
        )
    return record


def _set_state(name: str, state: CampaignState, *, reason: str | None) -> int:
    """Say what a campaign shall be; return how many contacts that withdrew."""
    store, now = open_store(), datetime.now(UTC)
    with store.reading() as tx:
        organisation = find_campaign(tx, name).organisation
    with store.transaction(organisation=organisation) as tx:
        return steer(tx, find_campaign(tx, name).id, state, reason=reason, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Where a campaign stands; its fields are the keys of the JSON."""

    campaign: str
    organisation: str
    state: CampaignState
    state_reason: str | None
    counts: CampaignCounts
    limits: Limits
    usage: Usage
    hold: HoldRecord | None
    why: str | None
    budget: BudgetFacts


def _facts(tx: Transaction, record: CampaignRecord, *, now: datetime) -> Facts:
    return Facts(
        campaign=record.name,
        organisation=record.organisation,
        state=record.state,
        state_reason=record.state_reason,
        counts=tx.counts(record.id, now=now),
        limits=tx.limits(record.organisation),
        usage=tx.usage(record.organisation, now=now),
        hold=tx.current_hold(record.organisation, now=now),
        why=None,
        budget=budget_facts(tx, record.organisation, reserve=load_settings().reserve, now=now),
    )


def _why(store: "SqlStore", record: CampaignRecord) -> str | None:
    """Return the sentence of `inkbatch why`; None where the campaign's file cannot be read."""
    try:
        return why_now(store, record, clock=RealClock(), reserve=load_settings().reserve).sentence
    except CampaignFileError:
        return None


def _list(facts: Sequence[Facts]) -> None:
    if not facts:
        say("No campaign was run with this database yet. Make one with: inkbatch init NAME")
        return
    table = Table("campaign", "organisation", "state", "why")
    for fact in facts:
        table.add_row(fact.campaign, fact.organisation, fact.state, fact.state_reason or "")
    console.print(table)


def _show(facts: Facts) -> None:
    usage, limits = facts.usage, facts.limits
    reason = f": {facts.state_reason}" if facts.state_reason else ""
    say(f"Campaign {facts.campaign} is {facts.state}{reason}")
    say(
        f"Budget: {usage.calls} of {limits.calls} calls and {usage.minutes:.1f} of "
        f"{limits.minutes:g} minutes used or reserved in the last 24 hours"
    )
    show_budget(facts.budget)
    if facts.hold is not None:
        say(f"On hold until {moment(facts.hold.until)}: {facts.hold.reason}")
    if facts.why is not None:
        say(f"Now: {facts.why}")
    waiting = facts.counts.contacts.get("review", 0)
    if waiting:
        say(f"In review: {waiting}, for a person to decide: inkbatch review {facts.campaign}")
    show_summary(facts.counts)
