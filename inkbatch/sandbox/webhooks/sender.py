"""Sends call status events, one after the other to each URL, and tries again what fails.

The order per URL is that of the statuses, but for what has to be tried again: later events
overtake it, as on the platform, and receivers must take statuses forward only.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from inkbatch.sandbox.call import LedgerCall
from inkbatch.sandbox.clock import RunningClock
from inkbatch.sandbox.exchange import Exchange
from inkbatch.sandbox.faults.orders import DropWebhook, DuplicateWebhook, LateWebhook
from inkbatch.sandbox.signing import signed_headers
from inkbatch.sandbox.webhooks.addresses import why_undeliverable
from inkbatch.sandbox.webhooks.deliveries import Delivery, DeliveryCounts, Lane
from inkbatch.sandbox.webhooks.events import TranscriptOf, event_body

ANSWER_BYTES_MAX = 65_536
RETRY_WAITS = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 600))
"""Waits before the second and further tries, by the sandbox's clock; then the event is given up."""

CONNECTIONS_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookOptions:
    """How webhooks are sent: hosts allowed beside this machine, transcripts, the way out.

    `transcript_of` None: of the sandbox's own media streams. Transcripts are linked to below
    `base_url`, where the sandbox itself is served. `transport` replaces the network, for a
    receiver in the same process. Of events that wait for their turn or next try there are
    `pending_max`; further ones are counted as `overflowed`. A receiver has `post_seconds` (real
    ones) from connecting to the last byte of its answer.
    """

    allowed_hosts: frozenset[str] = frozenset()
    transcript_of: TranscriptOf | None = None
    base_url: str = "http://127.0.0.1:8765"
    transport: httpx.AsyncBaseTransport | None = None
    pending_max: int = 10_000
    post_seconds: float = 10.0


