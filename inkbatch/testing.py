"""Rehearse a campaign: the real dialer and database, pretend phones, and days that pass at once.

::

    async with rehearsal(folder, start=MONDAY_MORNING, database=tmp_path / "trial.db") as trial:
        result = await trial.run()
        assert result.placed == len(trial.sandbox.ledger())

Nothing is patched and nobody waits. Faults are put into `transport_wrap`, between the client and
the sandbox, where a real network would have them.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import HTTPException
from pydantic import ValidationError

from inkbatch.adapters.clock import VirtualClock
from inkbatch.adapters.inkbox.connections import Answer
from inkbatch.adapters.inkbox.refusals import place_refusal, read_refusal
from inkbatch.dialer.run import OnPass, ShiftResult, run_shift
from inkbatch.dialer.shift import Desk, Placing, Shift, begin_shift, place_together
from inkbatch.domain.call import Call, OwnNumber, RateLimit
from inkbatch.domain.errors import InkbatchError, TelephonyError
from inkbatch.ports import CampaignCounts, CampaignRecord, Clock, PlaceCall, Placed
from inkbatch.sandbox import Exchange, LedgerCall, Sandbox, SandboxOptions
from inkbatch.sandbox.accounts import Account
from inkbatch.sandbox.wire import PlaceCallRequest
from inkbatch.settings import Settings
from inkbatch.wiring import Workplace, in_process, load_campaign

__all__ = ["ExchangeTelephony", "Rehearsal", "TransportWrap", "rehearsal"]

TransportWrap = Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport]
"""Puts something between the client and the sandbox, such as a line that loses answers."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """A campaign on trial: its folder, the clock, the pretend Inkbox, and the desk that dials.

    For a second campaign on the same database, clock and sandbox: `replace(trial, folder=other)`.
    """

    folder: Path
    clock: VirtualClock
    sandbox: Sandbox
    workplace: Workplace
    desk: Desk

    async def run(
        self, *, linger: timedelta | None = None, on_pass: OnPass | None = None
    ) -> ShiftResult:
        """Work one shift, by default until nothing is due at all, however many days that takes.

        Raises whatever `inkbatch run` would tell its user.
        """
        async with self.shift() as shift:
            return await run_shift(shift, linger=linger, on_pass=on_pass)

    @asynccontextmanager
    async def shift(self) -> AsyncIterator[Shift]:
        """Enroll the campaign and hold its dialing lock, for those who run the passes themselves.

        Leaving the block by an error leaves a dead shift behind, as a killed process does.
        """
        ready = await self.workplace.prepare(self.desk, self.folder)
        with begin_shift(
            self.desk, campaign=ready.campaign, record=ready.record, own_numbers=ready.own_numbers
        ) as shift:
            yield shift

    def record(self) -> CampaignRecord:
        """Return the campaign as stored; raises InkbatchError before its first shift."""
        name = load_campaign(self.folder).name
        with self.desk.store.reading() as tx:
            record = tx.campaign(name, organisation=self.workplace.settings.organisation_name)
        if record is None:
            raise InkbatchError(f"campaign {name} is not stored yet; run its rehearsal first")
        return record

    def counts(self) -> CampaignCounts:
        """Return the campaign's rows, contacts and attempts, counted once."""
        record = self.record()
        with self.desk.store.reading() as tx:
            return tx.counts(record.id, now=self.clock.now())


@asynccontextmanager
async def rehearsal(
    folder: Path,
    *,
    start: datetime,
    database: Path,
    sandbox_options: SandboxOptions | None = None,
    transport_wrap: TransportWrap | None = None,
    placing: Placing = place_together,
    **settings: Any,
) -> AsyncIterator[Rehearsal]:
    """Open a fresh sandbox at the virtual time `start`, and an SQLite database that may exist.

    `settings` are those of `Settings`, such as `poll_seconds=20`; the environment is not read.
    """
    clock = VirtualClock(start)
    sandbox = Sandbox(sandbox_options, clock=clock)
    transport = in_process(sandbox.app)
    workplace = Workplace(
        settings=_settings(database_url=f"sqlite:///{database}", **settings),
        clock=clock,
        transport=transport if transport_wrap is None else transport_wrap(transport),
    )
    async with workplace.desk(placing) as desk:
        yield Rehearsal(folder=folder, clock=clock, sandbox=sandbox, workplace=workplace, desk=desk)


