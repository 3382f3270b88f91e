"""Several campaigns on one budget: guarantees, ceilings, priority, and borrowing the rest.

Whoever wants to dial leaves room for what others are to have:

- the part of their guarantee that they have not used, as far as they have people who could be
  called before capacity that is used now would come back;
- beyond its own guarantee also what campaigns of higher priority could use for people who are
  due now, while a shift works at them.

Everything else may be borrowed by whoever comes first. It comes back by itself, a window later,
so a guarantee that is kept in time is never short. No campaign passes its ceiling.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from inkbatch.domain.budget import HeadRoom, Ledger, Limits, Need, Room, Spending, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the limits: a share of both from 0 to 1, or figures, which replace the share."""

    share: float | None = None
    calls: int | None = None
    minutes: float | None = None

    def as_guarantee(self, limits: Limits) -> Usage:
        """Return what is kept; with one figure alone the other limit's part is as large."""
        share = self.share
        if share is None:
            said = [
                part / limit
                for part, limit in ((self.calls, limits.calls), (self.minutes, limits.minutes))
                if part is not None and limit > 0
            ]
            share = min(max(said, default=0.0), 1.0)
        return self._of(limits, share=share)

    def as_ceiling(self, limits: Limits) -> Usage:
        """Return what is never passed: all of a limit of which nothing is said."""
        return self._of(limits, share=1.0 if self.share is None else self.share)

    def _of(self, limits: Limits, *, share: float) -> Usage:
        calls = int(share * limits.calls + ROUNDING_GRACE) if self.calls is None else self.calls
        minutes = share * limits.minutes if self.minutes is None else self.minutes
        return Usage(calls=min(calls, limits.calls), minutes=min(minutes, limits.minutes))


ROUNDING_GRACE = 1e-9
"""A share of a limit that is a whole number but for this much is that number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one campaign has used, what it is to have, and for how many people.

    `people_soon` could be called within the next window, `people_now` at once; both may stop
    counting at the limit of calls. `people_now` is 0 while no shift works at the campaign.
    """

    priority: int
    spent: Spending
    guarantee: Usage
    ceiling: Usage
    people_soon: int = 0
    people_now: int = 0
    minutes_a_call: float = 1.0


NOTHING = Usage(calls=0, minutes=0.0)


def scaled(guarantees: Sequence[Usage], *, limits: Limits) -> list[Usage]:
    """Return the guarantees, all made smaller alike where together they pass a limit."""
    calls = min(limits.calls / max(sum(each.calls for each in guarantees), 1), 1.0)
    minutes = min(limits.minutes / max(sum(each.minutes for each in guarantees), 1e-9), 1.0)
    return [
        Usage(calls=int(each.calls * calls), minutes=each.minutes * minutes) for each in guarantees
    ]


def calls_allowed(mine: Claim, others: Iterable[Claim], *, ledger: Ledger, need: Need) -> int:
    """Return how many calls of this need a campaign may dial now."""
    rivals = tuple(others)
    below_ceiling = room_below(mine.ceiling, mine.spent, ledger=ledger).calls_of(need)
    as_predicted = Need(minutes=need.minutes, minutes_max=need.minutes)
    guaranteed = min(
        room_below(mine.guarantee, mine.spent, ledger=ledger).calls_of(as_predicted),
        leaving(ledger, _kept(mine, rivals, first_come=False)).room().calls_of(need),
    )
    borrowed = leaving(ledger, _kept(mine, rivals, first_come=True)).room().calls_of(need)
    return min(below_ceiling, max(guaranteed, borrowed))


def leaving(ledger: Ledger, kept: Usage) -> Ledger:
    """Return the ledger with that much less room."""
    left = ledger.left_for_others
    more = HeadRoom(calls=left.calls + kept.calls, minutes=left.minutes + kept.minutes)
    return replace(ledger, left_for_others=more)


def room_below(bound: Usage, spent: Spending, *, ledger: Ledger) -> Room:
    """Return how much one campaign may still use before it has used that much."""
    limits = Limits(calls=bound.calls, minutes=bound.minutes)
    return Ledger(limits=limits, spent=spent, overrun_minutes=ledger.overrun_minutes).room()


def kept_for_others(mine: Claim, others: Iterable[Claim]) -> Usage:
    """Return what a campaign leaves alone once its own guarantee is used up."""
    return _kept(mine, tuple(others), first_come=True)


def _kept(mine: Claim, others: Sequence[Claim], *, first_come: bool) -> Usage:
    kept = [
        _kept_for(each, goes_first=first_come and each.priority > mine.priority) for each in others
    ]
    return Usage(calls=sum(each.calls for each in kept), minutes=sum(each.minutes for each in kept))


def _kept_for(claim: Claim, *, goes_first: bool) -> Usage:
    guaranteed = _at_most(_unused(claim.guarantee, claim.spent), claim, people=claim.people_soon)
    first = NOTHING
    if goes_first:
        first = _at_most(_unused(claim.ceiling, claim.spent), claim, people=claim.people_now)
    to_ceiling = _unused(claim.ceiling, claim.spent)
    return Usage(
        calls=min(max(guaranteed.calls, first.calls), to_ceiling.calls),
        minutes=min(max(guaranteed.minutes, first.minutes), to_ceiling.minutes),
    )


def _unused(bound: Usage, spent: Spending) -> Usage:
    return Usage(
        calls=max(bound.calls - spent.calls, 0),
        minutes=max(bound.minutes - spent.minutes_at_worst, 0.0),
    )


def _at_most(usage: Usage, claim: Claim, *, people: int) -> Usage:
    return Usage(
        calls=min(usage.calls, people),
        minutes=min(usage.minutes, people * claim.minutes_a_call),
    )
