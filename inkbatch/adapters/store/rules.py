"""A campaign's rules as JSON, for people and reports; the campaign file stays their source."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import Any

from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.campaign import BudgetRules
from inkbatch.domain.disposition import Disposition
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
        caps=tuple(
            AttemptCap(attempts=cap["attempts"], period=timedelta(seconds=cap["period"]))
            for cap in retry["caps"]
        ),
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


def calling_window_from(rules: Mapping[str, Any]) -> CallingWindow:
    """Return the calling window of rules that were stored as JSON."""
    window = rules["window"]
    return CallingWindow(
        weekdays=tuple(map(_spans, window["weekdays"])),
        zone=window["zone"],
        exceptions={
            date.fromisoformat(day): _spans(spans) for day, spans in window["exceptions"].items()
        },
    )


def _spans(spans: list[dict[str, int]]) -> tuple[Span, ...]:
    return tuple(Span(**span) for span in spans)
