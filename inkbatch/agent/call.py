"""A call as the author of an agent sees it."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from inkbatch.agent import frames, pcmu
from inkbatch.agent.conversation import Conversation
from inkbatch.agent.events import Event
from inkbatch.agent.handshake import CallContext
from inkbatch.agent.pipeline import Pipeline
from inkbatch.agent.results import (
    Acknowledgement,
    AttemptFacts,
    Attempts,
    CalledContact,
    Result,
    Results,
    Utterance,
)
from inkbatch.domain.agent_url import ATTEMPT_PARAMETER
from inkbatch.domain.errors import PipelineMismatch, SettingsError, UnknownAttempt
from inkbatch.domain.result import Effect, Party

DELTA_CHARACTERS_MAX = 4_000
SAID_CHARACTERS_MAX = 20_000
PIECE_SECONDS_MAX = 60
"""How long the next piece of a text or sound may take; a model that hangs must not hold a call."""


class AgentCall:
    """One call: loop over `events()`, and answer with `say`, `play`, `clear` and `hang_up`.

    Once the call is over the verbs do nothing and return False, so that no handler needs to
    expect an end at every line. `query` is that of the agent's URL.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        context: CallContext,
        query: Mapping[str, str],
        attempts: Attempts | None,
        results: Results | None,
    ) -> None:
        self.context = context
        self.query = query
        self._conversation = conversation
        self._attempts = attempts
        self._results = results
        self._facts: AttemptFacts | None = None

    @property
    def id(self) -> str | None:
        """Inkbox's id of the call."""
        return self.context.call_id

    @property
    def attempt_id(self) -> str | None:
        """The id by which inkbatch knows this call, None for calls that it did not place."""
        return self.query.get(ATTEMPT_PARAMETER)

    @property
    def pipeline(self) -> Pipeline:
        """What was negotiated."""
        return self._conversation.pipeline

    @property
    def transcript(self) -> tuple[Utterance, ...]:
        """What was said so far, the latest 500 turns; it is posted with the result."""
        return self._conversation.transcript.utterances

    @property
    def has_ended(self) -> bool:
        """Whether the call is over."""
        return self._conversation.has_ended

    @property
    def speech_seconds_left(self) -> float:
        """How long what was said is still being spoken, as far as can be reckoned."""
        return self._conversation.mouth.seconds_left

    def events(self) -> AsyncIterator[Event]:
        """Return what happens, in order, up to and with `Stopped`; a second loop goes on."""
        return self._conversation.inbox

    async def say(self, text: str | AsyncIterable[str]) -> bool:
        """Let Inkbox speak a text, or the pieces of one as a language model yields them.

        Returns once all of it is sent; False where the callee interrupted, or the call ended.
        Raises PipelineMismatch where Inkbox does not speak, ValueError beyond 20,000 characters,
        TimeoutError when the next piece takes a minute, and what the pieces' iterator raises.
        """
        if not self.pipeline.tts:
            raise PipelineMismatch(
                f"say needs Inkbox's text-to-speech, and the pipeline is {self.pipeline}; use play"
            )
        if self.has_ended:
            return False
        if isinstance(text, str):
            return await self._conversation.mouth.speak_at_once(self._say(_pieces(text)))
        return await self._conversation.mouth.speak(self._say(text))

    async def play(self, audio: bytes | AsyncIterable[bytes], *, text: str | None = None) -> bool:
        """Send sound in frames of 20 ms, in real time: PCMU, a WAV file, or pieces of PCMU.

        `text` is what the sound says, for the transcript. Returns once all was played; False where
        the callee interrupted, `clear` was called, or the call ended. Raises PipelineMismatch
        where Inkbox speaks, ValueError for a WAV of another form or more than ten minutes.
        """
        if self.pipeline.tts:
            raise PipelineMismatch(
                f"play needs a pipeline in which the agent speaks, not {self.pipeline}; use say"
            )
        if self.has_ended:
            return False
        if text is not None:
            self._conversation.transcript.note(Party.LOCAL, text)
        if isinstance(audio, bytes):
            audio = pcmu.as_pcmu(audio)
            self._conversation.mouth.takes(seconds=len(audio) / pcmu.SAMPLES_PER_SECOND)
        return await self._conversation.mouth.speak(self._play(audio))

    async def clear(self) -> bool:
        """Stop speaking, and let Inkbox drop what it has not yet spoken or played."""
        self._conversation.mouth.hush()
        return await self._conversation.line.send(frames.CLEAR)

    async def report_heard(
        self, text: str, *, is_final: bool = True, turn_id: str | None = None
    ) -> bool:
        """Tell Inkbox what the agent's own speech-to-text understood."""
        if is_final:
            self._conversation.transcript.note(Party.REMOTE, text)
        frame = frames.transcript(text, is_final=is_final, turn_id=turn_id)
        return await self._conversation.line.send(frame)

    async def hang_up(self, *, at_once: bool = False) -> None:
        """End the phone call, by default once what was said should have been heard."""
        if not at_once:
            await self._conversation.spoken()
        await self._conversation.hang_up()

    async def facts(self) -> AttemptFacts:
        """Return what inkbatch knows of this attempt; it is asked once.

        Raises UnknownAttempt for a call that names no attempt or an unknown one, SettingsError
        where the agent was given nobody to ask, and what asking raises.
        """
        if self._facts is None:
            if self._attempts is None:
                raise _nobody_to_ask("contacts")
            self._facts = await self._attempts.attempt(self._known_attempt())
        return self._facts

    async def contact(self) -> CalledContact:
        """Return whom this call is to; raises what `facts` raises."""
        return (await self.facts()).contact

    async def post_result(
        self,
        result: str | Result,
        *,
        effect: Effect = Effect.NONE,
        call_back_at: datetime | str | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> Acknowledgement:
        """Tell inkbatch what came of the call, with the transcript so far.

        Raises ValueError for a result that could not be taken, UnknownAttempt, ResultRefused,
        ResultsUnavailable, and SettingsError where the agent was given no results.
        """
        if self._results is None:
            raise _nobody_to_ask("results")
        if isinstance(result, str):
            result = Result(
                result=result,
                effect=effect,
                call_back_at=call_back_at,
                fields=fields or {},
                transcript=self.transcript,
            )
        return await self._results.post(self._known_attempt(), result)

    def _known_attempt(self) -> str:
        if self.attempt_id is None:
            raise UnknownAttempt(
                f"the agent's URL of this call has no {ATTEMPT_PARAMETER}: inkbatch did not "
                "place it, so it knows neither contact nor result"
            )
        return self.attempt_id

    async def _say(self, pieces: AsyncIterable[str]) -> bool:
        line, mouth, said = self._conversation.line, self._conversation.mouth, ""
        iterator = aiter(pieces)
        try:
            while (piece := await _next(iterator)) is not None:
                said += piece
                if len(said) > SAID_CHARACTERS_MAX:
                    raise ValueError(f"more than {SAID_CHARACTERS_MAX} characters at once")
                if piece and not await line.send(frames.text_delta(piece)):
                    return False
                mouth.sent(piece)
        finally:
            # Also after an interruption: else Inkbox would take the next text for more of this.
            if said:
                self._conversation.transcript.note(Party.LOCAL, said)
            if said and not self.has_ended:
                await line.send(frames.TEXT_DONE)
        return not self.has_ended

    async def _play(self, audio: bytes | AsyncIterable[bytes]) -> bool:
        line, loop = self._conversation.line, asyncio.get_running_loop()
        due = loop.time()
        async for frame in pcmu.frames(audio):
            await asyncio.sleep(due - loop.time())
            if not await line.send(frames.media(frame)):
                return False
            # A source that was slow plays on from now; it is not caught up with in a burst.
            due = max(due, loop.time() - pcmu.FRAME_SECONDS) + pcmu.FRAME_SECONDS
        return await line.send(frames.AUDIO_DONE)


async def _pieces(text: str) -> AsyncIterator[str]:
    for start in range(0, len(text), DELTA_CHARACTERS_MAX):
        yield text[start : start + DELTA_CHARACTERS_MAX]


async def _next(pieces: AsyncIterator[str]) -> str | None:
    async with asyncio.timeout(PIECE_SECONDS_MAX):
        return await anext(pieces, None)


def _nobody_to_ask(what: str) -> SettingsError:
    return SettingsError(
        f"this agent was made without {what}: give agent_app {what}=results_client(), with "
        "INKBATCH_AGENT_TOKEN set"
    )
