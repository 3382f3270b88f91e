"""Every rule that keeps one contact from being called now, and the first moment that none does.

Nothing here knows a rule of its own: `decide` is asked with the facts of one rule at a time, and
then with all of them at later and later moments.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from inkbatch.domain.calling_rules import CallingRules, StrictestWindow
from inkbatch.domain.calling_window import MINUTES_A_DAY, CallingWindow, Span
from inkbatch.domain.contact import Contact
from inkbatch.domain.day_parts import HoursOfTries
from inkbatch.domain.eligibility import Decision, Dial, Hold, NumberFacts, Skip, decide
from inkbatch.domain.expiry import Expiry
from inkbatch.domain.moment import at_and_in, length

ALWAYS = CallingRules(
    window=StrictestWindow(
        windows=(CallingWindow(weekdays=((Span(0, MINUTES_A_DAY),),) * 7, zone="UTC"),)
    )
)
"""No rule at all."""

HOLDS_MAX = 1000
"""So many holds in a row are followed; calling windows and caps end them long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """A rule that says no now; `until` None means for good, or until something else changes."""

    rule: str
    until: datetime | None
    why: str


def obstacles(
    contact: Contact,
    facts: NumberFacts,
    *,
    rules: CallingRules,
    now: datetime,
    expiry: Expiry | None = None,
    tries: HoursOfTries | None = None,
) -> tuple[Obstacle, ...]:
    """Return each rule that holds the contact back now, in the order in which they are asked."""
    undated = replace(contact, expires_at=None)
    unheard = replace(facts, has_open_attempt=False, dialed_at=(), ended=(), cooling_until=None)
    being_called = NumberFacts(has_open_attempt=facts.has_open_attempt)
    talked = replace(facts, suppressed_because=None, has_open_attempt=False, dialed_at=())
    hours = replace(rules, caps=(), cool_downs=())
    peace = replace(ALWAYS, cool_downs=rules.cool_downs)
    asked = (
        ("suppression list", decide(contact, unheard, rules=ALWAYS, expiry=expiry, now=now)),
        ("deadline", decide(contact, NumberFacts(), rules=ALWAYS, expiry=expiry, now=now)),
        ("calling window", decide(undated, NumberFacts(), rules=hours, now=now)),
        ("open attempt", decide(undated, being_called, rules=ALWAYS, now=now)),
        ("cool-down", decide(undated, talked, rules=peace, now=now)),
    )
    held = [_obstacle(rule, decision) for rule, decision in asked if decision != Dial()]
    another = decide(undated, NumberFacts(), rules=hours, tries=tries, now=now)
    if another != decide(undated, NumberFacts(), rules=hours, now=now):
        held.append(_obstacle("another hour of the day", another))
    return (*_own_wait(contact, now=now), *held, *_capped(undated, facts, rules, now=now))


def next_eligible(
    contact: Contact,
    facts: NumberFacts,
    *,
    rules: CallingRules,
    after: datetime,
    expiry: Expiry | None = None,
    tries: HoursOfTries | None = None,
) -> datetime | Skip:
    """Return the first moment from `after` at which it may be dialed, or why there is none.

    As things stand: an open attempt to its number is taken to end before, and nobody dials it.
    """
    at = max(after, contact.waits_until)
    for _ in range(HOLDS_MAX):
        known = _as_of(facts, at)
        match decide(contact, known, rules=rules, expiry=expiry, tries=tries, now=at):
            case Dial():
                return at
            case Hold(until, _):
                at = until
            case Skip() as skip:
                return skip
    return at


def _own_wait(contact: Contact, *, now: datetime) -> Iterator[Obstacle]:
    if contact.waits_until > now:
        why = f"{contact.why}: not before {at_and_in(contact.waits_until, now=now)}"
        yield Obstacle(rule="its own wait", until=contact.waits_until, why=why)


def _capped(
    contact: Contact, facts: NumberFacts, rules: CallingRules, *, now: datetime
) -> Iterator[Obstacle]:
    dialed = NumberFacts(dialed_at=facts.dialed_at)
    for cap in rules.caps:
        decision = decide(contact, dialed, rules=replace(ALWAYS, caps=(cap,)), now=now)
        if isinstance(decision, Hold):
            last = at_and_in(max(facts.dialed_at), now=now)
            why = f"{cap.attempts} per {length(cap.period)}: last at {last}"
            yield Obstacle(rule="cap", until=decision.until, why=why)


def _obstacle(rule: str, decision: Decision) -> Obstacle:
    match decision:
        case Hold(until, reason):
            return Obstacle(rule=rule, until=until, why=reason)
        case Skip(_, reason):
            return Obstacle(rule=rule, until=None, why=reason)
    raise ValueError(f"{rule} holds nobody back")


def _as_of(facts: NumberFacts, at: datetime) -> NumberFacts:
    """Return the facts as they will be: nobody in call, and no suppression that has ended."""
    ended = facts.suppressed_until is not None and facts.suppressed_until <= at
    if ended:
        facts = replace(facts, suppressed_because=None, suppressed_until=None)
    return replace(facts, has_open_attempt=False)
