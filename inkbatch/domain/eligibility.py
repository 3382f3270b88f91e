"""May this contact be called at this instant? Dial, hold until, or skip, always with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inkbatch.domain.calling_window import CallingWindow
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.retry_policy import AttemptCap
from inkbatch.domain.suppression import on_the_list

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
class NumberFacts:
    """What is known of a number over all campaigns and lines at the moment of deciding.

    A suppression without `suppressed_until` never ends. `dialed_at` are the times of the attempts
    that used up a try, as far back as the longest cap.
    """

    suppressed_because: str | None = None
    suppressed_until: datetime | None = None
    has_open_attempt: bool = False
    dialed_at: tuple[datetime, ...] = ()


def decide(
    contact: Contact,
    facts: NumberFacts,
    *,
    window: CallingWindow,
    caps: Sequence[AttemptCap],
    now: datetime,
) -> Decision:
    """Return whether to dial now; fails closed where a fact is missing."""
    if facts.suppressed_because is not None:
        return _suppressed(contact, facts, because=on_the_list(facts.suppressed_because))
    if contact.expires_at is not None and now >= contact.expires_at:
        return Skip(ContactState.EXPIRED, "its deadline passed before it was reached")
    if not window.is_open(now, contact.zones):
        return _when_open(contact, window, now=now)
    if facts.has_open_attempt:
        return Hold(now + OPEN_ATTEMPT_WAIT, "another attempt to this number is open")
    return _within_caps(facts.dialed_at, caps, now=now)


def _suppressed(contact: Contact, facts: NumberFacts, *, because: str) -> Decision:
    """Hold to the end of the suppression, unless the contact is not to be called any more then."""
    end, deadline = facts.suppressed_until, contact.expires_at
    if end is None or (deadline is not None and end >= deadline):
        return Skip(ContactState.SUPPRESSED, because)
    return Hold(end, because)


def _when_open(contact: Contact, window: CallingWindow, *, now: datetime) -> Decision:
    opens_at = window.next_open(now, contact.zones)
    if opens_at is None:
        return Skip(ContactState.EXHAUSTED, "its calling window never opens")
    if contact.expires_at is not None and opens_at >= contact.expires_at:
        return Skip(ContactState.EXPIRED, "its calling window opens only after its deadline")
    return Hold(opens_at, "outside its calling window")


def _within_caps(
    dialed_at: Sequence[datetime], caps: Sequence[AttemptCap], *, now: datetime
) -> Decision:
    free_at, reason = now, ""
    for cap in caps:
        recent = sorted(at for at in dialed_at if at > now - cap.period)
        if len(recent) >= cap.attempts:
            until = recent[-cap.attempts] + cap.period
            if until > free_at:
                free_at = until
                reason = f"{len(recent)} of {cap.attempts} attempts within {cap.period}"
    return Dial() if free_at == now else Hold(free_at, reason)