class WebhookSender:
    """A listener that posts each status to the call's webhook_url.

    Without `run`, whatever is due is sent before `status_changed` or `catch_up` return.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        options: WebhookOptions | None = None,
        transcript_of: TranscriptOf = lambda _: None,
    ) -> None:
        self._exchange = exchange
        self._faults = exchange.faults
        self._options = options or WebhookOptions()
        self._transcript_of = self._options.transcript_of or transcript_of
        self._lanes: dict[str, Lane] = {}
        self._counts = DeliveryCounts()
        self._opened: httpx.AsyncClient | None = None
        self._clock: RunningClock | None = None
        self._news: dict[str, asyncio.Event] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._catching_up = asyncio.Lock()
        self._is_sending: ContextVar[bool] = ContextVar("is_sending", default=False)

    async def status_changed(self, call: LedgerCall) -> None:
        """Queue the event of a status; a call without webhook_url has none."""
        url = call.webhook_url
        if url is None:
            return
        why = why_undeliverable(url, allowed_hosts=self._options.allowed_hosts)
        if why is not None:
            self._counts.count("undeliverable", url, call.call_id, why=why)
            return
        self._queue(call, url)
        if self._clock is None:
            await self.catch_up()

    async def catch_up(self) -> None:
        """Send everything that is due by now, in the order of due moments.

        What a receiver itself asks of the sandbox meanwhile is answered without a catch-up.
        """
        if self._clock is not None or self._is_sending.get():
            return
        async with self._catching_up:
            while (lane := self._next_lane()) and lane.due_at <= self._exchange.now():
                with self._sending():
                    await self._send_next(lane)

    async def run(self, clock: RunningClock) -> None:
        """Send events as they become due, until cancelled; a slow URL delays no other one."""
        self._clock = clock
        try:
            for lane in tuple(self._lanes.values()):
                self._wake(lane)
            await asyncio.Event().wait()
        finally:
            self._clock = None
            await self._stop_workers()
            await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            client, self._opened = self._opened, None
            await client.aclose()

    def of_call(self, call_id: UUID) -> dict[str, int]:
        """Return what became of a call's events, by fate."""
        return self._counts.of_call(call_id)

    def told(self) -> dict[str, Any]:
        """Tell how many events wait, and what became of the others."""
        return {"pending": self._pending(), **self._counts.told()}

    def _queue(self, call: LedgerCall, url: str) -> None:
        if self._faults.struck_webhook(DropWebhook):
            self._counts.count("dropped", url, call.call_id)
            return
        if self._pending() >= self._options.pending_max:
            self._counts.count("overflowed", url, call.call_id, why="too many events wait")
            return
        body = event_body(call, transcript_of=self._transcript_of, base_url=self._options.base_url)
        delivery = Delivery(call=call, url=url, body=body)
        due_at = self._exchange.now()
        if late := self._faults.struck_webhook(LateWebhook):
            due_at += timedelta(seconds=late.seconds)
        for _ in range(2 if self._faults.struck_webhook(DuplicateWebhook) else 1):
            lane = self._lanes.setdefault(url, Lane(url))
            lane.put(delivery, due_at=due_at)
            self._wake(lane)

    async def _send_next(self, lane: Lane) -> None:
        delivery = lane.take()
        try:
            trouble = await self._post(delivery)
        except asyncio.CancelledError:  # whoever asked has gone away; the event is still due
            lane.put(delivery, due_at=self._exchange.now())
            raise
        if trouble is None:
            self._counts.count("delivered", delivery.url, delivery.call.call_id)
        elif delivery.tries < len(RETRY_WAITS):
            due_at = self._exchange.now() + RETRY_WAITS[delivery.tries]
            lane.put(replace(delivery, tries=delivery.tries + 1), due_at=due_at)
            self._counts.count("tried_again", delivery.url, delivery.call.call_id, why=trouble)
        else:
            self._counts.count("given_up", delivery.url, delivery.call.call_id, why=trouble)
        if not lane:
            self._lanes.pop(lane.url, None)

    async def _post(self, delivery: Delivery) -> str | None:
        """Send it once; return the trouble, None once the receiver has taken it."""
        organisation = self._exchange.organisation(delivery.call.organisation)
        headers = signed_headers(
            organisation.signing_key,
            delivery.body,
            now=self._exchange.now(),
            request_id=f"req_{uuid4().hex}",
        )
        headers |= {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        try:
            request = self._client().build_request(
                "POST", delivery.url, content=delivery.body, headers=headers
            )
            async with asyncio.timeout(self._options.post_seconds):
                return await self._answer(request)
        except Exception as error:  # noqa: BLE001 (a receiver in this process may raise anything)
            return f"no answer: {type(error).__name__}"

    async def _answer(self, request: httpx.Request) -> str | None:
        answer = await self._client().send(request, stream=True)
        try:
            size = 0
            async for chunk in answer.aiter_bytes():
                size += len(chunk)
                if size > ANSWER_BYTES_MAX:
                    break
        finally:
            await answer.aclose()
        return None if answer.is_success else f"answered with {answer.status_code}"

    def _client(self) -> httpx.AsyncClient:
        if self._opened is None:
            self._opened = httpx.AsyncClient(
                transport=self._options.transport,
                timeout=self._options.post_seconds,
                limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
                trust_env=False,
            )
        return self._opened

    def _wake(self, lane: Lane) -> None:
        """Let a running sender look at a lane: its worker, or a new one if it has none."""
        if self._clock is None:
            return
        if lane.url in self._news:
            self._news[lane.url].set()
            return
        self._news[lane.url] = asyncio.Event()
        worker = asyncio.create_task(self._work(lane, self._clock))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, lane: Lane, clock: RunningClock) -> None:
        news = self._news[lane.url]
        try:
            while lane:
                news.clear()
                if lane.due_at <= self._exchange.now():
                    await self._send_next(lane)
                else:
                    # Not wait_for: before Python 3.12 it may lose a cancellation.
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(clock.seconds_until(lane.due_at)):
                            await news.wait()
        finally:
            del self._news[lane.url]

    async def _stop_workers(self) -> None:
        workers = tuple(self._workers)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def _next_lane(self) -> Lane | None:
        return min(self._lanes.values(), key=lambda lane: lane.due_at, default=None)

    def _pending(self) -> int:
        return sum(map(len, self._lanes.values()))

    @contextlib.contextmanager
    def _sending(self) -> Iterator[None]:
        token = self._is_sending.set(True)
        try:
            yield
        finally:
            self._is_sending.reset(token)
