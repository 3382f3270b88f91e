"""The inside of a call: listens to Inkbox, stops speaking when it must, ends exactly once."""

import asyncio
import logging
import time

from inkbatch.agent import frames
from inkbatch.agent.events import Event, Heard, Interrupted, Stopped, read_event
from inkbatch.agent.inbox import Inbox
from inkbatch.agent.limits import Limits
from inkbatch.agent.line import Line
from inkbatch.agent.mouth import Mouth
from inkbatch.agent.pipeline import Pipeline
from inkbatch.agent.transcript import Transcript
from inkbatch.domain.result import Party

AGENT_HANG_UP, DISCONNECTED = "agent_hang_up", "disconnected"
TOO_SLOW = "handler_too_slow"

log = logging.getLogger("inkbatch.agent")


class Conversation:
    """Joins the socket, the events that wait, what is being said, and the transcript."""

    def __init__(
        self, line: Line, *, pipeline: Pipeline, limits: Limits, characters_per_second: float
    ) -> None:
        self.line = line
        self.pipeline = pipeline
        self.inbox = Inbox(limits.events_waiting_max)
        self.mouth = Mouth(characters_per_second=characters_per_second, monotonic=time.monotonic)
        self.transcript = Transcript()
        self.has_ended = False
        self._limits = limits
        self._listening: asyncio.Task[None] | None = None

    def listen(self) -> asyncio.Task[None]:
        """Start to read the socket; the task is done once the call has ended."""
        self._listening = asyncio.create_task(self._listen())
        return self._listening

    async def hang_up(self, *, reason: str = AGENT_HANG_UP) -> None:
        """Ask Inkbox to end the phone call, and end this side; does nothing a second time."""
        if self.has_ended:
            return
        await self.line.send(frames.STOP)
        self._end(reason)

    async def spoken(self) -> None:
        """Wait until what was said should have been heard."""
        await self.mouth.spoken(seconds_max=self._limits.hang_up_wait_seconds_max)

    async def _listen(self) -> None:
        bad_frames = 0
        while not self.has_ended:
            frame = await self.line.receive()
            if frame is None:
                return self._end(DISCONNECTED)
            try:
                event = read_event(frame)
            except ValueError:
                bad_frames += 1
                if bad_frames > self._limits.bad_frames_max:
                    return await self.hang_up(reason="bad_frames")
                continue
            if event is not None:
                await self._happened(event)
        return None

    async def _happened(self, event: Event) -> None:
        match event:
            case Stopped():
                return self._end(event.reason)
            case Interrupted():
                await self._interrupted()
            case Heard(is_final=True):
                self.transcript.note(Party.REMOTE, event.text)
        if not self.inbox.put(event):
            log.warning("agent_handler_too_slow waiting_max=%d", self._limits.events_waiting_max)
            await self.hang_up(reason=TOO_SLOW)
        return None

    async def _interrupted(self) -> None:
        is_playing = not self.pipeline.tts and not self.mouth.is_free
        self.mouth.hush()
        if is_playing:  # Inkbox has stopped its own voice, but plays on what it was sent
            await self.line.send(frames.CLEAR)

    def _end(self, reason: str | None) -> None:
        if self.has_ended:
            return
        self.has_ended = True
        self.mouth.hush()
        self.inbox.put(Stopped(reason=reason))
        if self._listening is not None and self._listening is not asyncio.current_task():
            self._listening.cancel()
