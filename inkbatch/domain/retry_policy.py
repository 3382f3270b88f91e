"""What follows an outcome: reached, another try later, or giving up with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inkbatch.domain.attempt import Attempt
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import NEVER_RANG, Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCap:
    """At most `attempts` to one person within any `period`, over all campaigns and numbers."""

    attempts: int
    period: timedelta

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.period <= timedelta(0):
            raise ValueError("a cap allows at least one attempt within some time")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """The hours-and-days scale of retrying; the only owner of that scale.

    `delays` maps a disposition to the wait before the next try, or to None for no further try.
    After those of `other_hour` the next try falls in another part of the day than earlier ones,
    after those of `other_number` it goes to the contact's next number, if it has several.
    `reached` are the dispositions that the campaign counts as done.
    """

    attempts_max: int
    delays: Mapping[Disposition, timedelta | None]
    reached: frozenset[Disposition] = frozenset({Disposition.ANSWERED})
    caps: tuple[AttemptCap, ...] = ()
    other_hour: frozenset[Disposition] = frozenset()
    other_number: frozenset[Disposition] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """The contact's state after an attempt ended, until when, and why.

    `comes_first` says that it asked for that time, so that it goes before all who merely wait;
    `at_other_number`, that it is called at its next number then, if it has several.
    """

    state: ContactState
    until: datetime
    why: str
    comes_first: bool = False
    at_other_number: bool = False


def after_attempt(policy: RetryPolicy, attempt: Attempt, *, attempts_used: int) -> Following:
    """Return what follows an ended attempt; `attempts_used` includes it if it used up a try."""
    ended_at, disposition = attempt.ended_at, attempt.disposition
    if ended_at is None or disposition is None:
        raise ValueError(f"{attempt.label} has not ended")
    if disposition is Disposition.UNKNOWN:
        return Following(
            state=ContactState.REVIEW,
            until=ended_at,
            why="nobody can tell whether the phone rang, so it is not called again",
        )
    if disposition is Disposition.BLOCKED:
        return Following(
            state=ContactState.SUPPRESSED, until=ended_at, why="blocked by a rule at Inkbox"
        )
    if disposition in policy.reached:
        return Following(state=ContactState.REACHED, until=ended_at, why=f"{disposition}")
    if disposition in NEVER_RANG:
        return Following(
            state=ContactState.WAITING, until=ended_at, why="nothing rang; the try is kept"
        )
    return _retry_or_stop(policy, disposition, ended_at=ended_at, attempts_used=attempts_used)


def _retry_or_stop(
    policy: RetryPolicy, disposition: Disposition, *, ended_at: datetime, attempts_used: int
) -> Following:
    delay = policy.delays.get(disposition)
    if delay is None:
        why = f"the campaign makes no further try after {disposition}"
        return Following(state=ContactState.EXHAUSTED, until=ended_at, why=why)
    if attempts_used >= policy.attempts_max:
        why = f"all {policy.attempts_max} tries used, the last came to {disposition}"
        return Following(state=ContactState.EXHAUSTED, until=ended_at, why=why)
    why = f"try {attempts_used} of {policy.attempts_max} came to {disposition}"
    return Following(
        state=ContactState.WAITING,
        until=ended_at + delay,
        why=why,
        at_other_number=disposition in policy.other_number,
    )


def uses_up_a_try(disposition: Disposition) -> bool:
    """Whether an attempt that came to this counts against the contact's tries."""
    return disposition not in NEVER_RANG
