"""The telephone exchange of the sandbox: who may call whom, and every call that came of it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from inkbatch.sandbox import refusals
from inkbatch.sandbox.call import CallStatus, HangupReason, LedgerCall, PlacedCall
from inkbatch.sandbox.clock import Clock
from inkbatch.sandbox.faults.book import FaultBook
from inkbatch.sandbox.options import SandboxOptions
from inkbatch.sandbox.organisations import (
    NumberStatus,
    Organisation,
    PhoneNumber,
    phone_number_id,
)
from inkbatch.sandbox.rolling_limits import RollingLimits, Usage
from inkbatch.sandbox.wire import PlaceCallRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An organisation and what it has used of its limits."""

    organisation: Organisation
    limits: RollingLimits


class Exchange:
    """All state of a sandbox. Nothing runs in the background: a call is a function of the time."""

    def __init__(self, options: SandboxOptions, *, clock: Clock) -> None:
        """Open for business: no call placed, nothing used."""
        self.faults = FaultBook(options.faults)
        self._population = options.population
        self._clock = clock
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._accounts = {
            organisation.api_key: _open_account(organisation, options)
            for organisation in options.organisations
        }
        self._accounts_by_name = {
            account.organisation.name: account for account in self._accounts.values()
        }
        self._owners = {
            number.id: (organisation, number)
            for organisation in options.organisations
            for number in organisation.phone_numbers
        }
        self._dialed: Counter[str] = Counter()
        self._calls: dict[UUID, PlacedCall] = {}
        self._calls_of: defaultdict[str, list[UUID]] = defaultdict(list)
        self._watchers: list[Callable[[PlacedCall], None]] = []
        self._past_moment: ContextVar[datetime | None] = ContextVar("past_moment", default=None)

    def now(self) -> datetime:
        """Return the exchange's time, which stands still while its clock is set back.

        So the order in which calls are created is the order of their `created_at`.
        """
        self._latest = max(self._latest, self._clock.now())
        return self._latest

    def account(self, api_key: str | None) -> Account:
        """Return whose key it is; raises the 401."""
        account = self._accounts.get(api_key or "")
        if account is None:
            raise refusals.no_such_key()
        return account

    def place(self, account: Account, request: PlaceCallRequest) -> tuple[LedgerCall, Usage]:
        """Place a call, and return it with the usage that includes it; raises every refusal."""
        now = self.now()
        number = _own_active_number(account.organisation, request.from_number)
        if request.to_number in self._population.script.blocked:
            raise refusals.recipient_blocked(request.to_number)
        if not account.limits.have_room(now):
            raise refusals.limit_exceeded(account.limits.usage(now), account.limits.hold(now))
        call = self._dial(account, number, request, now=now)
        return call.at(now), account.limits.usage(now)

    def number(self, account: Account, number_id: UUID) -> PhoneNumber:
        """Return one of the organisation's own numbers; raises the 403 and the 404."""
        if number_id not in self._owners:
            raise refusals.no_such_number()
        organisation, number = self._owners[number_id]
        if organisation is not account.organisation:
            raise refusals.not_your_number()
        return number

    def calls(self, number: PhoneNumber, *, limit: int, offset: int) -> tuple[LedgerCall, ...]:
        """Return a page of a number's calls, newest first."""
        now = self.now()
        ids = self._listed(self._calls_of[number.number], now=now)
        end = max(len(ids) - offset, 0)
        page = reversed(ids[max(end - limit, 0) : end])
        return tuple(self._calls[call_id].at(now) for call_id in page)

    def call(self, number: PhoneNumber, call_id: UUID) -> LedgerCall:
        """Return one call of a number; raises the 403 and the 404."""
        call = self._calls.get(call_id)
        if call is None:
            raise refusals.no_such_call()
        organisation, _ = self._owners[phone_number_id(call.from_number)]
        if number not in organisation.phone_numbers:
            raise refusals.not_your_call()
        if number.number != call.from_number or self._is_deleted(call):
            raise refusals.no_such_call()
        return call.at(self.now())

    def ledger(self) -> tuple[LedgerCall, ...]:
        """Return every call that Inkbox has a record of, in the order of `created_at`."""
        now = self.now()
        return tuple(call.at(now) for call in self._calls.values())

    def placed_call(self, call_id: UUID) -> PlacedCall:
        """Return a kept call with all its future, for the sandbox itself; raises KeyError."""
        return self._calls[call_id]

    def organisation(self, name: str) -> Organisation:
        """Return the organisation that a ledger names, such as for its signing key."""
        return self._accounts_by_name[name].organisation

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
            limits = self._accounts_by_name[call.organisation].limits
            limits.cut_talk(call.life.answered_at, call.life.ends_at, at=end)
        life = call.life.cut(end, reason=reason, ends_as=ends_as)
        self._change(replace(call, life=life))

    def negotiate(self, call_id: UUID, *, tts: bool, stt: bool) -> None:
        """Record who turns text to speech and speech to text; raises KeyError for no such call."""
        self._calls[call_id] = replace(self._calls[call_id], use_inkbox_tts=tts, use_inkbox_stt=stt)

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
        calls = [self._calls[call_id] for call_id in self._calls_of[call.from_number]]
        return all(each.call_id != call.call_id for each in self.faults.known(calls))

    def _dial(
        self, account: Account, number: PhoneNumber, request: PlaceCallRequest, *, now: datetime
    ) -> PlacedCall:
        self._dialed[request.to_number] += 1
        nth = self._dialed[request.to_number]
        fate = self._population.fate(request.to_number, nth=nth, at=now)
        call = PlacedCall(
            organisation=account.organisation.name,
            call_id=self._population.call_id(request.to_number, nth=nth),
            from_number=number.number,
            to_number=request.to_number,
            client_websocket_url=request.client_websocket_url or number.client_websocket_url,
            webhook_url=request.webhook_url,
            life=fate.life,
        )
        if fate.is_kept:
            self._keep(call, account.limits)
            self._change(call)
        if not fate.is_dialed:
            raise refusals.dial_failed()
        return call

    def _keep(self, call: PlacedCall, limits: RollingLimits) -> None:
        self._calls_of[call.from_number].append(call.call_id)
        limits.count_call(call.life.created_at)
        if call.life.answered_at is not None:
            limits.count_talk(call.life.answered_at, call.life.ends_at)

    def _change(self, call: PlacedCall) -> None:
        self._calls[call.call_id] = call
        for tell in self._watchers:
            tell(call)


def _open_account(organisation: Organisation, options: SandboxOptions) -> Account:
    limits = RollingLimits(
        calls_limit=options.calls_limit,
        minutes_limit=options.minutes_limit,
        window=options.window,
    )
    return Account(organisation=organisation, limits=limits)


def _own_active_number(organisation: Organisation, from_number: str) -> PhoneNumber:
    for number in organisation.phone_numbers:
        if number.number == from_number:
            if number.status is not NumberStatus.ACTIVE:
                raise refusals.number_not_active()
            return number
    raise refusals.not_your_from_number()
