"""The calls API of Inkbox, as the dialer knows it."""

from datetime import timedelta
from typing import TypeVar

import httpx
from pydantic import SecretStr, TypeAdapter, ValidationError

from inkbatch.adapters.inkbox.address import Address
from inkbatch.adapters.inkbox.connections import Answer, Connections
from inkbatch.adapters.inkbox.placing import Placing
from inkbatch.adapters.inkbox.rate_limit import http_date
from inkbatch.adapters.inkbox.reading import OK, Reading
from inkbatch.adapters.inkbox.refusals import place_refusal, reply_lost, unavailable
from inkbatch.adapters.inkbox.wire import Calls, Numbers, WireCall, WirePlaced
from inkbatch.domain.call import Call, OwnNumber
from inkbatch.ports import Clock, PlaceCall, Placed

Told = TypeVar("Told")
READS_AT_ONCE = 5
READ_REUSE_SECONDS = 5.0


class InkboxTelephony:
    """Fulfils `ports.Telephony` by HTTP, against one base URL and with one key.

    Raises SettingsError for a base URL or key that cannot be used. A place-call has
    `place_deadline` from first to last byte; up to `places_at_once` of them have a connection of
    their own, and more wait for one. Reads are tried `read_attempts` times. `transport` replaces
    the network, for a server in the same process.
    """

    def __init__(
        self,
        base_url: str,
        api_key: SecretStr | str,
        *,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        place_deadline: timedelta = timedelta(seconds=30),
        read_attempts: int = 4,
        places_at_once: int = 10,
    ) -> None:
        address = Address(base_url, api_key)
        places, reads = _connections(transport, places_at_once=places_at_once)
        self._opened = (places, reads)
        self._host = address.host
        self._clock = clock
        self._placing = Placing(places, address=address, clock=clock, deadline=place_deadline)
        self._reading = Reading(reads, address=address, clock=clock, attempts=read_attempts)
        self._skew: timedelta | None = None

    @property
    def skew(self) -> timedelta | None:
        """How far Inkbox's clock was ahead of ours at its last answer; None if it never told."""
        return self._skew

    async def place_call(self, request: PlaceCall) -> Placed:
        """Dial once, with no retry of any kind; see `ports.Telephony` for what it raises."""
        answer = await self._placing.send(request)
        self._note_skew(answer)
        if answer.status != OK:
            raise place_refusal(answer, request, host=self._host, now=self._clock.now())
        try:
            told = WirePlaced.model_validate_json(answer.body)
        except ValidationError as error:
            reason = "it said yes (200) but not with a call that can be read"
            raise reply_lost(request, host=self._host, reason=reason) from error
        return Placed(
            call=told.as_call(phone_number_id=None, now=self._clock.now()),
            limit=told.rate_limit.as_rate_limit() if told.rate_limit is not None else None,
        )

    async def list_calls(self, phone_number_id: str, *, limit: int, offset: int) -> list[Call]:
        """Return one page of a number's calls, newest first; `limit` is at most 200."""
        answer = await self._reading.get(
            "numbers",
            phone_number_id,
            "calls",
            subject=f"the calls of number {phone_number_id}",
            query={"limit": limit, "offset": offset},
        )
        calls = self._read(answer, Calls)
        now = self._clock.now()
        return [call.as_call(phone_number_id=phone_number_id, now=now) for call in calls]

    async def get_call(self, phone_number_id: str, call_id: str) -> Call:
        """Return one call; raises CallNotFound."""
        answer = await self._reading.get(
            "numbers",
            phone_number_id,
            "calls",
            call_id,
            subject=f"call {call_id} of number {phone_number_id}",
        )
        call = self._read(answer, TypeAdapter(WireCall))
        return call.as_call(phone_number_id=phone_number_id, now=self._clock.now())

    async def own_numbers(self) -> list[OwnNumber]:
        """Return the organisation's numbers."""
        answer = await self._reading.get("numbers", subject="the organisation's numbers")
        return [number.as_own_number() for number in self._read(answer, Numbers)]

    async def aclose(self) -> None:
        """Close the connections."""
        for connections in self._opened:
            await connections.aclose()

    def _read(self, answer: Answer, form: TypeAdapter[Told]) -> Told:
        """Read a body whole or not at all: a page with calls left out would look like the last."""
        self._note_skew(answer)
        try:
            return form.validate_json(answer.body)
        except ValidationError as error:
            raise unavailable(self._host, "its answer is not what the API promises") from error

    def _note_skew(self, answer: Answer) -> None:
        told = http_date(answer.headers.get("Date"))
        if told is not None:
            self._skew = told - self._clock.now()


def _connections(
    transport: httpx.AsyncBaseTransport | None, *, places_at_once: int
) -> tuple[Connections, Connections]:
    """Return the connections for placing and for reading.

    A place-call always gets a fresh connection: an old one may be reset just as the request goes
    out, and then nobody can tell whether a phone rings.
    """
    if transport is not None:
        return Connections([transport]), Connections([transport])
    context = httpx.create_ssl_context(trust_env=False)
    return (
        Connections.fresh(context, at_once=places_at_once),
        Connections.pooled(context, at_once=READS_AT_ONCE, reuse_seconds=READ_REUSE_SECONDS),
    )
