"""What goes over the line between the processes and the exchange, as the judge is told of it."""

import asyncio

from inkbatch.dialer.results import Posted, record_result
from inkbatch.domain.result import Effect
from inkbatch.ports import CallEvent
from tests.simulation.oracle import Breach

AGENT_POSTS_ODDS = 0.2


class Line:
    """Every request, call, result and event of one life passes here."""

    def __init__(self, world, *, limits_are_ours):
        self._world = world
        self._limits_are_ours = limits_are_ours

    def sent(self, process, request):
        """A place-call leaves a process."""
        world = self._world
        attempt_id, number = attempt_of(request), request.to_number
        world.log("sent", process.name, number, attempt_id)
        # One that stands still between its last look and the dial gets its signal too late.
        if process.stopping.is_set() and not world.plan.faults & {"stop"}:
            raise Breach(f"{process.name} dialed {number} though it was told to end")
        world.oracle.sent(
            attempt_id,
            number,
            process.name,
            rules=process.file.rules,
            zones=process.file.zones_of[number],
            at=world.now(),
        )

    def refused(self, request):
        """Somebody on the way answered 429."""
        self._world.oracle.refused(attempt_of(request), request.to_number)
        self._world.log("refused", request.to_number)

    def over_limit(self, request):
        """The exchange itself answered 429: where the limits are ours alone that is a breach."""
        self.refused(request)
        if self._limits_are_ours:
            raise Breach(f"a place-call at {self._world.now()} was over the limit")

    def arrived(self, request):
        """The exchange has carried it out, or never will."""
        self._world.oracle.arrived(attempt_of(request), request.to_number)

    def place_late(self, telephony, request):
        """A request arrives that its sender has given up."""
        self.arrived(request)
        asyncio.ensure_future(telephony.place_call(request)).add_done_callback(
            lambda done: done.exception()
        )

    def rings(self, call):
        """A phone begins to ring: judge it, and let follow what follows of it."""
        world = self._world
        attempt_id = attempt_of(call) if call.client_websocket_url else ""
        if not attempt_id:
            return
        world.log("rings", call.to_number, attempt_id, call.life.ends_as)
        world.oracle.placed(call, attempt_id, now=world.now())
        if call.webhook_url:
            self._send_webhooks(call)
        if call.life.answered_at is not None and world.chance.random() < AGENT_POSTS_ODDS:
            ahead = (call.life.answered_at - world.now()).total_seconds() + 5
            world.loop.call_later(ahead, self._agent_posts, attempt_id, call.to_number)

    def _agent_posts(self, attempt_id, number):
        world = self._world
        effect = world.chance.choice(list(Effect))
        at = "17:00" if effect is Effect.CALL_BACK else None
        posted = Posted(id="once", word="said", effect=effect, call_back_at=at)
        record_result(world.store, attempt_id, posted, now=world.now())
        world.log("result", attempt_id, effect)
        if effect is Effect.DO_NOT_CALL:
            world.oracle.suppressed(number, at=world.now())

    def _send_webhooks(self, call):
        world = self._world
        for change in call.life.changes():
            if world.strikes("webhook_lost", 0.3):
                continue
            ahead = (change.at - world.now()).total_seconds() + 0.2
            if world.strikes("webhook_late", 0.3):
                ahead += world.chance.uniform(1, 400)
            event = f"{call.call_id}:{change.status}"
            for _ in range(2 if world.strikes("webhook_twice", 0.3) else 1):
                world.loop.call_later(ahead, self._store_event, event, str(call.call_id))

    def _store_event(self, event, call_id):
        world = self._world
        kept = CallEvent(id=event, call_id=call_id, received_at=world.now(), body="{}")
        with world.store.transaction() as tx:
            tx.keep_event(kept)
        world.event_stored.set()
        world.event_stored = asyncio.Event()


def attempt_of(request):
    """Return the attempt that a request or a call is for."""
    return request.client_websocket_url.rpartition("inkbatch_attempt=")[2]
