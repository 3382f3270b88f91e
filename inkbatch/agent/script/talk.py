"""One call of the scripted agent, from step to step until somebody hangs up."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from inkbatch.agent.call import AgentCall
from inkbatch.agent.events import AudioReceived, Event, Heard, Started, Stopped
from inkbatch.agent.results import CalledContact
from inkbatch.agent.script.answers import DO_NOT_CALL, recognised
from inkbatch.agent.script.clock_times import call_back_at
from inkbatch.agent.script.document import HEARD, StepTable
from inkbatch.agent.script.filling import filled
from inkbatch.agent.script.loading import Script
from inkbatch.agent.script.voice import VoiceDetector
from inkbatch.domain.result import Effect
from inkbatch.ports import Clock

OPTED_OUT = StepTable(
    say="I will not call again. Good-bye.", result="do_not_call", effect=Effect.DO_NOT_CALL
)
"""Where a script does not say it: whoever asks not to be called is never called again."""

STEPS_MAX = 200
"""A script whose steps lead in a circle does not hold a call for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a talk, as it is posted."""

    result: str
    effect: Effect = Effect.NONE
    call_back_at: datetime | str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


HUNG_UP = Outcome(result="hung_up")
GAVE_UP = Outcome(result="not_understood")


class Talk:
    """Says steps and listens; `outcome` is what the latest step with a result made of it.

    A result without an effect replaces none with one, and an opt-out stands whatever follows.

    `reached` is told each outcome as soon as it stands.
    """

    def __init__(
        self,
        call: AgentCall,
        script: Script,
        *,
        contact: CalledContact,
        clock: Clock,
        reached: Callable[[Outcome], None],
    ) -> None:
        self._call = call
        self._script = script
        self._contact = contact
        self._clock = clock
        self._reached = reached
        self._events = call.events()
        self._voice = VoiceDetector()
        self._said_time: datetime | str | None = None
        self._speaking: asyncio.Task[bool] | None = None
        self.outcome: Outcome | None = None

    async def run(self) -> None:
        """Talk until the call is over, once the media stream has started."""
        event: Event | None = None
        while not isinstance(event, Started | Stopped):
            event = await anext(self._events)
        if isinstance(event, Started):
            await self._walk()

    async def _walk(self) -> None:
        document = self._script.document
        name: str | None = document.first_step
        tries = 0
        for _ in range(STEPS_MAX):
            if name is None or self._call.has_ended:
                break
            following = await self._step(name, document.steps.get(name, OPTED_OUT))
            tries = tries + 1 if following == name else 0
            if tries >= document.tries:
                self.outcome = self.outcome or GAVE_UP
                following, tries = document.give_up, 0
            name = following
        await self._call.hang_up()

    async def _step(self, name: str, step: StepTable) -> str | None:
        """Say it, and return the step that follows: its own name to say it again, None to end."""
        self._arrive(step)
        self._speaking = speaking = asyncio.create_task(self._speak(name, step))
        await asyncio.sleep(0)  # so that it has begun
        try:
            following = await self._listen(name, step)
            if self._is_speaking and following is not None:
                await self._call.clear()
        finally:
            if self._call.has_ended:
                speaking.cancel()
            await asyncio.wait({speaking})
        if not speaking.cancelled():
            speaking.result()
        return following

    @property
    def _is_speaking(self) -> bool:
        if self._call.pipeline.tts:  # all is sent at once, and spoken later
            return self._call.speech_seconds_left > 0
        return self._speaking is not None and not self._speaking.done()

    async def _speak(self, name: str, step: StepTable) -> bool:
        text = None if step.say is None else filled(step.say, self._contact.fields)
        if self._call.pipeline.tts:
            return await self._call.say(text or "")
        sound = self._script.sounds.get(name)
        return sound is None or await self._call.play(sound, text=text)

    async def _listen(self, name: str, step: StepTable) -> str | None:
        """Return the step that the callee's answer leads to; silence says this one again."""
        targets = self._targets(step)
        patience = self._script.document.silence_seconds if step.on else 0.0
        while (said := await self._heard(patience)) is not None:
            following = self._following(said, targets)
            if following is not None:
                return following
            # While the agent still speaks it was a hello, or a word to somebody else.
            if step.on and not self._is_speaking:
                return step.otherwise or name
        return name if step.on and not self._call.has_ended else None

    async def _heard(self, patience: float) -> str | None:
        """Return what the callee says next; None after so many seconds of silence, or the end.

        Where nobody writes down the words, the text is empty.
        """
        loop = asyncio.get_running_loop()
        quiet_at = loop.time() + self._call.speech_seconds_left + patience
        while True:
            try:
                async with asyncio.timeout_at(quiet_at):
                    event = await anext(self._events, None)
            except TimeoutError:
                return None
            match event:
                case None | Stopped():
                    return None
                case Heard(is_final=True):
                    return event.text
                case AudioReceived() if self._voice.utterance_ends(event.pcmu):
                    return ""
                case AudioReceived() if not self._voice.is_speaking:
                    continue
            quiet_at = loop.time() + self._call.speech_seconds_left + patience

    def _following(self, text: str, targets: Mapping[str, str]) -> str | None:
        answer = recognised(text, among=targets, phrases=self._script.phrases)
        if answer is None:
            return None
        said = call_back_at(text, now=self._clock.now(), zones=self._contact.zones)
        if said is not None and answer != DO_NOT_CALL:
            self._said_time = said
        return targets[answer]

    def _targets(self, step: StepTable) -> dict[str, str]:
        """Return where each answer leads; a last step listens for what always counts."""
        if step.effect is Effect.DO_NOT_CALL:
            return dict(step.on)
        return {DO_NOT_CALL: "", **self._script.document.always, **step.on}

    def _arrive(self, step: StepTable) -> None:
        """Take the step's result, unless one stands that must not get lost."""
        before = Effect.NONE if self.outcome is None else self.outcome.effect
        is_weaker = step.effect is Effect.NONE and before is not Effect.NONE
        if step.result is None or is_weaker or before is Effect.DO_NOT_CALL:
            return
        when = self._call_back_at(step) if step.effect is Effect.CALL_BACK else None
        self.outcome = Outcome(
            result=step.result,
            effect=step.effect,
            call_back_at=when,
            fields={name: filled(text, self._contact.fields) for name, text in step.fields.items()},
        )
        self._reached(self.outcome)

    def _call_back_at(self, step: StepTable) -> datetime | str:
        if step.call_back_at in (HEARD, None):
            return self._said_time or self._clock.now() + step.call_back_after
        return str(step.call_back_at)
