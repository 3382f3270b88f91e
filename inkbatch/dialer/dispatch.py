"""Dial: reserve, place at once, and record each answer as soon as it is known."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from inkbatch.dialer.answers import Answer, tell, write_answers
from inkbatch.dialer.choose import choose
from inkbatch.dialer.collect import Seen, note_written, write_seen
from inkbatch.dialer.foreign_use import note_rate_limit
from inkbatch.dialer.intents import Chosen, NotNow
from inkbatch.dialer.rounds import next_look
from inkbatch.dialer.shift import Shift
from inkbatch.domain.agent_url import agent_url
from inkbatch.domain.attempt import Attempt
from inkbatch.domain.call import RateLimit
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import Contact
from inkbatch.domain.errors import RateLimited, TelephonyError, TooLate
from inkbatch.domain.suppression import on_the_list
from inkbatch.ports import PlaceCall, ShiftRecord, Standing, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """How many calls in progress had ended, how many Inkbox took, and why no more.

    Of the moment of that decision: when to look at calls, and whose erasure need wait no more.
    """

    ended: int
    placed: int
    then: NotNow
    looks_at: datetime | None
    erasures: Sequence[str]


async def dispatch(shift: Shift, seen: Seen, *, others: Sequence[ShiftRecord]) -> Dispatched:
    """Dial batch after batch until nobody is to be dialed now; `others` are shifts that live.

    What was seen of calls in progress is written first, in the transaction that decides who is
    next: what ended makes room that very instant, and costs no commit of its own.
    """
    ended, placed = 0, 0
    while True:
        await asyncio.sleep(0)  # whoever stops us is heard, though many are only to be moved
        with shift.store.transaction(organisation=shift.organisation) as tx:
            ended += write_seen(shift, tx, seen)
            asked_at = shift.clock.now()
            chosen = STOPPING if shift.stopping.is_set() else choose(shift, tx)
            if isinstance(chosen, NotNow):
                looks_at = next_look(shift, tx, others=others, dials_on=not chosen.for_good)
                erasures = tx.waiting_erasures()
        note_written(shift, seen)
        seen = Seen(placed=seen.placed)
        if isinstance(chosen, Chosen):
            placed += await _Batch(shift, chosen, asked_at=asked_at).dial()
        elif chosen.until is None or chosen.until > shift.clock.now():
            return Dispatched(
                ended=ended, placed=placed, then=chosen, looks_at=looks_at, erasures=erasures
            )


TOGETHER_SECONDS = 0.05
"""So much later than its answer a call is written down at most, if others are under way."""

NEVER_BEGUN = "its batch ended before its turn came"
STOPPED = "stopped by hand"
STOPPING = NotNow(until=None, why=STOPPED, for_good=True)


class _KnownNow(NamedTuple):
    """What the store says at one moment; `suppressed` maps numbers of the batch to the reason."""

    standing: Standing
    suppressed: Mapping[str, str]


class _Batch:
    """One batch of reserved attempts on their way to Inkbox."""

    def __init__(self, shift: Shift, chosen: Chosen, *, asked_at: datetime) -> None:
        self._shift = shift
        self._asked_at = asked_at
        self._attempts = chosen.attempts
        self._contacts: Mapping[int, Contact] = chosen.contacts
        self._send_before = shift.clock.monotonic() + shift.timing.send_within.total_seconds()
        self._unbegun = {attempt.id: attempt for attempt in chosen.attempts}
        self._answers = list[Answer]()
        self._writing: asyncio.Task[None] | None = None
        self._told: RateLimit | None = None
        self._known_now: _KnownNow | None = None
        self._under_way = 0
        self._all_answered = asyncio.Event()
        self._all_answered.set()
        self._placed = 0

    async def dial(self) -> int:
        """Send all, and return how many calls Inkbox took."""
        try:
            await self._shift.placing(self._attempts, self._place_one)
        except (Exception, asyncio.CancelledError):
            self._put_back_unbegun()
            raise
        finally:
            self._write_all()
        if self._placed:
            self._shift.acquainted.set()
        return self._placed

    def _put_back_unbegun(self) -> None:
        """Put back what `placing` gave up before it began; should it begin now, nothing is sent."""
        for attempt in self._unbegun.values():
            self._answers.append(Answer(attempt=attempt, unfit=NEVER_BEGUN))
        self._unbegun.clear()

    async def _place_one(self, attempt: Attempt) -> str:
        if attempt.id not in self._unbegun:
            return f"not dialed: {NEVER_BEGUN}"
        answer = await self._ask(attempt)
        self._answers.append(answer)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_soon())
        await asyncio.shield(self._writing)
        return answer.word

    async def _ask(self, attempt: Attempt) -> Answer:
        unfit = self._no_longer_fit(attempt)
        del self._unbegun[attempt.id]  # from here on it may ring
        if unfit is not None:
            return Answer(attempt=attempt, unfit=unfit)
        contact = self._contacts[attempt.contact_id]
        request = _request(self._shift, attempt, contact, send_before=self._send_before)
        try:
            with self._on_its_way():
                placed = await self._shift.telephony.place_call(request)
        except TooLate as late:
            return Answer(attempt=attempt, unfit=str(late))
        except TelephonyError as error:
            if isinstance(error, RateLimited):
                self._told = _later(self._told, error.limit)
            return Answer(attempt=attempt, error=error)
        except asyncio.CancelledError:
            self._answers.append(Answer(attempt=attempt, error=None))
            raise
        self._told = _later(self._told, placed.limit)
        self._placed += 1
        return Answer(attempt=attempt, placed=placed)

    def _no_longer_fit(self, attempt: Attempt) -> str | None:
        """Look once more, right before the request leaves; return what speaks against it.

        The store is asked first: its answer may take long, and what is looked at after it may not.
        """
        shift, contact = self._shift, self._contacts[attempt.contact_id]
        said = None if shift.stopping.is_set() else self._stopped_meanwhile(attempt)
        if shift.stopping.is_set():
            return STOPPED
        if self._is_too_late(attempt):
            return "the process was held up between the intent and the dial"
        window = shift.campaign.rules_for(contact.fields).window
        if not window.is_open(shift.clock.now(), contact.zones):
            return "its calling window closed before the dial"
        trouble = shift.trouble
        return (
            trouble.stop_reason
            or trouble.refused_numbers.get(attempt.from_number)
            or trouble.unreachable_now(shift.clock.now())
            or said
        )

    def _is_too_late(self, attempt: Attempt) -> bool:
        """By both clocks: one may be set, the other may stand still while the machine sleeps."""
        clock, limit = self._shift.clock, self._shift.timing.send_within
        reserved_at = attempt.reserved_at or clock.now()
        return clock.monotonic() > self._send_before or clock.now() - reserved_at > limit

    def _stopped_meanwhile(self, attempt: Attempt) -> str | None:
        """Ask the store, once for all that leave together: paused, on hold or suppressed."""
        if self._known_now is None:
            self._known_now = self._ask_store()
            asyncio.get_running_loop().call_soon(self._forget)
        standing, suppressed = self._known_now
        if standing.state is not CampaignState.ACTIVE:
            return f"the campaign is {standing.state}"
        if attempt.number in suppressed:
            return on_the_list(suppressed[attempt.number])
        return standing.hold_reason

    def _ask_store(self) -> "_KnownNow":
        shift, now = self._shift, self._shift.clock.now()
        numbers = [attempt.number for attempt in self._attempts]
        with shift.store.reading() as tx:
            return _KnownNow(
                tx.standing(shift.record.id, organisation=shift.organisation, now=now),
                tx.suppressed(numbers, now=now),
            )

    def _forget(self) -> None:
        self._known_now = None

    @contextmanager
    def _on_its_way(self) -> Iterator[None]:
        self._under_way += 1
        self._all_answered.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._all_answered.set()

    async def _write_soon(self) -> None:
        """Write answers that come within a moment of each other in one commit."""
        with suppress(TimeoutError):
            async with asyncio.timeout(TOGETHER_SECONDS):
                await self._all_answered.wait()
        self._writing = None
        self._write_all()

    def _write_all(self) -> None:
        answers, self._answers = self._answers, []
        if answers:
            with self._shift.store.transaction(organisation=self._shift.organisation) as tx:
                write_answers(self._shift, tx, answers)
                self._note_told(tx)
            tell(self._shift, answers)

    def _note_told(self, tx: Transaction) -> None:
        """Believe the server's figures once they count all calls of the batch and no other."""
        told, is_over = self._told, not (self._under_way or self._unbegun)
        if told is not None and is_over:
            note_rate_limit(self._shift, tx, told, asked_at=self._asked_at)
            self._told = None


def _request(shift: Shift, attempt: Attempt, contact: Contact, *, send_before: float) -> PlaceCall:
    own = shift.own_number(attempt.from_number)
    template = shift.campaign.client_websocket_url or (own.client_websocket_url if own else None)
    url = agent_url(template, contact.fields, attempt_id=attempt.id) if template else None
    return PlaceCall(
        from_number=attempt.from_number,
        to_number=attempt.number,
        client_websocket_url=url,
        webhook_url=shift.campaign.webhook_url,
        send_before=send_before,
    )


def _later(first: RateLimit | None, second: RateLimit | None) -> RateLimit | None:
    """Return the snapshot that was taken later: the one that counts more calls."""
    if first is None or second is None:
        return first or second
    return max(first, second, key=lambda told: (told.calls_used, told.minutes_used))
