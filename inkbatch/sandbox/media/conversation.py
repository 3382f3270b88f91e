"""One talk over one socket: the arithmetic of the talk joined with the agent and with time."""

import asyncio

from inkbatch.sandbox.media import events
from inkbatch.sandbox.media.agent_line import AgentLine
from inkbatch.sandbox.media.pace import Pace
from inkbatch.sandbox.media.talk import Ending, Talk
from inkbatch.sandbox.media.voice import CalleeVoice


class Conversation:
    """Runs a talk until somebody hangs up, the agent is gone, or its time is over."""

    def __init__(self, talk: Talk, *, line: AgentLine, pace: Pace, voice: CalleeVoice) -> None:
        """Join what belongs together."""
        self._talk = talk
        self._line = line
        self._pace = pace
        self._voice = voice

    async def run(self, *, seconds_max: float, has_audio: bool) -> Ending | None:
        """Return who hung up, None where nobody did: the agent is gone, or the time is over.

        With `has_audio` the callee's voice is sent beside the talk.
        """
        if not has_audio:
            return await self._talk_on(seconds_max)
        speaking = asyncio.create_task(self._voice.send_to(self._line))
        try:
            return await self._talk_on(seconds_max)
        finally:
            speaking.cancel()
            await asyncio.wait([speaking])

    async def _talk_on(self, seconds_max: float) -> Ending | None:
        while (now := self._pace.now()) < seconds_max:
            self._talk.advance(now)
            await self._pass_on()
            if self._talk.ending is not None:
                return self._talk.ending
            event = await self._pace.wait(
                self._line,
                until=min(self._talk.next_moment(now), seconds_max),
                is_agent_expected=self._talk.is_agent_expected(now),
            )
            if isinstance(event, events.Dropped):
                if not self._talk.is_hung_up:
                    return None
            elif event is not None:
                self._talk.take(event, now=self._pace.now())
        return None

    async def _pass_on(self) -> None:
        for sound in self._talk.take_sounds():
            self._voice.say(sound)
        for message in self._talk.take_messages():
            await self._line.send(message)
