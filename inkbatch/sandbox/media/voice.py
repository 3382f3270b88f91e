"""The callee's voice as frames of 20 ms, sent when they are due."""

import asyncio
from collections import deque
from collections.abc import Iterator

from inkbatch.sandbox.media import events, pcmu
from inkbatch.sandbox.media.agent_line import AgentLine

BEHIND_SECONDS_MAX = 1.0
"""An agent that reads more slowly than people speak misses what is older than that."""

_SILENT_FRAME = events.media(pcmu.silence(pcmu.FRAME_SECONDS))


class CalleeVoice:
    """What the callee says, then silence, frame by frame."""

    def __init__(self) -> None:
        """Begin with silence."""
        self.sent = 0
        self.missed = 0
        self._sounds: deque[Iterator[bytes]] = deque()

    def say(self, sound: bytes) -> None:
        """Queue PCMU, to be sent after what is queued."""
        self._sounds.append(pcmu.frames(sound))

    async def send_to(self, line: AgentLine) -> None:
        """Send a frame every 20 ms until cancelled.

        Each frame has its own moment, counted from the first, so that lateness does not add up.
        """
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            late = loop.time() - due
            if late < 0:
                await asyncio.sleep(-late)
            frame = self._next_frame()
            if late > BEHIND_SECONDS_MAX:
                self.missed += 1
            else:
                await line.send(frame)
                self.sent += 1
            due += pcmu.FRAME_SECONDS

    def _next_frame(self) -> bytes:
        while self._sounds:
            if frame := next(self._sounds[0], None):
                return events.media(frame)
            self._sounds.popleft()
        return _SILENT_FRAME
