"""Tells listeners what happens to calls, when it happens: the one thing that runs by itself here.

Webhooks and media streams listen. With a clock that runs, `run` is a task of the server. With a
clock that stands still until somebody moves it, nothing runs in the background: `catch_up` tells
what is due before a request is answered, so that the same night is the same every time.
"""

import asyncio
import contextlib
import heapq
import itertools
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from inkbatch.sandbox.call import ENDED, LedgerCall, PlacedCall
from inkbatch.sandbox.clock import RunningClock
from inkbatch.sandbox.exchange import Exchange

NAP_SECONDS_MAX = 30
"""A machine that was suspended wakes on time: no wait is longer than this."""

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """Whoever wants to know of every status of every call that Inkbox has a record of."""

    async def status_changed(self, call: LedgerCall) -> None:
        """Take the call as it stood right after a change; `call.updated_at` is when that was.

        The statuses of one call come one after the other, each once the last is dealt with. Here a
        listener may cut the call by `Exchange.end_call`, from `call.updated_at` on.
        """


ListenerFactory = Callable[[Exchange], Listener]
"""Builds a listener of an exchange; the class itself, where its constructor takes just that."""


class Switchboard:
    """Tells each listener each status of each kept call, in the order of their moments."""

    def __init__(self, exchange: Exchange, listeners: Sequence[Listener]) -> None:
        """Watch the exchange; without listeners nothing is watched and nothing costs time."""
        self._exchange = exchange
        self._listeners = tuple(listeners)
        self._told: dict[UUID, int] = {}
        self._due: list[tuple[datetime, int, UUID]] = []
        self._order = itertools.count()
        self._wake = asyncio.Event()
        self._telling = asyncio.Lock()
        self._deliveries: dict[tuple[UUID, int], asyncio.Task[None]] = {}
        if self._listeners:
            exchange.watch(self._expect)

    async def catch_up(self) -> None:
        """Tell everything that is due by now, and return when every listener is done with it.

        What a listener itself asks of the sandbox is answered at once, without a catch-up.
        """
        if not self._listeners or self._exchange.is_looking_back():
            return
        async with self._telling:
            now = self._exchange.now()
            while call := self._next_due(now):
                with self._exchange.looking_back(call.updated_at):
                    for listener in self._listeners:
                        await _tell(listener, call)

    async def run(self, clock: RunningClock) -> None:
        """Tell changes as the clock reaches them, until cancelled.

        Each call's listeners have a task of their own: a slow one delays nobody else.
        """
        try:
            while True:
                self._wake.clear()
                while call := self._next_due(self._exchange.now()):
                    self._deliver(call)
                await self._nap(clock)
        finally:
            await self._hang_up_on_everybody()

    def _expect(self, call: PlacedCall) -> None:
        """Note when the call changes next; what was noted before it was cut is passed over."""
        told = self._told.setdefault(call.call_id, 0)
        moment = _moment_of_change(call, told)
        if moment is not None:
            heapq.heappush(self._due, (moment, next(self._order), call.call_id))
            self._wake.set()

    def _next_due(self, now: datetime) -> LedgerCall | None:
        while self._due and self._due[0][0] <= now:
            moment, _, call_id = heapq.heappop(self._due)
            told = self._told.get(call_id)
            call = self._exchange.placed_call(call_id)
            if told is None or _moment_of_change(call, told) != moment:
                continue
            changed = call.after_change(told + 1)
            if changed.status in ENDED:
                del self._told[call_id]
            else:
                self._told[call_id] = told + 1
                self._expect(call)
            return changed
        return None

    async def _nap(self, clock: RunningClock) -> None:
        seconds = float(NAP_SECONDS_MAX)
        if self._due:
            seconds = min(seconds, clock.seconds_until(self._due[0][0]))
        # Not wait_for: before Python 3.12 it loses a cancellation that meets the wake-up.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    def _deliver(self, call: LedgerCall) -> None:
        for place, listener in enumerate(self._listeners):
            key = (call.call_id, place)
            task = asyncio.create_task(_tell(listener, call, after=self._deliveries.get(key)))
            self._deliveries[key] = task
            task.add_done_callback(partial(self._forget, key))

    def _forget(self, key: tuple[UUID, int], done: asyncio.Task[None]) -> None:
        if self._deliveries.get(key) is done:
            del self._deliveries[key]

    async def _hang_up_on_everybody(self) -> None:
        under_way = tuple(self._deliveries.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def _moment_of_change(call: PlacedCall, count: int) -> datetime | None:
    """Return when the call changes next after so many changes, None if it never does."""
    changes = call.life.changes()
    return changes[count].at if count < len(changes) else None


async def _tell(
    listener: Listener, call: LedgerCall, *, after: asyncio.Task[None] | None = None
) -> None:
    if after is not None:
        await asyncio.wait([after])
    try:
        await listener.status_changed(call)
    except Exception:  # noqa: BLE001 (whatever it is, the others still want to hear)
        _log.exception("sandbox.listener_failed call_id=%s status=%s", call.call_id, call.status)
