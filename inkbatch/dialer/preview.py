"""Who would be called next, in order, with the time at which each call would leave.

The dialer itself works on a copy of the campaign's books under a virtual clock, on a line on which
every call is answered at once and lasts the predicted minutes. So windows, caps, budget, pacing
and turns are those of a real shift, and exact for as long as calls go as foreseen. What is not
foreseen: retries of calls that nobody answers, shorter and longer calls, other campaigns' and
foreign calls, results that agents post.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from inkbatch.dialer.allowance import need_of
from inkbatch.dialer.foreseen import ForeseenCalls, onlooker
from inkbatch.dialer.run import pass_once
from inkbatch.dialer.shift import NO_RESERVE, Shift, Timing
from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.campaign import Campaign, CampaignState
from inkbatch.domain.contact import Contact
from inkbatch.ports import CampaignRecord, Clock, Store

AHEAD = timedelta(hours=24)
"""Tonight is what a full window of the budget holds."""

PASSES_MAX = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """One call that would leave at `at`, the `ordinal`-th try of its contact."""

    at: datetime
    contact: Contact
    ordinal: int
    from_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The calls of the next 24 hours, in the order in which they leave, at most so many.

    `then` says why no more leave after the last of them, and `assumes` what was taken for granted.
    """

    at: datetime
    minutes_a_call: float
    calls: tuple[PlannedCall, ...]
    then: str
    then_at: datetime | None
    assumes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """A copy that may be written to, and a clock of its own that stands at `now`."""

    store: Store
    clock: Clock


async def preview(
    books: Books,
    campaign: Campaign,
    record: CampaignRecord,
    *,
    timing: Timing,
    limit: int,
    reserve: HeadRoom = NO_RESERVE,
) -> Preview:
    """Return who would be called within 24 hours; `books` are written to, nobody is called."""
    assumes = _resume(books, record)
    line = ForeseenCalls(campaign=campaign, clock=books.clock)
    shift = onlooker(books.store, line, record, timing=timing, reserve=reserve)
    with books.store.reading() as tx:
        minutes = need_of(tx, record.id, campaign.budget).minutes
        in_progress = tx.open_attempts(AttemptState.PLACED, campaign_id=record.id)
    line.call_lasts = timedelta(minutes=minutes)
    line.adopt(in_progress)
    _look_in_time(books, in_progress, line.call_lasts, poll_every=timing.poll_every)
    shift = replace(shift, timing=_slower(timing, line.call_lasts))
    start = books.clock.now()
    then, then_at = await _until(shift, start + AHEAD, enough=lambda: len(line.placed) >= limit)
    return Preview(
        at=start,
        minutes_a_call=minutes,
        calls=_calls(shift, line, limit=limit),
        then=then if len(line.placed) <= limit else f"only the first {limit} are shown",
        then_at=then_at,
        assumes=(
            f"every call is answered at once and lasts {minutes:.1f} minutes",
            "nobody else uses the budget, and what is kept for other campaigns stays kept",
            *assumes,
        ),
    )


def _resume(books: Books, record: CampaignRecord) -> tuple[str, ...]:
    """Let the copy of a paused campaign dial; return what that assumes."""
    if record.state is not CampaignState.PAUSED:
        return ()
    with books.store.transaction() as tx:
        tx.set_campaign_state(record.id, CampaignState.ACTIVE, reason=None, now=books.clock.now())
    return (f"the campaign is resumed now; it is paused: {record.state_reason}",)


def _look_in_time(
    books: Books, in_progress: Sequence[Attempt], lasts: timedelta, *, poll_every: timedelta
) -> None:
    """Let the next look at each real call be the first of its looks that can see its end."""
    with books.store.transaction() as tx:
        for attempt in in_progress:
            look_at = attempt.look_at or books.clock.now()
            ends_at = (attempt.reserved_at or attempt.created_at) + lasts
            looks = max(ceil((ends_at - look_at) / poll_every), 0)
            tx.look_again(attempt.look_again(at=look_at + looks * poll_every))


def _slower(timing: Timing, call_lasts: timedelta) -> Timing:
    """Look at calls when the first look that can see their end would come, and not before."""
    looks = max(ceil(call_lasts / timing.poll_every), 1)
    return replace(timing, poll_every=looks * timing.poll_every)


async def _until(
    shift: Shift, end: datetime, *, enough: Callable[[], bool]
) -> tuple[str, datetime | None]:
    for _ in range(PASSES_MAX):
        done = await pass_once(shift)
        if enough():
            return "only so many were asked for", None
        if done.wake_at is None or done.wake_at >= end:
            return done.why, done.wake_at
        await shift.clock.sleep_until(done.wake_at)
    return f"no further than {PASSES_MAX:,} looks ahead", None


def _calls(shift: Shift, line: ForeseenCalls, *, limit: int) -> tuple[PlannedCall, ...]:
    calls = list[PlannedCall]()
    with shift.store.reading() as tx:
        bound = {each.call_id: each for each in tx.attempts_of_shift(shift.id, AttemptState.PLACED)}
        ended = tx.attempts_of_shift(shift.id, AttemptState.ENDED)
        bound.update({each.call_id: each for each in ended})
        for call in line.placed[:limit]:
            attempt = bound[call.id]
            calls.append(
                PlannedCall(
                    at=call.created_at,
                    contact=tx.contact(attempt.contact_id),
                    ordinal=attempt.ordinal,
                    from_number=attempt.from_number,
                )
            )
    return tuple(calls)
