"""The telephone exchange of the sandbox: who may call whom, and every call that came of it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from inkbatch.sandbox import refusals
from inkbatch.sandbox.accounts import Account, Accounts
from inkbatch.sandbox.call import CallStatus, HangupReason, LedgerCall, PlacedCall
from inkbatch.sandbox.carrier import Fate
from inkbatch.sandbox.clock import Clock
from inkbatch.sandbox.created_span import CreatedSpan
from inkbatch.sandbox.faults.book import FaultBook
from inkbatch.sandbox.options import SandboxOptions
from inkbatch.sandbox.organisations import Organisation, PhoneNumber
from inkbatch.sandbox.rolling_limits import RollingLimits, Usage
from inkbatch.sandbox.wire import PlaceCallRequest


class Exchange:
    """All state of a sandbox. Nothing runs in the background: a call is a function of the time."""

    def __init__(self, options: SandboxOptions, *, clock: Clock) -> None:
        """Open for business: no call placed, nothing used."""
        self.faults = FaultBook(options.faults)
        self._population = options.population
        self._media = options.media
        self._carrier = options.carrier or options.population
        self._clock = clock
        self._latest = datetime.min.replace(tzinfo=UTC)
        self.accounts = Accounts(
            _open_account(organisation, options) for organisation in options.organisations
        )
        self._dialed: Counter[str] = Counter()
        self._talks = 0
        self._calls: dict[UUID, PlacedCall] = {}
        self._over: dict[UUID, tuple[PlacedCall, LedgerCall]] = {}
        self._ids_by_number: defaultdict[str, list[UUID]] = defaultdict(list)
        self._ids_by_organisation: defaultdict[str, list[UUID]] = defaultdict(list)
        self._watchers: list[Callable[[PlacedCall], None]] = []
        self._past_moment: ContextVar[datetime | None] = ContextVar("past_moment", default=None)

    def now(self) -> datetime:
        """Return the exchange's time, which stands still while its clock is set back.

        So the order in which calls are created is the order of their `created_at`.
        """
        self._latest = max(self._latest, self._clock.now())
        return self._latest

    def place(self, account: Account, request: PlaceCallRequest) -> tuple[LedgerCall, Usage]:
        """Place a call, and return it with the usage that includes it; raises every refusal."""
        now = self.now()
        number = self.accounts.caller(account, request.from_number)
        if request.to_number in self._population.script.blocked:
            raise refusals.recipient_blocked(request.to_number)
        if not account.limits.have_room(now):
            raise refusals.limit_exceeded(account.limits.usage(now), account.limits.hold(now))
        call = self._dial(account, number, request, now=now)
        return call.at(now), account.limits.usage(now)

    def calls(self, number: PhoneNumber, *, limit: int, offset: int) -> tuple[LedgerCall, ...]:
        """Return a page of a number's calls, newest first."""
        return self._page(self._ids_by_number[number.number], limit=limit, offset=offset)

    def calls_of_all_numbers(
        self, account: Account, *, created: CreatedSpan, limit: int, offset: int
    ) -> tuple[LedgerCall, ...]:
        """Return a page of an organisation's calls of a span, newest first."""
        ids = self._ids_by_organisation[account.organisation.name]
        return self._page(ids, created=created, limit=limit, offset=offset)

    def newest(self, number: PhoneNumber) -> Iterator[LedgerCall]:
        """Give a number's calls one by one, newest first."""
        now = self.now()
        for call_id in reversed(self._listed(self._ids_by_number[number.number], now=now)):
            yield self._calls[call_id].at(now)

    def call(self, account: Account, call_id: UUID) -> LedgerCall:
        """Return one call of an organisation; raises the 403 and the 404."""
        call = self._calls.get(call_id)
        if call is None:
            raise refusals.no_such_call()
        if call.organisation != account.organisation.name:
            raise refusals.not_your_call()
        if self._is_deleted(call):
            raise refusals.no_such_call()
        return call.at(self.now())

    def hang_up(self, account: Account, call_id: UUID) -> LedgerCall:
        """End a call from our side, and return it; raises the 403, the 404 and the 409.

        Before an answer that is `canceled`, after it `completed`. A call that is over gives the
        409, also where its record never says so.
        """
        is_answered = self.call(account, call_id).status is CallStatus.ANSWERED
        now = self.now()
        if self._calls[call_id].life.ends_at <= now:
            raise refusals.call_has_ended()
        self.end_call(
            call_id,
            at=now,
            reason=HangupReason.LOCAL,
            ends_as=CallStatus.COMPLETED if is_answered else CallStatus.CANCELED,
        )
        return self.call(account, call_id)

    def ledger(self) -> tuple[LedgerCall, ...]:
        """Return every call that Inkbox has a record of, in the order of `created_at`."""
        now = self.now()
        return tuple(call.at(now) for call in self._calls.values())

    def placed_call(self, call_id: UUID) -> PlacedCall:
        """Return a kept call with all its future, for the sandbox itself; raises KeyError."""
        return self._calls[call_id]

    def organisation(self, name: str) -> Organisation:
        """Return the organisation that a ledger names, such as for its signing key."""
        return self.accounts.named(name).organisation

    def end_call(
        self,
        call_id: UUID,
        *,
        at: datetime,
        reason: HangupReason | None,
        ends_as: CallStatus = CallStatus.COMPLETED,
    ) -> None:
        """Let a call end at a moment instead of later, for its life and for the limits.

        A moment before now means now, a moment after the call's present end changes nothing: a
        call that has ended stays as it is. A listener that is told late by a virtual clock is
        still at the moment of the change that it is told. Raises KeyError for an unknown call.
        """
        call = self._calls[call_id]
        end = max(at, self._past_moment.get() or self.now())
        if end >= call.life.ends_at:
            return
        if call.life.answered_at is not None:
            limits = self.accounts.named(call.organisation).limits
            limits.cut_talk(call.life.answered_at, call.life.ends_at, at=end)
        life = call.life.cut(end, reason=reason, ends_as=ends_as)
        self._change(replace(call, life=life))

    def negotiate(self, call_id: UUID, *, tts: bool, stt: bool) -> None:
        """Record who turns text to speech and speech to text; raises KeyError for no such call."""
        self._calls[call_id] = replace(self._calls[call_id], use_inkbox_tts=tts, use_inkbox_stt=stt)

    def restore(self, calls: Iterable[PlacedCall]) -> None:
        """Take up calls of an earlier sandbox, oldest first; nobody is told of them again.

        Raises KeyError for a call of an organisation that there is not.
        """
        for call in calls:
            self._latest = max(self._latest, call.life.created_at)
            self._dialed[call.to_number] += 1
            self._keep(call, self.accounts.named(call.organisation).limits)
            self._calls[call.call_id] = call

    def watch(self, changed: Callable[[PlacedCall], None]) -> None:
        """Ask to be told of every call that is new and of every life that is cut short."""
        self._watchers.append(changed)

    @contextmanager
    def looking_back(self, moment: datetime) -> Iterator[None]:
        """Let whoever works in this context end calls from a past moment on."""
        token = self._past_moment.set(moment)
        try:
            yield
        finally:
            self._past_moment.reset(token)

    def is_looking_back(self) -> bool:
        """Tell whether the present context works at a past moment."""
        return self._past_moment.get() is not None

    def _listed(self, ids: Sequence[UUID], *, now: datetime) -> Sequence[UUID]:
        """Return what a list shows of these calls, oldest first: faults may hide some."""
        if not self.faults.hides_calls:
            return ids
        calls = [self._calls[call_id] for call_id in ids]
        return [call.call_id for call in self.faults.listed(calls, now=now)]

    def _is_deleted(self, call: PlacedCall) -> bool:
        if not self.faults.hides_calls:
            return False
        ids = self._ids_by_organisation[call.organisation]
        calls = [self._calls[call_id] for call_id in ids]
        return all(each.call_id != call.call_id for each in self.faults.known(calls))

    def _dial(
        self, account: Account, number: PhoneNumber, request: PlaceCallRequest, *, now: datetime
    ) -> PlacedCall:
        self._dialed[request.to_number] += 1
        nth = self._dialed[request.to_number]
        fate = self._carrier.fate(request.to_number, nth=nth, at=now)
        url = request.client_websocket_url or number.client_websocket_url
        talks = self._talks_with_agent(fate, url)
        self._talks += talks
        call = PlacedCall(
            organisation=account.organisation.name,
            call_id=self._population.call_id(request.to_number, nth=nth),
            from_number=number.number,
            to_number=request.to_number,
            client_websocket_url=url,
            webhook_url=request.webhook_url,
            life=fate.talked_life if talks and fate.talked_life else fate.life,
            talks=talks,
            life_without_agent=fate.life,
            dialogue=fate.dialogue,
        )
        if fate.is_kept:
            self._keep(call, account.limits)
            self._change(call)
        if not fate.is_dialed:
            raise refusals.dial_failed()
        return call

    def _talks_with_agent(self, fate: Fate, url: str | None) -> bool:
        if fate.life.answered_at is None or not self._media.streams_to(url):
            return False
        calls_max = self._media.calls_max
        return calls_max is None or (fate.talked_life is not None and self._talks < calls_max)

    def _keep(self, call: PlacedCall, limits: RollingLimits) -> None:
        self._ids_by_number[call.from_number].append(call.call_id)
        self._ids_by_organisation[call.organisation].append(call.call_id)
        limits.count_call(call.life.created_at)
        if call.life.answered_at is not None:
            limits.count_talk(call.life.answered_at, call.life.ends_at)

    def _page(
        self,
        ids: Sequence[UUID],
        *,
        limit: int,
        offset: int,
        created: CreatedSpan | None = None,
    ) -> tuple[LedgerCall, ...]:
        now = self.now()
        shown = self._listed(ids, now=now)
        first, after = created.within(shown, self._created_at) if created else (0, len(shown))
        end = max(after - offset, first)
        page = reversed(shown[max(end - limit, first) : end])
        return tuple(self._listed_call(call_id, now) for call_id in page)

    def _listed_call(self, call_id: UUID, now: datetime) -> LedgerCall:
        """Return how a call stands; of one that is over that is kept, since lists tell it often."""
        call = self._calls[call_id]
        known, told = self._over.get(call_id, (None, None))
        if told is None or known is not call:
            told = call.at(now)
            if told.ended_at is not None:
                self._over[call_id] = (call, told)
        return told

    def _created_at(self, call_id: UUID) -> datetime:
        return self._calls[call_id].life.created_at

    def _change(self, call: PlacedCall) -> None:
        self._calls[call.call_id] = call
        for tell in self._watchers:
            tell(call)


def _open_account(organisation: Organisation, options: SandboxOptions) -> Account:
    limits = RollingLimits(
        calls_limit=organisation.calls_limit or options.calls_limit,
        minutes_limit=organisation.minutes_limit or options.minutes_limit,
        window=options.window,
    )
    return Account(organisation=organisation, limits=limits)
