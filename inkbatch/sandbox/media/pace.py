"""How the time of a talk passes: with the machine's, a scale apart, or at once."""

import asyncio
from typing import Protocol

from inkbatch.sandbox.media.agent_line import AgentLine
from inkbatch.sandbox.media.events import AgentEvent
from inkbatch.sandbox.media.talk import NEVER

GREETING_SECONDS = 0.1
"""Real time that an agent has to begin by itself when the call is answered."""


class Pace(Protocol):
    """The clock of one talk, in seconds since the answer."""

    def now(self) -> float:
        """Return the present moment of the talk."""

    async def wait(
        self, line: AgentLine, *, until: float, is_agent_expected: bool
    ) -> AgentEvent | None:
        """Return what the agent sends before a moment of the talk, None once that has come."""


class RunningPace:
    """A talk that takes time."""

    def __init__(self, *, scale: float) -> None:
        """Start now; a second of the talk takes `scale` seconds of the machine."""
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._scale = scale

    def now(self) -> float:
        """Return the present moment of the talk."""
        return (self._loop.time() - self._started) / self._scale

    async def wait(
        self,
        line: AgentLine,
        *,
        until: float,
        is_agent_expected: bool,  # noqa: ARG002 (the signature of every pace)
    ) -> AgentEvent | None:
        """Return what the agent sends before a moment of the talk, None once that has come."""
        if not line.inbox.empty():
            return line.inbox.get_nowait()
        deadline = None if until == NEVER else self._started + until * self._scale
        try:
            async with asyncio.timeout_at(deadline):
                return await line.inbox.get()
        except TimeoutError:
            return None


class SkippingPace:
    """A talk that is over as soon as the agent has no more to say; its time is only counted."""

    def __init__(self, *, patience_seconds: float) -> None:
        """Start at the answer; an agent that is expected to speak gets so much real time."""
        self._now = 0.0
        self._patience_seconds = patience_seconds
        self._is_answer = True

    def now(self) -> float:
        """Return the present moment of the talk."""
        return self._now

    async def wait(
        self, line: AgentLine, *, until: float, is_agent_expected: bool
    ) -> AgentEvent | None:
        """Return what the agent sends; else move on to the moment and return None.

        Time stands still for an agent that is expected to speak, until patience runs out, and at
        the answer for a moment, since many an agent greets.
        """
        if not line.inbox.empty() or await line.has_more():
            return line.inbox.get_nowait()
        seconds = self._patience_seconds if is_agent_expected else 0
        if self._is_answer:
            seconds, self._is_answer = max(seconds, GREETING_SECONDS), False
        try:
            async with asyncio.timeout(seconds):
                return await line.inbox.get()
        except TimeoutError:
            self._now = max(self._now, until)
            return None
