"""The media stream of one call, from the answer to the moment when it is over."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from inkbatch.sandbox.call import HangupReason, LedgerCall
from inkbatch.sandbox.exchange import Exchange
from inkbatch.sandbox.media import events
from inkbatch.sandbox.media.agent_line import AgentLine, Unreachable, agent_line
from inkbatch.sandbox.media.conversation import Conversation
from inkbatch.sandbox.media.dialogue import Dialogue
from inkbatch.sandbox.media.options import MediaOptions
from inkbatch.sandbox.media.pace import Pace, RunningPace, SkippingPace
from inkbatch.sandbox.media.record import StreamRecord, StreamState
from inkbatch.sandbox.media.talk import NEVER, Ending, Pipelines, Talk
from inkbatch.sandbox.media.voice import CalleeVoice
from inkbatch.sandbox.media.wav import write_recording

PATIENCE_WITHOUT_AGENT = timedelta(seconds=10)
"""How long a callee listens to nothing before it hangs up, if it would not anyway."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long a second of talk takes: of the exchange's time, and of the machine's.

    `skips` lets talks be over at once, their time only counted.
    """

    exchange_seconds: float = 1.0
    machine_seconds: float = 1.0
    skips: bool = False


class Stream:
    """Talks with the agent of one answered call, and ends the call as it was talked."""

    def __init__(
        self,
        call: LedgerCall,
        *,
        exchange: Exchange,
        dialogue: Dialogue,
        options: MediaOptions,
        timing: Timing,
    ) -> None:
        """Get ready to connect."""
        self._call = call
        self._exchange = exchange
        self._dialogue = dialogue
        self._options = options
        self._timing = timing
        self._state = StreamState.CONNECTING
        self._why: str | None = None
        self._talk: Talk | None = None
        self._pace: Pace | None = None
        self._voice = CalleeVoice()
        self._last_record: StreamRecord | None = None
        self._over: asyncio.Future[HangupReason | None] = asyncio.Future()

    def record(self) -> StreamRecord:
        """Return what is known by now."""
        if self._last_record is not None:
            return self._last_record
        talk = self._talk
        return StreamRecord(
            state=self._state,
            why=self._why,
            entries=() if talk is None else talk.transcript.entries(),
            frames_sent=self._voice.sent,
            frames_missed=self._voice.missed,
            messages_ignored=0 if talk is None else talk.ignored,
        )

    def end(self, reason: HangupReason | None) -> None:
        """Take that the call is over, by its own end or because somebody else ended it."""
        if not self._over.done():
            self._close_talk()
            self._over.set_result(reason)

    def refuse(self, why: str) -> None:
        """Leave the callee without an agent, for a reason that is shown."""
        self._state, self._why = StreamState.UNREACHABLE, why
        self._end_without_agent()
        _log.info("sandbox.agent_unreachable call_id=%s", self._call.call_id)

    async def run(self) -> None:
        """Connect, talk and hang up; whatever the agent does, nothing is raised."""
        call = self._call
        try:
            async with agent_line(
                call,
                call.client_websocket_url or "",
                signing_key=self._exchange.organisation(call.organisation).signing_key,
                seconds_max=self._options.connect_timeout.total_seconds(),
            ) as line:
                await self._use(line)
        except Unreachable as unreachable:
            self.refuse(str(unreachable))
        finally:
            self._last_record = self.record()
            self._talk = None  # its audio is large

    async def _use(self, line: AgentLine) -> None:
        pipelines, call_id = line.pipelines, self._call.call_id
        self._exchange.negotiate(call_id, tts=pipelines.tts, stt=pipelines.stt)
        await line.send(events.start(stream_id=str(uuid4()), call_id=str(call_id)))
        if self._timing.skips and not pipelines.are_text:
            self._state, self._why = StreamState.SKIPPED, "audio needs time, which is skipped here"
            self._end_without_agent()
            await line.hang_up(self._own_end_reason())
            return
        self._state = StreamState.TALKING
        ending = await self._converse(line, pipelines)
        await line.hang_up(self._settle(ending))
        await self._keep_recording()

    async def _converse(self, line: AgentLine, pipelines: Pipelines) -> Ending | None:
        self._talk = Talk(
            self._dialogue, pipelines=pipelines, words_per_minute=self._options.words_per_minute
        )
        self._pace = self._start_pace(pipelines)
        conversation = Conversation(self._talk, line=line, pace=self._pace, voice=self._voice)
        talking = asyncio.create_task(
            conversation.run(seconds_max=self._seconds_max(), has_audio=not pipelines.stt)
        )
        try:
            either: list[asyncio.Future[Any]] = [talking, self._over]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            talking.cancel()
            await asyncio.wait([talking])
        return None if talking.cancelled() else talking.result()

    def _settle(self, ending: Ending | None) -> HangupReason | None:
        """Let the call end as the talk did; return the reason that the agent is told."""
        self._close_talk()
        if self._over.done():
            self._state = StreamState.ENDED
            return self._over.result()
        if ending is not None:
            self._state = StreamState.ENDED
            # A machine stays one, whoever hangs up.
            is_machine = self._own_end_reason() is HangupReason.VOICEMAIL
            reason = HangupReason.VOICEMAIL if is_machine else ending.reason
            self._exchange.end_call(self._call.call_id, at=self._moment(ending.at), reason=reason)
            return reason
        if self._moment_now() < self._exchange.placed_call(self._call.call_id).life.ends_at:
            self._state, self._why = StreamState.DROPPED, "the agent closed its socket"
            self._end_without_agent(not_before=self._moment_now() + self._patience())
            return None
        self._state = StreamState.ENDED
        return self._own_end_reason()

    def _close_talk(self) -> None:
        if self._talk is not None and self._pace is not None:
            self._talk.close(self._pace.now())

    def _end_without_agent(self, *, not_before: datetime | None = None) -> None:
        """Let the callee hang up when it would have without any agent."""
        life = self._exchange.placed_call(self._call.call_id).life_without_agent
        if life is None:
            return
        ends_at = life.ends_at if not_before is None else max(life.ends_at, not_before)
        is_of_agent = life.hangup_reason is HangupReason.LOCAL
        reason = HangupReason.REMOTE if is_of_agent else life.hangup_reason
        self._exchange.end_call(self._call.call_id, at=ends_at, reason=reason)

    def _own_end_reason(self) -> HangupReason | None:
        return self._exchange.placed_call(self._call.call_id).life.hangup_reason

    def _start_pace(self, pipelines: Pipelines) -> Pace:
        if self._timing.skips:
            return SkippingPace(patience_seconds=self._options.agent_patience.total_seconds())
        # Voices have one speed; only spoken text can be hurried.
        return RunningPace(scale=self._timing.machine_seconds if pipelines.are_text else 1.0)

    def _seconds_max(self) -> float:
        """Return how much talk fits the call where its time is counted; else its end is told."""
        if not self._timing.skips:
            return NEVER
        talk = self._exchange.placed_call(self._call.call_id).life.ends_at - self._call.updated_at
        return talk.total_seconds() / self._timing.exchange_seconds

    def _moment(self, seconds: float) -> datetime:
        if not self._timing.skips:
            return self._exchange.now()
        return self._call.updated_at + timedelta(seconds=seconds * self._timing.exchange_seconds)

    def _moment_now(self) -> datetime:
        return self._moment(0.0 if self._pace is None else self._pace.now())

    def _patience(self) -> timedelta:
        return PATIENCE_WITHOUT_AGENT * self._timing.exchange_seconds

    async def _keep_recording(self) -> None:
        folder, talk, pace = self._options.recordings, self._talk, self._pace
        heard = talk.recording(pace.now()) if folder and talk and pace else b""
        if folder is not None and heard:
            await asyncio.to_thread(_write, folder / f"{self._call.call_id}.wav", heard)


def _write(path: Path, heard: bytes) -> None:
    try:
        write_recording(path, heard)
    except OSError as error:
        _log.warning("sandbox.recording_not_written path=%s error=%s", path, error)
