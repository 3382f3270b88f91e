"""Every limit of a campaign by itself: how many calls it allows now, and when it allows more.

The figures come from the functions by which `choose` decides; here each is asked, and not only
the first that says no.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inkbatch.dialer.allowance import (
    RELEASES_AHEAD,
    Position,
    need_of,
    next_fit,
    place_of,
    why_never,
)
from inkbatch.dialer.choose import (
    CALLING,
    nobody_is_due,
    open_zones,
    paced_calls,
    said_by_a_person,
)
from inkbatch.dialer.intents import NotNow
from inkbatch.dialer.pilot import pilot_now
from inkbatch.dialer.shift import Shift
from inkbatch.domain.budget import Ledger, Need, Release
from inkbatch.domain.moment import at_and_in
from inkbatch.domain.pilot import PilotLeft, PilotWaits
from inkbatch.ports import Transaction, ZoneQueue

DUE_COUNTED_MAX = 10_000
"""Contacts that are due are counted so far; more are «10,000 or more»."""


INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit: `calls` it allows now (None: any number), and from `until` on allows again.

    `until` is None where it allows calls now, or where no known time changes it.
    """

    name: str
    calls: int | None
    until: datetime | None
    why: str

    @property
    def binds(self) -> bool:
        """Whether it lets nobody be dialed now."""
        return self.calls == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All limits in the order in which they are asked, and what they were worked out from."""

    limits: tuple[Limit, ...]
    queues: tuple[ZoneQueue, ...]
    releases: tuple[Release, ...]
    in_progress: int

    @property
    def first(self) -> Limit | None:
        """The limit that a shift would name: the first that lets nobody be dialed."""
        return next((limit for limit in self.limits if limit.binds), None)

    @property
    def by_binding(self) -> tuple[Limit, ...]:
        """The limits in the order in which they would bind: least calls, then longest first."""
        return tuple(sorted(self.limits, key=_tightness))


def _tightness(limit: Limit) -> tuple[float, float]:
    calls = float("inf") if limit.calls is None else float(limit.calls)
    return calls, -limit.until.timestamp() if limit.until else float("-inf")


def standing_now(shift: Shift, tx: Transaction) -> Standing:
    """Return every limit of the shift's campaign at this moment; nothing is written."""
    now = shift.clock.now()
    queues = tx.zone_queues(shift.record.id)
    releases = tx.releases(shift.organisation, now=now, limit=RELEASES_AHEAD)
    return Standing(
        limits=tuple(_limits(shift, tx, queues, now=now)),
        queues=tuple(queues),
        releases=tuple(releases),
        in_progress=tx.count_attempts(*CALLING, campaign_id=shift.record.id),
    )


def count_due(shift: Shift, tx: Transaction, queues: Sequence[ZoneQueue], *, at: datetime) -> int:
    """Count the contacts that may be called at a moment, as far as hours and waits go."""
    zones = open_zones(shift, queues, now=at)
    return tx.count_due(shift.record.id, zones=zones, before=at + INSTANT, limit=DUE_COUNTED_MAX)


def counted(contacts: int) -> str:
    """Return a count of contacts as a sentence has it."""
    if contacts >= DUE_COUNTED_MAX:
        return f"{DUE_COUNTED_MAX:,} or more contacts"
    return f"{contacts:,} contact{'' if contacts == 1 else 's'}"


def shared_limits(shift: Shift, tx: Transaction) -> Iterator[Limit]:
    """Yield the limits that hold for every contact alike, none of which looks at the contacts."""
    now = shift.clock.now()
    yield from _said(shift, tx, now=now)
    yield from _pilot(shift, tx)
    yield from _pacing(shift, tx, now=now)
    yield from _budget(shift, tx, now=now)


def _limits(
    shift: Shift,
    tx: Transaction,
    queues: Sequence[ZoneQueue],
    *,
    now: datetime,
) -> Iterator[Limit]:
    yield from _said(shift, tx, now=now)
    if queues:
        yield from _pilot(shift, tx)
    yield _contacts(shift, tx, queues, now=now)
    yield from _pacing(shift, tx, now=now)
    yield from _budget(shift, tx, now=now)


def _said(shift: Shift, tx: Transaction, *, now: datetime) -> Iterator[Limit]:
    said = said_by_a_person(shift, tx)
    if said is not None:
        yield Limit(name="campaign", calls=0, until=None, why=said)
    hold = tx.current_hold(shift.organisation, now=now)
    if hold is not None:
        why = f"on hold until {at_and_in(hold.until, now=now)}: {hold.reason}"
        yield Limit(name="hold", calls=0, until=hold.until, why=why)


def _pilot(shift: Shift, tx: Transaction) -> Iterator[Limit]:
    pilot = shift.campaign.pilot
    match pilot_now(shift, tx):
        case PilotLeft(calls) if pilot:
            why = f"pilot: {pilot.calls - calls} of {pilot.calls} calls made, then it pauses"
            yield Limit(name="pilot", calls=calls, until=None, why=why)
        case PilotWaits(in_progress) if pilot:
            why = f"pilot: all {pilot.calls} calls made, {in_progress} have not ended"
            yield Limit(name="pilot", calls=0, until=None, why=why)
        case None:
            return
        case _:
            why = "pilot: all its calls ended; the next pass pauses the campaign"
            yield Limit(name="pilot", calls=0, until=None, why=why)


