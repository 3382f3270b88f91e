"""May this contact be called at this instant? Dial, hold until, or skip, always with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from inkbatch.domain.calling_rules import CallingRules, CoolDown
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.day_parts import HoursOfTries, opens_at_another_hour
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.expiry import Deadline, Expiry
from inkbatch.domain.periods import period_text
from inkbatch.domain.retry_policy import AttemptCap
from inkbatch.domain.suppression import lasting, on_the_list

OPEN_ATTEMPT_WAIT = timedelta(minutes=10)
"""How long a contact waits before asking again while its number is being called otherwise."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Yes: now."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not before this time, for this reason."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Not again: the contact goes to this final state, for this reason."""

    state: ContactState
    reason: str


Decision = Dial | Hold | Skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What an earlier attempt to a number came to, and when it was over."""

    disposition: Disposition
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFacts:
    """What is known of a number, or a person's numbers, over all campaigns when it is decided.

    A suppression without `suppressed_until` never ends. `dialed_at` are the times of the attempts
    that used up a try and `ended` what came of those that are over, as far back as the longest cap
    and cool-down. `cooling_until` is what the rules of the campaigns said that made those calls.
    """

    suppressed_because: str | None = None
    suppressed_until: datetime | None = None
    has_open_attempt: bool = False
    dialed_at: tuple[datetime, ...] = ()
    ended: tuple[Ended, ...] = ()
    cooling_until: datetime | None = None
    cooling_because: str | None = None


def of_person(facts: Sequence[NumberFacts]) -> NumberFacts:
    """Return what is known of a person by all of their numbers.

    Who asked at one number not to be called is not called at another.
    """
    if len(facts) == 1:
        return facts[0]
    suppressed = [each for each in facts if each.suppressed_because is not None]
    longest = lasting(suppressed, until=lambda each: each.suppressed_until) or NumberFacts()
    cooling = [each for each in facts if each.cooling_until is not None]
    coolest = max(cooling, key=lambda each: each.cooling_until or LONG_AGO, default=NumberFacts())
    return NumberFacts(
        suppressed_because=longest.suppressed_because,
        suppressed_until=longest.suppressed_until,
        has_open_attempt=any(each.has_open_attempt for each in facts),
        dialed_at=tuple(sorted(at for each in facts for at in each.dialed_at)),
        ended=tuple(ended for each in facts for ended in each.ended),
        cooling_until=coolest.cooling_until,
        cooling_because=coolest.cooling_because,
    )


LONG_AGO = datetime.min.replace(tzinfo=UTC)


def decide(
    contact: Contact,
    facts: NumberFacts,
    *,
    rules: CallingRules,
    now: datetime,
    expiry: Expiry | None = None,
    tries: HoursOfTries | None = None,
    attempts_max: int | None = None,
) -> Decision:
    """Return whether to dial now; fails closed where a fact is missing.

    `attempts_max` is asked again, since a campaign file may have lowered it while the contact
    waited. `tries` are given where the next one is to fall at another hour of the day.
    """
    deadline = (expiry or Expiry()).deadline(contact)
    if facts.suppressed_because is not None:
        return _suppressed(facts, deadline, because=on_the_list(facts.suppressed_because))
    if deadline is not None and now >= deadline.at:
        return Skip(ContactState.EXPIRED, deadline.why)
    if attempts_max is not None and contact.attempts_used >= attempts_max:
        return Skip(ContactState.EXHAUSTED, f"all {attempts_max} tries used")
    decision = _may_ring(contact, facts, rules=rules, tries=tries, now=now)
    return _in_time(decision, deadline)


def _suppressed(facts: NumberFacts, deadline: Deadline | None, *, because: str) -> Decision:
    """Hold to the end of the suppression, unless the contact is not to be called any more then."""
    end = facts.suppressed_until
    if end is None or (deadline is not None and end >= deadline.at):
        return Skip(ContactState.SUPPRESSED, because)
    return Hold(end, because)


def _may_ring(
    contact: Contact,
    facts: NumberFacts,
    *,
    rules: CallingRules,
    tries: HoursOfTries | None,
    now: datetime,
) -> Decision:
    window = rules.window
    if not window.is_open(now, contact.zones):
        opens_at = window.next_open(now, contact.zones)
        if opens_at is None:
            return Skip(ContactState.EXHAUSTED, window.why_never(now, contact.zones))
        return Hold(opens_at, "outside its calling window")
    if facts.has_open_attempt:
        return Hold(now + OPEN_ATTEMPT_WAIT, "another attempt to this number is open")
    for decision in (_cooled_down(facts, rules, now=now), _within_caps(facts, rules, now=now)):
        if decision is not None:
            return decision
    return _at_another_hour(contact, rules, tries, now=now)


def _in_time(decision: Decision, deadline: Deadline | None) -> Decision:
    """Give up who would have to wait up to the deadline or past it."""
    if deadline is None or not isinstance(decision, Hold) or decision.until < deadline.at:
        return decision
    if decision.reason == "outside its calling window":
        why = "its calling window opens only after its deadline"
    else:
        why = f"{decision.reason} until after its deadline"
    return Skip(ContactState.EXPIRED, why)


def _cooled_down(facts: NumberFacts, rules: CallingRules, *, now: datetime) -> Hold | None:
    """Return the hold that ends last, of this campaign's rules and of those that made the calls."""
    holds = [
        Hold(cool_down.ends_at(each.ended_at), cooling(cool_down))
        for each in facts.ended
        if (cool_down := rules.cool_down_after(each.disposition)) is not None
    ]
    if facts.cooling_until is not None:
        holds.append(Hold(facts.cooling_until, facts.cooling_because or "in a cool-down"))
    last = max(holds, key=lambda hold: hold.until, default=None)
    return last if last is not None and last.until > now else None


def cooling(cool_down: CoolDown) -> str:
    """Return why a number is left in peace."""
    period = period_text(cool_down.period)
    return f"left in peace for {period} after a call that came to {cool_down.disposition}"


def _within_caps(facts: NumberFacts, rules: CallingRules, *, now: datetime) -> Hold | None:
    hold: Hold | None = None
    for cap in rules.caps:
        until = _free_at(facts.dialed_at, cap, now=now)
        if until > (now if hold is None else hold.until):
            count = sum(at > now - cap.period for at in facts.dialed_at)
            hold = Hold(
                until, f"{count} of {cap.attempts} attempts within {period_text(cap.period)}"
            )
    return hold


def _free_at(dialed_at: Sequence[datetime], cap: AttemptCap, *, now: datetime) -> datetime:
    recent = sorted(at for at in dialed_at if at > now - cap.period)
    return now if len(recent) < cap.attempts else recent[-cap.attempts] + cap.period


def _at_another_hour(
    contact: Contact, rules: CallingRules, tries: HoursOfTries | None, *, now: datetime
) -> Decision:
    if tries is None:
        return Dial()
    opens_at = opens_at_another_hour(rules.window, tries, zones=contact.zones, now=now)
    if opens_at is None or opens_at <= now:
        return Dial()
    return Hold(opens_at, "the next try is to fall in another part of the day")
