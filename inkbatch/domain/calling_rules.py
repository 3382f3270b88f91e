"""Rules of law or of a house as data, and the strictest of several.

A rule set speaks of hours, of how often a person may be tried, and of how long a number is left in
peace after a talk or a refusal. Where several hold for a contact, every one of them must allow a
call: all windows open, no cap used up, the longest cool-down over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from inkbatch.domain.calling_window import LOOK_AHEAD_DAYS, CallingWindow, Span
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.retry_policy import AttemptCap
from inkbatch.domain.us_states import state_code

CALL_LASTS_MAX = timedelta(days=2)
"""No call lasts longer, so that who ended within a cool-down began not long before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """One law, or one house's rule.

    `state` is the two-letter code of the state of the USA whose people it protects; None: all.
    `sources` say where each rule is written; `checked` is the day on which somebody last looked.
    """

    name: str
    title: str
    window: CallingWindow | None = None
    caps: tuple[AttemptCap, ...] = ()
    cool_downs: Mapping[Disposition, timedelta] = field(default_factory=dict)
    state: str | None = None
    sources: tuple[str, ...] = ()
    checked: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolDown:
    """After a call that came to `disposition` the number is left in peace for `period`."""

    disposition: Disposition
    period: timedelta

    def ends_at(self, ended_at: datetime) -> datetime:
        """Return the first instant at which it may be called again."""
        return ended_at + self.period


@dataclass(frozen=True, slots=True, kw_only=True)
class StrictestWindow:
    """Several windows, each in its own zone, which must all be open."""

    windows: tuple[CallingWindow, ...]

    def __post_init__(self) -> None:
        if not self.windows:
            raise ValueError("no window at all would be open at any hour")

    def is_open(self, at: datetime, zones: tuple[str, ...]) -> bool:
        """Return whether a call may be placed at this instant to a contact of these zones."""
        return all(window.is_open(at, zones) for window in self.windows)

    def next_open(self, after: datetime, zones: tuple[str, ...]) -> datetime | None:
        """Return the first instant, not before `after`, at which all are open; None if never."""
        candidate = after.astimezone(UTC)
        horizon = candidate + timedelta(days=LOOK_AHEAD_DAYS)
        while candidate <= horizon:
            latest = candidate
            for window in self.windows:
                opening = window.next_open(latest, zones)
                if opening is None:
                    return None
                latest = opening
            if latest == candidate:
                return candidate
            candidate = latest
        return None

    def closes_at(self, at: datetime, zones: tuple[str, ...]) -> datetime:
        """Return when the first of them shuts; `at` itself when one is shut then."""
        return min(window.closes_at(at, zones) for window in self.windows)

    def why_never(self, after: datetime, zones: tuple[str, ...]) -> str:
        """Return, where `next_open` is None, why."""
        shut = [each for each in self.windows if each.next_open(after, zones) is None]
        if shut:
            return shut[0].why_never(after, zones)
        return "its calling window never opens while all the rules that hold for it allow a call"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingRules:
    """All that holds for a contact, its campaign's own rules and those of every rule set."""

    window: StrictestWindow
    caps: tuple[AttemptCap, ...] = ()
    cool_downs: tuple[CoolDown, ...] = ()

    @property
    def longest_look_back(self) -> timedelta:
        """How long ago an attempt may have begun that still forbids one now."""
        caps = (cap.period for cap in self.caps)
        cool_downs = (each.period + CALL_LASTS_MAX for each in self.cool_downs)
        return max((*caps, *cool_downs), default=timedelta())

    def cool_down_after(self, disposition: Disposition) -> CoolDown | None:
        """Return the cool-down that a call begins which came to this."""
        return next((each for each in self.cool_downs if each.disposition is disposition), None)


def applying(rule_sets: Iterable[RuleSet], *, state: str) -> tuple[RuleSet, ...]:
    """Return the rule sets that hold for a person of whom a call list says `state`.

    Those of other states do not; where the text is no state's name or code, all of them do.
    """
    code = state_code(state)
    return tuple(each for each in rule_sets if code is None or each.state in (None, code))


def rule_sets_for(
    rule_sets: tuple[RuleSet, ...], fields: Mapping[str, str], *, state_column: str | None
) -> tuple[RuleSet, ...]:
    """Return those that hold for a contact; with no column for its state, all of them do."""
    if state_column is None:
        return rule_sets
    return applying(rule_sets, state=fields.get(state_column, ""))


def for_everybody(rule_sets: Iterable[RuleSet], *, state_column: str | None) -> tuple[RuleSet, ...]:
    """Return those that hold for each contact, whatever its state."""
    is_certain = state_column is None
    return tuple(each for each in rule_sets if is_certain or each.state is None)


def longest_cool_down(
    disposition: Disposition, *told: Mapping[Disposition, timedelta]
) -> CoolDown | None:
    """Return the longest of the cool-downs that a call begins which came to this."""
    periods = [each[disposition] for each in told if disposition in each]
    return CoolDown(disposition=disposition, period=max(periods)) if periods else None


def strictest(
    rule_sets: Sequence[RuleSet],
    *,
    window: CallingWindow,
    caps: Sequence[AttemptCap] = (),
    cool_downs: Mapping[Disposition, timedelta] | None = None,
) -> CallingRules:
    """Combine a campaign's own rules with rule sets: whatever one forbids is forbidden."""
    windows = [window, *(each.window for each in rule_sets if each.window is not None)]
    all_caps = dict.fromkeys([*caps, *(cap for each in rule_sets for cap in each.caps)])
    longest = dict[Disposition, timedelta]()
    for told in (cool_downs or {}, *(each.cool_downs for each in rule_sets)):
        for disposition, period in told.items():
            longest[disposition] = max(period, longest.get(disposition, period))
    return CallingRules(
        window=StrictestWindow(windows=tuple(windows)),
        caps=tuple(all_caps),
        cool_downs=tuple(
            CoolDown(disposition=disposition, period=period)
            for disposition, period in sorted(longest.items())
        ),
    )


def shared_week(windows: Iterable[CallingWindow]) -> tuple[tuple[Span, ...], ...]:
    """Return for each weekday the spans that all windows have in common; their zones are one."""
    week: tuple[tuple[Span, ...], ...] = ((Span(0, 1440),),) * 7
    for window in windows:
        week = tuple(map(_shared, week, window.weekdays))
    return week


def _shared(some: tuple[Span, ...], others: tuple[Span, ...]) -> tuple[Span, ...]:
    pairs = (
        (max(one.start_minute, other.start_minute), min(one.end_minute, other.end_minute))
        for one in some
        for other in others
    )
    return tuple(sorted(Span(start, end) for start, end in pairs if start < end))
