"""A campaign's rules as JSON, for people and reports; the campaign file stays their source."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import Any

from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.calling_rules import RuleSet, StrictestWindow, for_everybody, strictest
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.campaign import AfterACall, BudgetRules
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.expiry import Expiry
from inkbatch.domain.retry_policy import AttemptCap, RetryPolicy
from inkbatch.domain.sharing import Part


def rules_as_json(value: Any) -> Any:
    """Return frozen domain values as JSON: durations in seconds, dates in ISO 8601, sets sorted."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: rules_as_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): rules_as_json(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(rules_as_json, value))
    if isinstance(value, tuple):
        return [rules_as_json(item) for item in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, date) else value


def retry_policy_from(rules: Mapping[str, Any]) -> RetryPolicy:
    """Return the retry policy of rules that were stored as JSON."""
    retry = rules["retry"]
    return RetryPolicy(
        attempts_max=retry["attempts_max"],
        delays={
            Disposition(name): None if seconds is None else timedelta(seconds=seconds)
            for name, seconds in retry["delays"].items()
        },
        reached=frozenset(map(Disposition, retry["reached"])),
        other_hour=frozenset(map(Disposition, retry.get("other_hour", ()))),
        other_number=frozenset(map(Disposition, retry.get("other_number", ()))),
        caps=_caps(retry["caps"]),
    )


def budget_rules_from(rules: Mapping[str, Any]) -> BudgetRules:
    """Return the budget rules; what an earlier release did not store is as if nothing was said."""
    budget = rules["budget"]
    return BudgetRules(
        head_room=HeadRoom(**budget["head_room"]),
        predicted_minutes=budget["predicted_minutes"],
        minutes_max=budget["minutes_max"],
        overrun_minutes=budget.get("overrun_minutes", 0.0),
        guarantee=Part(**budget.get("guarantee", {})),
        ceiling=Part(**budget.get("ceiling", {})),
    )


def window_from(rules: Mapping[str, Any]) -> StrictestWindow:
    """Return when a campaign may call anybody, by rules that were stored as JSON.

    What holds only for people of some states is left out, as `rules_for_everybody` does.
    """
    rule_sets = for_everybody(_rule_sets(rules), state_column=rules.get("state_column"))
    own = _window(rules["window"])
    return strictest(rule_sets, window=own).window


def after_a_call_from(rules: Mapping[str, Any]) -> AfterACall:
    """Return what holds after a call; what an earlier release did not store is not there."""
    expiry = rules.get("expiry", {})
    last_day, after = expiry.get("last_day"), expiry.get("after")
    return AfterACall(
        retry=retry_policy_from(rules),
        expiry=Expiry(
            last_day=date.fromisoformat(last_day) if last_day else None,
            after=None if after is None else timedelta(seconds=after),
        ),
        cool_downs=_cool_downs(rules.get("cool_downs", {})),
        rules=_rule_sets(rules),
        state_column=rules.get("state_column"),
    )


def _rule_sets(rules: Mapping[str, Any]) -> tuple[RuleSet, ...]:
    return tuple(
        RuleSet(
            name=each["name"],
            title=each["title"],
            window=each["window"] and _window(each["window"]),
            caps=_caps(each["caps"]),
            cool_downs=_cool_downs(each["cool_downs"]),
            state=each["state"],
        )
        for each in rules.get("rules", ())
    )


def _window(window: Mapping[str, Any]) -> CallingWindow:
    # Public holidays are taken for ordinary days: what is kept for a campaign that is shut on one
    # is lost for a day, while a guarantee that is not kept cannot be made good.
    return CallingWindow(
        weekdays=tuple(map(_spans, window["weekdays"])),
        zone=window["zone"],
        exceptions={
            date.fromisoformat(day): _spans(spans) for day, spans in window["exceptions"].items()
        },
    )


def _cool_downs(periods: Mapping[str, float]) -> dict[Disposition, timedelta]:
    return {Disposition(name): timedelta(seconds=seconds) for name, seconds in periods.items()}


def _caps(caps: Iterable[Mapping[str, Any]]) -> tuple[AttemptCap, ...]:
    return tuple(
        AttemptCap(attempts=cap["attempts"], period=timedelta(seconds=cap["period"]))
        for cap in caps
    )


def _spans(spans: list[dict[str, int]]) -> tuple[Span, ...]:
    return tuple(Span(**span) for span in spans)
