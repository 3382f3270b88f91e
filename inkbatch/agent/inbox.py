"""Events of one call that its handler has not taken yet."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from inkbatch.agent.events import AudioReceived, Event, Heard, Stopped


class Inbox(AsyncIterator[Event]):
    """Ends after `Stopped`; one and the same for every loop over it.

    A handler that falls behind loses what the next event replaces anyhow: audio, and transcripts
    that are not final.
    """

    def __init__(self, waiting_max: int) -> None:
        self._waiting: deque[Event] = deque()
        self._waiting_max = waiting_max
        self._arrived = asyncio.Event()
        self._is_over = False

    def put(self, event: Event) -> bool:
        """Add an event; False when so many wait that the handler must have stopped listening."""
        crowded = len(self._waiting) >= self._waiting_max
        if crowded and _may_be_lost(event):
            return True
        if len(self._waiting) >= 2 * self._waiting_max and not isinstance(event, Stopped):
            return False
        self._waiting.append(event)
        self._arrived.set()
        return True

    async def __anext__(self) -> Event:
        """Return the next event, waiting for it."""
        if self._is_over:
            raise StopAsyncIteration
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        event = self._waiting.popleft()
        self._is_over = isinstance(event, Stopped)
        return event


def _may_be_lost(event: Event) -> bool:
    return isinstance(event, AudioReceived) or (isinstance(event, Heard) and not event.is_final)