def _contacts(
    shift: Shift, tx: Transaction, queues: Sequence[ZoneQueue], *, now: datetime
) -> Limit:
    nobody = nobody_is_due(shift, tx, queues, now=now)
    if nobody is not None and nobody.until is None:
        return Limit(name="contacts", calls=0, until=None, why=nobody.why)
    if nobody is not None and nobody.until is not None:
        due = count_due(shift, tx, queues, at=nobody.until)
        first = at_and_in(nobody.until, now=now)
        why = f"{nobody.why}; the first at {first}: {counted(due)} due then"
        return Limit(name="contacts", calls=0, until=nobody.until, why=why)
    due = count_due(shift, tx, queues, at=now)
    return Limit(name="contacts", calls=due, until=None, why=f"{counted(due)} due now")


def _pacing(shift: Shift, tx: Transaction, *, now: datetime) -> Iterator[Limit]:
    pacing = shift.campaign.pacing
    in_call = tx.count_attempts(*CALLING, campaign_id=shift.record.id)
    at_once = max(pacing.calls_at_once - in_call, 0)
    why = f"{in_call} of {pacing.calls_at_once} calls at once in progress"
    yield Limit(name="calls at once", calls=at_once, until=None, why=why)
    if pacing.calls_per_minute is None:
        return
    paced = paced_calls(shift, tx, now=now)
    until = paced.until if isinstance(paced, NotNow) else None
    dialed = tx.dialed_since(
        shift.record.id, since=now - timedelta(minutes=1), limit=pacing.calls_per_minute
    )
    left = max(pacing.calls_per_minute - len(dialed), 0)
    why = f"{len(dialed)} of {pacing.calls_per_minute} calls in the last minute"
    yield Limit(name="calls per minute", calls=left, until=until if not left else None, why=why)


def _budget(shift: Shift, tx: Transaction, *, now: datetime) -> Iterator[Limit]:
    """Yield calls and minutes of the whole budget, and what sharing it leaves, where that binds."""
    place, need = place_of(shift, tx, now=now), need_of(tx, shift.record.id, shift.campaign.budget)
    releases = tx.releases(shift.organisation, now=now, limit=RELEASES_AHEAD)
    ledger = replace(place.ledger, releases=releases)
    calls, minutes = _calls(ledger, now=now), _minutes(ledger, place, need, now=now)
    yield calls
    yield minutes
    allowed = place.calls_allowed(need)
    if allowed < min(calls.calls or 0, minutes.calls or 0):
        at, why = next_fit(shift, tx, place, need=need, now=now)
        until = at if allowed == 0 and at != now else None
        why = _freed(why, until, "call", now)
        yield Limit(name="share", calls=allowed, until=until, why=why)


def _calls(ledger: Ledger, *, now: datetime) -> Limit:
    left, kept = ledger.room().calls, ledger.left_for_others.calls
    until = None if left else ledger.next_room_at(NO_MINUTES, now=now)
    why = f"{ledger.spent.calls} of {ledger.limits.calls} calls used"
    why += f" ({kept} kept free)" if kept else ""
    return Limit(name="calls", calls=left, until=until, why=_freed(why, until, "call", now))


NO_MINUTES = Need(minutes=0.0, minutes_max=0.0)


def _minutes(ledger: Ledger, place: Position, need: Need, *, now: datetime) -> Limit:
    """Return how many calls the minutes allow, also should calls in progress last to the end."""
    endless = replace(ledger.limits, calls=sys.maxsize)
    ledger = replace(ledger, limits=endless)
    never = why_never(place, need)
    if never is not None:
        return Limit(name="minutes", calls=0, until=None, why=never)
    kept = ledger.left_for_others.minutes
    why = f"{ledger.spent.minutes:.1f} of {ledger.limits.minutes:g} minutes used"
    why += f" ({kept:g} kept free)" if kept else ""
    why += f", {need.minutes:.1f} for a call"
    fitting = ledger.room().calls_of(need)
    if fitting:
        return Limit(name="minutes", calls=fitting, until=None, why=why)
    until = ledger.next_room_at(need, now=now)
    if until == now:
        until, in_progress = None, ledger.spent.minutes_at_worst - ledger.spent.minutes
        why += (
            f" that may last {need.minutes_max:g}, and calls in progress may take "
            f"{in_progress:.1f} more"
        )
    what = f"{need.minutes:.1f} minutes"
    return Limit(name="minutes", calls=0, until=until, why=_freed(why, until, what, now))


def _freed(why: str, until: datetime | None, what: str, now: datetime) -> str:
    if until is None:
        return why
    return f"{why}; next {what} free at {at_and_in(until, now=now)}"
