"""One goal, one call list, its rules, its schedule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cached_property

from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.call_list import Columns
from inkbatch.domain.calling_rules import (
    CallingRules,
    CoolDown,
    RuleSet,
    for_everybody,
    longest_cool_down,
    rule_sets_for,
    strictest,
)
from inkbatch.domain.calling_window import CallingWindow
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.expiry import Expiry
from inkbatch.domain.pacing import Pacing
from inkbatch.domain.pilot import Pilot
from inkbatch.domain.retry_policy import RetryPolicy
from inkbatch.domain.sharing import Part
from inkbatch.domain.turns import Order


class CampaignState(StrEnum):
    """What a person, or the breaker, said of the whole campaign."""

    ACTIVE = "active"  # it dials whenever its rules allow
    PAUSED = "paused"  # nothing more is dialed until somebody resumes it
    CANCELED = "canceled"  # nothing more is dialed, ever; open calls are still collected


WITHDRAWN = "the campaign was canceled"
"""Why its people are called no more."""


class DuplicateScope(StrEnum):
    """Where a person may be on the list only once."""

    CAMPAIGN = "campaign"  # others may call the same person too, within the caps
    ORGANISATION = "organisation"  # nor where another campaign, not canceled, has the number


@dataclass(frozen=True, slots=True, kw_only=True)
class FromNumber:
    """A number to call from; `id` is Inkbox's, None until it is looked up by `GET /numbers`."""

    number: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRules:
    """A campaign's part in the budget.

    `predicted_minutes` is reserved per call until there are enough calls of its own to predict
    from; no call is expected to last longer than `minutes_max`. If all calls in progress do last
    that long, the minutes pass the limit by `overrun_minutes` at most. `guarantee` is kept for
    this campaign while it has people to call, `ceiling` is the most that it may use.
    """

    head_room: HeadRoom = field(default_factory=HeadRoom)
    predicted_minutes: float = 1.0
    minutes_max: float = 10.0
    overrun_minutes: float = 0.0
    guarantee: Part = field(default_factory=Part)
    ceiling: Part = field(default_factory=Part)

    @property
    def call_lasts_at_most(self) -> timedelta:
        """How long after its start a call is given up watching: the maximum and an hour."""
        return timedelta(minutes=self.minutes_max) + timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterACall:
    """What of a campaign's rules says what follows once a call of it has ended."""

    retry: RetryPolicy
    expiry: Expiry = field(default_factory=Expiry)
    cool_downs: Mapping[Disposition, timedelta] = field(default_factory=dict)
    rules: tuple[RuleSet, ...] = ()
    state_column: str | None = None

    def cool_down(self, disposition: Disposition, fields: Mapping[str, str]) -> CoolDown | None:
        """Return the longest cool-down that this begins for a contact with these fields."""
        rule_sets = rule_sets_for(self.rules, fields, state_column=self.state_column)
        return longest_cool_down(disposition, self.cool_downs, *(s.cool_downs for s in rule_sets))


class CatchUp(StrEnum):
    """What becomes of a night that was missed."""

    NONE = "none"  # it is left out
    ONCE = "once"  # of all that were missed the last one is run as soon as that can be


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When the nightly run starts: a cron expression read in an IANA zone.

    `catch_up` says what becomes of a night that was missed, as when the machine was off.
    """

    cron: str
    zone: str
    catch_up: CatchUp = CatchUp.ONCE


@dataclass(frozen=True, kw_only=True)  # no slots: what is combined is kept
class Campaign:
    """Everything that a campaign file says, validated; paths are absolute.

    `sheet` is the one of a workbook to read; None takes the first visible one that has rows.
    `client_websocket_url` is a template (see `agent_url`); None falls back to the number's own
    URL at Inkbox. `breaker` is how many dial failures in a row pause the campaign, and `pilot`
    after how many calls it pauses once for somebody to look. `order` decides who is next.
    `notice_url` is where notices of it go, in place of that of the settings.
    `window`, the caps of `retry` and `cool_downs` are the campaign's own; what holds for a contact
    is `rules_for`. `state_column` is the field that tells a contact's state of the USA; None
    applies the rule sets of states to everybody.
    """

    name: str
    call_list: str
    sheet: str | None = None
    columns: Columns
    default_region: str | None
    from_numbers: tuple[FromNumber, ...]
    client_websocket_url: str | None
    webhook_url: str | None
    notice_url: str | None = None
    window: CallingWindow
    retry: RetryPolicy
    pacing: Pacing
    budget: BudgetRules
    suppression_files: tuple[str, ...] = ()
    duplicates: DuplicateScope = DuplicateScope.CAMPAIGN
    priority: int = 0
    schedule: Schedule | None = None
    breaker: int = 5
    rules: tuple[RuleSet, ...] = ()
    state_column: str | None = None
    cool_downs: Mapping[Disposition, timedelta] = field(default_factory=dict)
    expiry: Expiry = field(default_factory=Expiry)
    pilot: Pilot | None = None
    order: Order = Order.VALUE

    def rules_for(self, fields: Mapping[str, str]) -> CallingRules:
        """Return the strictest of everything that holds for a contact with these fields."""
        rule_sets = rule_sets_for(self.rules, fields, state_column=self.state_column)
        return self._all_rules if len(rule_sets) == len(self.rules) else self._with(rule_sets)

    @cached_property
    def rules_for_everybody(self) -> CallingRules:
        """What holds for each contact, whatever its state."""
        return self._with(for_everybody(self.rules, state_column=self.state_column))

    @property
    def look_back(self) -> timedelta:
        """How long ago a call may have begun that still matters to any of the rules."""
        return self._all_rules.longest_look_back

    @cached_property
    def _all_rules(self) -> CallingRules:
        return self._with(self.rules)

    def _with(self, rule_sets: tuple[RuleSet, ...]) -> CallingRules:
        return strictest(
            rule_sets, window=self.window, caps=self.retry.caps, cool_downs=self.cool_downs
        )

    @property
    def after_a_call(self) -> AfterACall:
        """What holds once a call of it has ended."""
        return AfterACall(
            retry=self.retry,
            expiry=self.expiry,
            cool_downs=self.cool_downs,
            rules=self.rules,
            state_column=self.state_column,
        )