class ExchangeTelephony:
    """Fulfils `ports.Telephony` without HTTP: it asks the sandbox's exchange in this process.

    A place-call costs a tenth of one over HTTP, so that a hundred thousand of them can be lived
    through. It passes the conformance suite that the real client passes; no request of it is lost.
    """

    def __init__(self, exchange: Exchange, api_key: str, *, clock: Clock) -> None:
        """Reach an exchange with a key of one of its organisations."""
        self._exchange = exchange
        self._api_key = api_key
        self._clock = clock
        self._skew: timedelta | None = None

    @property
    def skew(self) -> timedelta | None:
        """How far the exchange's clock, in whole seconds, was ahead of ours at its last answer."""
        return self._skew

    async def place_call(self, request: PlaceCall) -> Placed:
        """Dial once."""
        with self._refused(lambda answer: self._place_refusal(answer, request)) as account:
            wanted = PlaceCallRequest(
                from_number=request.from_number,
                to_number=request.to_number,
                client_websocket_url=request.client_websocket_url,
                webhook_url=request.webhook_url,
            )
            call, usage = self._exchange.place(account, wanted)
        limit = RateLimit(
            calls_used=usage.calls_used,
            calls_limit=usage.calls_limit,
            minutes_used=usage.minutes_used,
            minutes_limit=usage.minutes_limit,
        )
        return Placed(call=_as_call(call, phone_number_id=None), limit=limit)

    async def list_calls(self, phone_number_id: str, *, limit: int, offset: int) -> list[Call]:
        """Return one page of a number's calls, newest first."""
        with self._refused(self._read_refusal) as account:
            number = self._exchange.accounts.number(account, UUID(phone_number_id))
            page = self._exchange.calls(number, limit=limit, offset=offset)
        return [_as_call(call, phone_number_id=phone_number_id) for call in page]

    async def get_call(self, phone_number_id: str, call_id: str) -> Call:
        """Return one call; raises CallNotFound."""
        with self._refused(self._read_refusal) as account:
            number = self._exchange.accounts.number(account, UUID(phone_number_id))
            call = self._exchange.call(account, UUID(call_id))
            if call.from_number != number.number:
                raise HTTPException(404, "Call not found")
        return _as_call(call, phone_number_id=phone_number_id)

    async def own_numbers(self) -> list[OwnNumber]:
        """Return the organisation's numbers."""
        with self._refused(self._read_refusal) as account:
            numbers = self._exchange.accounts.numbers(account)
        return [
            OwnNumber(
                id=str(each.id),
                number=each.number,
                status=each.status,
                client_websocket_url=each.client_websocket_url,
            )
            for each in numbers
        ]

    async def aclose(self) -> None:
        """There is nothing to close."""

    @contextmanager
    def _refused(self, as_error: Callable[[Answer], TelephonyError]) -> Iterator[Account]:
        """Give the account, and turn what the exchange refuses into the real client's errors."""
        self._skew = self._exchange.now().replace(microsecond=0) - self._clock.now()
        try:
            yield self._exchange.accounts.by_key(self._api_key)
        except ValidationError:
            raise as_error(Answer(status=422, headers=httpx.Headers(), body=b"{}")) from None
        except HTTPException as refusal:
            body = json.dumps({"detail": refusal.detail}).encode()
            headers = httpx.Headers(refusal.headers)
            answer = Answer(status=refusal.status_code, headers=headers, body=body)
            raise as_error(answer) from None

    def _place_refusal(self, answer: Answer, request: PlaceCall) -> TelephonyError:
        return place_refusal(answer, request, host="this process", now=self._clock.now())

    def _read_refusal(self, answer: Answer) -> TelephonyError:
        return read_refusal(answer, "a number", host="this process", now=self._clock.now())


def _as_call(call: LedgerCall, *, phone_number_id: str | None) -> Call:
    return Call(
        id=str(call.call_id),
        phone_number_id=phone_number_id,
        local_number=call.from_number,
        remote_number=call.to_number,
        direction="outbound",
        status=call.status,
        hangup_reason=call.hangup_reason,
        client_websocket_url=call.client_websocket_url,
        created_at=call.created_at,
        started_at=call.started_at,
        ended_at=call.ended_at,
    )


def _settings(**given: Any) -> Settings:
    """Return settings that name every value, since what is not named the environment would fill."""
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    loopback = {"api_key": "sandbox", "base_url": "http://127.0.0.1/api/v1/phone"}
    return Settings(**{**defaults, **loopback, **given})
