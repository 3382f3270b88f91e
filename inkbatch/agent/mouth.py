"""What the agent is saying: one thing at a time, and hushed at once when the callee speaks."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any


class Mouth:
    """Runs one speaking after the other; `hush` stops those under way and those that wait.

    Inkbox does not tell when it has spoken a text, so that is reckoned: so many characters take
    a second.
    """

    def __init__(self, *, characters_per_second: float, monotonic: Callable[[], float]) -> None:
        self._characters_per_second = characters_per_second
        self._monotonic = monotonic
        self._turn = asyncio.Lock()
        self._speaking: set[asyncio.Task[bool]] = set()
        self._hushed = asyncio.Event()
        self._quiet_at = 0.0

    @property
    def is_free(self) -> bool:
        """Whether nothing is being said."""
        return not self._turn.locked()

    @property
    def seconds_left(self) -> float:
        """How long what was sent is still being heard, as far as can be reckoned."""
        return max(0.0, self._quiet_at - self._monotonic())

    def sent(self, text: str) -> None:
        """Note that Inkbox has this much more to speak."""
        self.takes(seconds=len(text) / self._characters_per_second)

    def takes(self, *, seconds: float) -> None:
        """Note that so much more sound is to be heard."""
        self._quiet_at = max(self._quiet_at, self._monotonic()) + seconds

    async def speak_at_once(self, speaking: Coroutine[Any, Any, bool]) -> bool:
        """Run one that waits for nothing but the socket: without a task, if its turn is now."""
        if self._turn.locked():
            return await self.speak(speaking)
        return await self._in_turn(speaking)

    async def speak(self, speaking: Coroutine[Any, Any, bool]) -> bool:
        """Run it in its turn and return what it returns; False when it was hushed."""
        task = asyncio.create_task(self._in_turn(speaking))
        self._speaking.add(task)
        try:
            await asyncio.wait({task})
        finally:
            self._speaking.discard(task)
            task.cancel()  # does nothing to one that is done
        return False if task.cancelled() else task.result()

    def hush(self) -> None:
        """Stop whatever is being said or waits to be."""
        self._quiet_at = 0.0
        self._hushed.set()
        for task in self._speaking:
            task.cancel()

    async def spoken(self, *, seconds_max: float) -> None:
        """Wait until what was sent has been heard, or was hushed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds_max):
                while (left := self.seconds_left) > 0:
                    self._hushed.clear()
                    # Not wait_for: before Python 3.12 it may lose a cancellation.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(left):
                            await self._hushed.wait()

    async def _in_turn(self, speaking: Coroutine[Any, Any, bool]) -> bool:
        try:
            async with self._turn:
                return await speaking
        finally:
            speaking.close()  # one that never had its turn
