"""The telephone exchange of the sandbox: who may call whom, and every call that came of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from inkbatch.sandbox import refusals
from inkbatch.sandbox.call import LedgerCall, PlacedCall
from inkbatch.sandbox.clock import Clock
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
        self._population = options.population
        self._clock = clock
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._accounts = {
            organisation.api_key: _open_account(organisation, options)
            for organisation in options.organisations
        }
        self._owners = {
            number.id: (organisation, number)
            for organisation in options.organisations
            for number in organisation.phone_numbers
        }
        self._dialed: Counter[str] = Counter()
        self._calls: dict[UUID, PlacedCall] = {}
        self._calls_of: defaultdict[str, list[PlacedCall]] = defaultdict(list)

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
        calls = self._calls_of[number.number]
        end = max(len(calls) - offset, 0)
        now = self.now()
        return tuple(call.at(now) for call in reversed(calls[max(end - limit, 0) : end]))

    def call(self, number: PhoneNumber, call_id: UUID) -> LedgerCall:
        """Return one call of a number; raises the 403 and the 404."""
        call = self._calls.get(call_id)
        if call is None:
            raise refusals.no_such_call()
        organisation, _ = self._owners[phone_number_id(call.from_number)]
        if number not in organisation.phone_numbers:
            raise refusals.not_your_call()
        if number.number != call.from_number:
            raise refusals.no_such_call()
        return call.at(self.now())

    def ledger(self) -> tuple[LedgerCall, ...]:
        """Return every call that Inkbox has a record of, in the order of `created_at`."""
        now = self.now()
        return tuple(call.at(now) for call in self._calls.values())

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
        if not fate.is_dialed:
            raise refusals.dial_failed()
        return call

    def _keep(self, call: PlacedCall, limits: RollingLimits) -> None:
        self._calls[call.call_id] = call
        self._calls_of[call.from_number].append(call)
        limits.count_call(call.life.created_at)
        if call.life.answered_at is not None:
            limits.count_talk(call.life.answered_at, call.life.ends_at)


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
