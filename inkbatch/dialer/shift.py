"""The process that holds one of a campaign's dialing locks, and what it works with."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from inkbatch.dialer.clocks import ClockWatch
from inkbatch.dialer.locks import lock_names, take_any
from inkbatch.dialer.logbook import note
from inkbatch.dialer.openings import Openings
from inkbatch.dialer.turns import Turns
from inkbatch.dialer.webhooks import EVENTS_KEPT, Webhooks
from inkbatch.domain.attempt import Attempt
from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.call import Call, OwnNumber
from inkbatch.domain.campaign import Campaign, FromNumber
from inkbatch.domain.errors import CampaignBusy, FromNumberRefused
from inkbatch.domain.phone_number import masked
from inkbatch.ports import CampaignRecord, Clock, DialingLock, ShiftRecord, Store, Telephony
from inkbatch.ports.records import NOTHING_MORE

PlaceOne = Callable[[Attempt], Awaitable[str]]
"""Dials one attempt, records what came of it, and returns that as a word."""

Placing = Callable[[Sequence[Attempt], PlaceOne], Awaitable[None]]
"""Dials a batch at once; the flows put their own around it so that a person sees each call."""


NewId = Callable[[], str]
"""Makes an id that nobody had before; a seeded one makes a run the same every time."""


def random_id() -> str:
    """Return a random id of a shift or an attempt."""
    return str(uuid4())


async def place_together(attempts: Sequence[Attempt], place_one: PlaceOne) -> None:
    """Dial a batch at once; all are recorded before the first error is raised."""
    results = await asyncio.gather(*map(place_one, attempts), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


NO_RESERVE = HeadRoom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds-scale settings of a shift; the rules of the campaign are elsewhere.

    `quiet_time`: how long an unconfirmed attempt may stay unseen before a person reviews it.
    `poll_every`: how often calls in progress are looked at.
    `send_within`: an intent older than this is not sent any more (the process was stopped).
    `skew_max`: beyond this difference to the server's clock nothing is dialed.
    `batch_max`: so many intents at most are written before the first of them leaves.
    `release_unfound`: call again, after the quiet time, whose attempt the call list does not have.
    """

    quiet_time: timedelta = timedelta(seconds=900)
    poll_every: timedelta = timedelta(seconds=10)
    send_within: timedelta = timedelta(seconds=20)
    skew_max: timedelta = timedelta(seconds=60)
    batch_max: int = 100
    release_unfound: bool = False


@dataclass(slots=True)
class Trouble:
    """What went wrong lately in this shift; the breaker and the back-off read it."""

    failed_attempts: list[str] = field(default_factory=list)
    agentless_attempts: list[str] = field(default_factory=list)
    refused_numbers: dict[str, str] = field(default_factory=dict)
    unreadable_numbers: dict[str, int] = field(default_factory=dict)
    stop_reason: str | None = None
    may_pass: bool = False
    tripped_by: tuple[str, ...] = ()
    unreadable: str | None = None
    unreachable_times: int = 0
    unreachable_reason: str | None = None
    retry_at: datetime | None = None

    def went_well(self) -> None:
        """A call was placed: the row of failures is broken."""
        self.failed_attempts.clear()
        self.reachable()

    def reachable(self) -> None:
        """Inkbox answered."""
        self.unreachable_times = 0
        self.unreachable_reason = self.retry_at = None

    def unreachable_now(self, now: datetime) -> str | None:
        """Return why Inkbox is left alone for a while; None if it is not."""
        waits = self.retry_at is not None and self.retry_at > now
        return self.unreachable_reason if waits else None

    def unreachable(self, reason: str, *, now: datetime) -> None:
        """Back off: 30 s, doubled each time up to 15 minutes; once per batch of failures."""
        if self.unreachable_now(now):
            return
        self.unreachable_times += 1
        self.unreachable_reason = reason
        self.retry_at = now + _back_off(self.unreachable_times)

    def readable(self, number_id: str) -> None:
        """The calls of this number could be read."""
        self.unreadable_numbers.pop(number_id, None)

    def unreadable_number(self, number_id: str) -> timedelta:
        """Its calls could not be read, though others could: return how long to leave it alone."""
        times = self.unreadable_numbers.get(number_id, 0) + 1
        self.unreadable_numbers[number_id] = times
        return _back_off(times)


def _back_off(times: int) -> timedelta:
    return min(timedelta(seconds=30 * (1 << min(times - 1, 10))), timedelta(minutes=15))


