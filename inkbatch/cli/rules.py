"""`rules`: which rule sets there are, what one says, and what holds for a campaign."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from inkbatch.cli.output import say
from inkbatch.domain.calling_hours import hours_lines
from inkbatch.domain.calling_rules import CallingRules, RuleSet, strictest
from inkbatch.domain.calling_window import MINUTES_A_DAY, CallingWindow, Span
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.errors import UserMistake
from inkbatch.domain.periods import period_text
from inkbatch.wiring import load_campaign

AT_ANY_HOUR = CallingWindow(weekdays=((Span(0, MINUTES_A_DAY),),) * 7)


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(rules)


def rules(
    what: Annotated[
        str | None,
        typer.Argument(help="A rule set's name, your own rule file, or a campaign's folder."),
    ] = None,
) -> None:
    """List rule sets; show one as a file to copy; or say what holds for a campaign.

    `inkbatch rules us-florida > my_rules.toml` writes a copy to change; campaign.toml takes it
    by `rules = ["my_rules.toml"]`. Of several rule sets the strictest holds.
    """
    from inkbatch.adapters.campaign_files import load_rule_set, preset_names, preset_text

    if what is None:
        for name in preset_names():
            rule_set = load_rule_set(name, folder=Path())
            say(f"{name:<14} {rule_set.title} (checked {rule_set.checked})")
    elif what in preset_names():
        sys.stdout.write(preset_text(what))
    elif Path(what).is_dir():
        campaign = load_campaign(Path(what))
        say(f"Campaign {campaign.name}: what holds, the strictest of all its rules.")
        say_rules(campaign)
        _say_sources(campaign.rules)
    elif what.endswith(".toml") and Path(what).exists():
        rule_set = load_rule_set(what, folder=Path())
        say(f"{what}: {rule_set.title} (checked {rule_set.checked})")
        for line in _own_lines(rule_set):
            say(f"  {line}")
        _say_sources((rule_set,))
    else:
        raise UserMistake(
            f"there is no rule set, rule file or campaign folder {what}. "
            f"Rule sets are: {', '.join(preset_names())}"
        )


def say_rules(campaign: Campaign) -> None:
    """Say which hours, caps and cool-downs hold for a campaign after combining, and its expiry."""
    for line in rule_lines(campaign.rules_for_everybody):
        say(f"  {line}")
    for rule_set in campaign.rules:
        if campaign.state_column is not None and rule_set.state is not None:
            own = "; ".join(" ".join(line.split()) for line in _own_lines(rule_set))
            say(f"  {rule_set.state:<9} or an unknown state, besides: {own}")
    if campaign.rules:
        say(f"  rules     {', '.join(rule_set.name for rule_set in campaign.rules)}")
    if campaign.expiry.last_day is not None:
        say(f"  expires   nobody is called after {campaign.expiry.last_day}")
    if campaign.expiry.after is not None:
        say(f"  expires   {period_text(campaign.expiry.after)} after the import of a contact")


def rule_lines(holding: CallingRules) -> tuple[str, ...]:
    """Return the hours, caps and cool-downs, a line each."""
    hours = (f"hours     {line}" for line in hours_lines(holding.window))
    return (*hours, *_limits(holding))


def _limits(holding: CallingRules) -> tuple[str, ...]:
    caps = (
        f"at most   {cap.attempts} in {period_text(cap.period)} to one number, by all campaigns"
        for cap in holding.caps
    )
    cool_downs = (
        f"in peace  {period_text(each.period)} after {each.disposition}, for all campaigns"
        for each in holding.cool_downs
    )
    return (*caps, *cool_downs)


def _own_lines(rule_set: RuleSet) -> tuple[str, ...]:
    """Return what a rule set alone says."""
    alone = strictest((rule_set,), window=rule_set.window or AT_ANY_HOUR)
    return rule_lines(alone) if rule_set.window else _limits(alone)


def _say_sources(rule_sets: tuple[RuleSet, ...]) -> None:
    for rule_set in rule_sets:
        for source in rule_set.sources:
            say(f"  source    {rule_set.name}, {source} (checked {rule_set.checked})")
