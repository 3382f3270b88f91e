"""Media streams of all calls: each answered call that has an agent is connected to it."""

import asyncio
import logging
from datetime import timedelta
from functools import partial
from uuid import UUID

from inkbatch.sandbox.call import ENDED, CallStatus, HangupReason, LedgerCall
from inkbatch.sandbox.clock import Clock, RunningClock
from inkbatch.sandbox.exchange import Exchange
from inkbatch.sandbox.media.dialogue import Dialogue, default_dialogue, voicemail
from inkbatch.sandbox.media.record import StreamRecord
from inkbatch.sandbox.media.stream import Stream, Timing
from inkbatch.sandbox.options import SandboxOptions

_log = logging.getLogger(__name__)

STREAMS_KEPT_MAX = 10_000
"""Records of older streams are forgotten."""
START_GAP_SECONDS = 0.005


class MediaStreams:
    """A listener of the switchboard that talks with the agents of answered calls.

    Told by a running switchboard, it talks beside everything else, for as long as people talk.
    Told by a catch-up, where time is skipped, a talk is over before the answer is told to others.
    """

    def __init__(self, exchange: Exchange, *, options: SandboxOptions, clock: Clock) -> None:
        """Begin with no stream; the clock is the exchange's."""
        self._exchange = exchange
        self._options = options
        self._clock = clock
        self._streams: dict[UUID, Stream] = {}
        self._next_start = 0.0
        self._running: dict[UUID, asyncio.Task[None]] = {}

    async def status_changed(self, call: LedgerCall) -> None:
        """Connect a call that was answered, hang up a call that has ended."""
        if call.status is CallStatus.ANSWERED and call.client_websocket_url is not None:
            await self._connect(call, call.client_websocket_url)
        elif call.status in ENDED and (stream := self._streams.get(call.call_id)):
            stream.end(call.hangup_reason)

    def record(self, call_id: UUID) -> StreamRecord | None:
        """Return what is known of a call's stream, None if it has none."""
        stream = self._streams.get(call_id)
        return None if stream is None else stream.record()

    async def close(self) -> None:
        """Drop all streams, because the sandbox ends."""
        tasks = tuple(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connect(self, call: LedgerCall, url: str) -> None:
        if self._options.media.allows(url) and not self._exchange.placed_call(call.call_id).talks:
            return  # one of those beyond the calls that are talked
        stream = self._open(call)
        if not self._options.media.allows(url):
            stream.refuse("the agent's URL leads neither to loopback nor to an allowed host")
        elif len(self._running) >= self._options.media.streams_max:
            stream.refuse(f"{len(self._running)} streams are open already")
        elif self._exchange.is_looking_back():
            await stream.run()
        else:
            task = asyncio.create_task(self._run_in_turn(stream))
            self._running[call.call_id] = task
            task.add_done_callback(partial(self._forget, call.call_id))

    async def _run_in_turn(self, stream: Stream) -> None:
        """Begin a little after the last: many handshakes at once make running voices late."""
        loop = asyncio.get_running_loop()
        self._next_start = max(self._next_start + START_GAP_SECONDS, loop.time())
        await asyncio.sleep(self._next_start - loop.time())
        await stream.run()

    def _forget(self, call_id: UUID, done: asyncio.Task[None]) -> None:
        self._running.pop(call_id)
        if not done.cancelled() and (error := done.exception()) is not None:
            _log.error("sandbox.stream_failed call_id=%s", call_id, exc_info=error)

    def _open(self, call: LedgerCall) -> Stream:
        stream = Stream(
            call,
            exchange=self._exchange,
            dialogue=self._dialogue(call),
            options=self._options.media,
            timing=self._timing(),
        )
        self._streams[call.call_id] = stream
        while len(self._streams) > STREAMS_KEPT_MAX:
            del self._streams[next(iter(self._streams))]
        return stream

    def _dialogue(self, call: LedgerCall) -> Dialogue:
        placed = self._exchange.placed_call(call.call_id)
        if placed.dialogue is not None:
            return placed.dialogue
        if placed.life.hangup_reason is HangupReason.VOICEMAIL:
            return voicemail()
        return default_dialogue(f"{self._options.population.seed}:{call.to_number}")

    def _timing(self) -> Timing:
        scale, clock = self._options.population.durations, self._clock
        if self._exchange.is_looking_back() or not isinstance(clock, RunningClock):
            return Timing(exchange_seconds=scale, skips=True)
        second = clock.seconds_until(clock.now() + timedelta(seconds=1))
        return Timing(exchange_seconds=scale, machine_seconds=second * scale)