@dataclass(frozen=True, kw_only=True)
class Shift:
    """One process's time at one campaign: its ports, its lock and what it noticed.

    `last_told` has the calls in progress, by attempt, as they are written down already.
    `acquainted` is set once Inkbox took a call and told the limits with it. Before that one call
    goes out at a time, since what the documented limits allow may be more than there is.
    """

    id: str
    store: Store
    telephony: Telephony
    clock: Clock
    campaign: Campaign
    record: CampaignRecord
    own_numbers: tuple[OwnNumber, ...]
    lock: DialingLock
    lock_name: str
    timing: Timing
    placing: Placing
    openings: Openings
    reserve: HeadRoom = NO_RESERVE
    database_id: str = ""
    new_id: NewId = random_id
    trouble: Trouble = field(default_factory=Trouble)
    turns: Turns = field(default_factory=Turns)
    last_told: dict[str, Call] = field(default_factory=dict)
    webhooks: Webhooks = field(default_factory=Webhooks)
    clock_watch: ClockWatch = field(default_factory=ClockWatch)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    acquainted: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def organisation(self) -> str:
        """Whose budget it spends."""
        return self.record.organisation

    @property
    def usable_numbers(self) -> tuple[OwnNumber, ...]:
        """The campaign's from_numbers that Inkbox has not refused during this shift."""
        wanted = {number.number for number in self.campaign.from_numbers}
        usable = wanted - self.trouble.refused_numbers.keys()
        return tuple(own for own in self.own_numbers if own.number in usable)

    def own_number(self, number: str) -> OwnNumber | None:
        """Return one of the organisation's numbers, whether the campaign uses it or not."""
        return next((own for own in self.own_numbers if own.number == number), None)


async def check_from_numbers(campaign: Campaign, telephony: Telephony) -> tuple[OwnNumber, ...]:
    """Return the organisation's numbers, once the campaign's own are known to be fit to call.

    Where the campaign gives the ids of all its numbers, nothing is looked up. Raises
    FromNumberRefused, before anything is dialed, where one is not active or not ours.
    """
    given = tuple(_as_given(number) for number in campaign.from_numbers if number.id)
    if len(given) == len(campaign.from_numbers):
        return given
    own_numbers = await telephony.own_numbers()
    known = {own.number: own for own in own_numbers}
    for wanted in campaign.from_numbers:
        own = known.get(wanted.number)
        if own is None:
            ours = ", ".join(map(masked, known)) or "none"
            raise FromNumberRefused(
                f"from_number {masked(wanted.number)} does not belong to the organisation of "
                f"this API key. Nothing was dialed. Its numbers are: {ours}."
            )
        if not own.is_active:
            raise FromNumberRefused(
                f"from_number {masked(wanted.number)} is {own.status}, not active. Nothing was "
                "dialed. Activate it at Inkbox or take it out of campaign.toml."
            )
    return tuple(own_numbers)


def _as_given(number: FromNumber) -> OwnNumber:
    return OwnNumber(
        id=number.id or "", number=number.number, status="active", client_websocket_url=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every shift of this process works with.

    `reserve` is what no campaign of the organisation uses: it is for calls made by hand.
    """

    store: Store
    telephony: Telephony
    clock: Clock
    timing: Timing = field(default_factory=Timing)
    placing: Placing = place_together
    reserve: HeadRoom = NO_RESERVE
    new_id: NewId = random_id


@contextmanager
def begin_shift(
    desk: Desk,
    *,
    campaign: Campaign,
    record: CampaignRecord,
    own_numbers: tuple[OwnNumber, ...],
) -> Iterator[Shift]:
    """Take a dialing lock of the campaign for as long as the block lasts.

    Raises CampaignBusy, and StoreError where the database is a copy of one that may dial too.
    """
    store, at_once = desk.store, campaign.pacing.shifts_at_once
    taken = take_any(store, lock_names(record.id, shifts_at_once=at_once))
    if taken is None:
        by = "another process" if at_once == 1 else f"{at_once} other processes"
        raise CampaignBusy(
            f"campaign {record.name} is being dialed by {by}. Nothing was dialed here. "
            "Wait for it to end, or look at it with `inkbatch status`."
        )
    lock = taken.lock
    try:
        database_id = store.require_original()
    except BaseException:
        lock.release()
        raise
    shift = Shift(
        id=desk.new_id(),
        database_id=database_id,
        store=store,
        telephony=desk.telephony,
        clock=desk.clock,
        campaign=campaign,
        record=record,
        own_numbers=own_numbers,
        lock=lock,
        lock_name=taken.name,
        openings=Openings(campaign.rules_for_everybody.window),
        timing=desk.timing,
        placing=desk.placing,
        reserve=desk.reserve,
        new_id=desk.new_id,
    )
    try:
        _write_start(shift)
        store.note_shift(shift.id, has_ended=False)
        note(shift, "shift_started")
        yield shift
        _write_end(shift)
    finally:
        lock.release()


def _write_start(shift: Shift) -> None:
    entry = ShiftRecord(
        id=shift.id,
        campaign_id=shift.record.id,
        lock_name=shift.lock_name,
        started_at=shift.clock.now(),
    )
    with shift.store.transaction() as tx:
        tx.start_shift(entry, host=socket.gethostname(), pid=os.getpid())
        if shift.campaign.webhook_url:
            tx.forget_events(before=entry.started_at - EVENTS_KEPT)


def _write_end(shift: Shift) -> None:
    reason = shift.trouble.stop_reason or NOTHING_MORE
    with shift.store.transaction() as tx:
        tx.end_shift(shift.id, reason=reason, now=shift.clock.now())
    shift.store.note_shift(shift.id, has_ended=True)
    note(shift, "shift_ended", stopped_by_itself=shift.trouble.stop_reason is not None)
