"""Reading from Inkbox: repeated on the scale of seconds, since reading twice harms nobody."""

import asyncio
from datetime import timedelta

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from inkbatch.adapters.inkbox.address import Address
from inkbatch.adapters.inkbox.connections import Answer, Connections
from inkbatch.adapters.inkbox.refusals import rate_limited, read_refusal, unavailable
from inkbatch.adapters.inkbox.trouble import reason_of
from inkbatch.domain.errors import TelephonyError
from inkbatch.ports import Clock

READ_DEADLINE_SECONDS = 20.0
CONNECT_SECONDS = 5.0
SHORT_HOLD = timedelta(seconds=10)
"""A 429 that asks for more than this is told at once instead of being waited for."""

BACK_OFF = wait_random_exponential(multiplier=0.5, max=8)
OK, TOO_MANY, SERVER_ERRORS = 200, 429, 500


class Reading:
    """Reads over these connections, at most `attempts` times each."""

    def __init__(
        self, connections: Connections, *, address: Address, clock: Clock, attempts: int
    ) -> None:
        self._connections = connections
        self._address = address
        self._clock = clock
        self._attempts = attempts

    async def get(self, *path: str, subject: str, query: dict[str, int] | None = None) -> Answer:
        """Return the 200, or raise what Inkbox's refusal or silence means.

        `subject` is what messages call the thing that was asked for.
        """
        retrying = AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(self._attempts),
            wait=_wait_seconds,
            retry=retry_if_exception_type(_TryAgain),
            reraise=True,
        )
        try:
            return await retrying(self._get_once, path, subject, query)
        except _TryAgain as spent:
            raise spent.error from spent.__cause__

    async def _get_once(
        self, path: tuple[str, ...], subject: str, query: dict[str, int] | None
    ) -> Answer:
        outgoing = httpx.Request(
            "GET",
            self._address.url(*path),
            params=query,
            headers=self._address.headers(),
            extensions={
                "timeout": httpx.Timeout(READ_DEADLINE_SECONDS, connect=CONNECT_SECONDS).as_dict()
            },
        )
        try:
            async with asyncio.timeout(READ_DEADLINE_SECONDS):
                answer = await self._connections.send(outgoing)
        except (httpx.HTTPError, TimeoutError) as error:
            raise _TryAgain(unavailable(self._address.host, reason_of(error))) from error
        if answer.status == OK:
            return answer
        raise self._refusal(answer, subject)

    def _refusal(self, answer: Answer, subject: str) -> Exception:
        now, host = self._clock.now(), self._address.host
        if answer.status == TOO_MANY:
            limited = rate_limited(answer, now=now)
            hold = limited.hold_until - now
            return _TryAgain(limited, after=hold) if hold <= SHORT_HOLD else limited
        refusal = read_refusal(answer, subject, host=host, now=now)
        return _TryAgain(refusal) if answer.status >= SERVER_ERRORS else refusal

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep_until(self._clock.now() + timedelta(seconds=seconds))


class _TryAgain(Exception):
    """Tells tenacity that a failure may pass; once the tries are used up it is `error`."""

    def __init__(self, error: TelephonyError, *, after: timedelta | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after


def _wait_seconds(state: RetryCallState) -> float:
    failure = state.outcome.exception() if state.outcome is not None else None
    if isinstance(failure, _TryAgain) and failure.after is not None:
        return failure.after.total_seconds()
    return BACK_OFF(state)
