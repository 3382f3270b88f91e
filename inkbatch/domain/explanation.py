"""Every rule that keeps one contact from being called now, and the first moment that none does.

Nothing here knows a rule of its own: `decide` is asked with the facts of one rule at a time, and
then with all of them at later and later moments.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inkbatch.domain.calling_window import MINUTES_A_DAY, CallingWindow, Span
from inkbatch.domain.contact import Contact
from inkbatch.domain.eligibility import Decision, Dial, Hold, NumberFacts, Skip, decide
from inkbatch.domain.moment import at_and_in, length
from inkbatch.domain.retry_policy import AttemptCap

ALWAYS_OPEN = CallingWindow(weekdays=((Span(0, MINUTES_A_DAY),),) * 7, zone="UTC")

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
    window: CallingWindow,
    caps: Sequence[AttemptCap],
    now: datetime,
) -> tuple[Obstacle, ...]:
    """Return each rule that holds the contact back now, in the order in which they are asked."""
    undated = replace(contact, expires_at=None)
    suppressed = replace(facts, has_open_attempt=False, dialed_at=())
    being_called = NumberFacts(has_open_attempt=facts.has_open_attempt)
    asked = (
        ("suppression list", contact, suppressed, ALWAYS_OPEN),
        ("deadline", contact, NumberFacts(), ALWAYS_OPEN),
        ("calling window", undated, NumberFacts(), window),
        ("open attempt", undated, being_called, ALWAYS_OPEN),
    )
    held = list(_own_wait(contact, now=now))
    for rule, who, known, hours in asked:
        decision = decide(who, known, window=hours, caps=(), now=now)
        if not isinstance(decision, Dial):
            held.append(_obstacle(rule, decision))
    return (*held, *_capped(undated, facts, caps, now=now))


def next_eligible(
    contact: Contact,
    facts: NumberFacts,
    *,
    window: CallingWindow,
    caps: Sequence[AttemptCap],
    after: datetime,
) -> datetime | Skip:
    """Return the first moment from `after` at which it may be dialed, or why there is none.

    As things stand: an open attempt to its number is taken to end before, and nobody dials it.
    """
    at = max(after, contact.waits_until)
    for _ in range(HOLDS_MAX):
        known = _as_of(facts, at)
        match decide(contact, known, window=window, caps=caps, now=at):
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
    contact: Contact, facts: NumberFacts, caps: Sequence[AttemptCap], *, now: datetime
) -> Iterator[Obstacle]:
    dialed = NumberFacts(dialed_at=facts.dialed_at)
    for cap in caps:
        decision = decide(contact, dialed, window=ALWAYS_OPEN, caps=(cap,), now=now)
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


def longest(caps: Sequence[AttemptCap]) -> timedelta:
    """Return how far back the caps count."""
    return max((cap.period for cap in caps), default=timedelta())
