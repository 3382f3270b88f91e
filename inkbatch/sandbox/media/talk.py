"""A conversation as pure arithmetic: what the agent sends goes in, what it is told comes out.

Moments are seconds since the answer and are given, so the same conversation runs in real time,
sped up, or at once. Nothing here waits, reads a clock or touches a socket.
"""

from collections import deque
from dataclasses import dataclass

from inkbatch.sandbox.call import HangupReason
from inkbatch.sandbox.media import events, pcmu
from inkbatch.sandbox.media.agent_voice import AgentVoice
from inkbatch.sandbox.media.callee import Callee
from inkbatch.sandbox.media.dialogue import Dialogue, Line
from inkbatch.sandbox.media.playout import Playout, Turn
from inkbatch.sandbox.media.saying import Saying, begin_saying
from inkbatch.sandbox.media.spoken_text import SpokenText
from inkbatch.sandbox.media.transcript import Party, Transcript

REACTION_SECONDS = 0.4
"""How long a person takes to begin an answer."""
NEVER = float("inf")
ROUNDING_SECONDS = 1e-6
"""Moments are sums of floats: a cue that is so near has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipelines:
    """Who turns text into speech and speech into text: Inkbox where True, else the agent."""

    tts: bool
    stt: bool

    @property
    def are_text(self) -> bool:
        """Whether no audio passes the stream, so that time can be skipped."""
        return self.tts and self.stt


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One of the two hung up: who, and when."""

    reason: HangupReason
    at: float


class Talk:
    """The state of one conversation, moved on by `take` and `advance`."""

    def __init__(
        self, dialogue: Dialogue, *, pipelines: Pipelines, words_per_minute: float
    ) -> None:
        """Begin at the answer; the callee is about to say hello."""
        self.transcript = Transcript()
        self.ending: Ending | None = None
        self.ignored = 0
        """Messages of the agent that meant nothing, or came when nobody wanted them."""
        self._callee = Callee(dialogue)
        self._pipelines = pipelines
        self._word_seconds = 60 / words_per_minute
        self._text = SpokenText(words_per_minute=words_per_minute)
        self._audio = AgentVoice()
        self._voice: Playout = self._text if pipelines.tts else self._audio
        self._to_say = deque((0.0, greeting) for greeting in self._callee.greetings())
        self._to_answer: list[str] = []
        self._saying: Saying | None = None
        self._turns = 0
        self._is_agent_due = True
        self._quiet_since = 0.0
        self._hangs_up_at = NEVER
        self._messages: list[bytes] = []
        self._sounds: list[bytes] = []

    @property
    def is_hung_up(self) -> bool:
        """Whether the agent has hung up; the call ends once what it said is heard."""
        return self._hangs_up_at < NEVER

    def is_agent_expected(self, now: float) -> bool:
        """Tell whether the callee waits for the agent, so that time should not be skipped."""
        if self._saying is not None or self._to_say or self.is_hung_up:
            return False
        return self._voice.is_open or (self._is_agent_due and self._voice.ends_at <= now)

    def take_messages(self) -> list[bytes]:
        """Return what the agent is to be told since the last time."""
        messages, self._messages = self._messages, []
        return messages

    def take_sounds(self) -> list[bytes]:
        """Return the PCMU that the callee has begun to say since the last time."""
        sounds, self._sounds = self._sounds, []
        return sounds

    def recording(self, now: float) -> bytes:
        """Return the agent's own audio as it was heard, as PCMU."""
        return self._audio.recording(now)

    def take(self, event: events.AgentEvent, *, now: float) -> None:
        """Take what the agent sends."""
        match event:
            case events.SpokenText(delta) if self._pipelines.tts:
                self.ignored += not self._text.add(delta, now=now)
            case events.AgentAudio(audio) if not self._pipelines.tts:
                self.ignored += not self._audio.add(audio, now=now)
            case events.TextDone() if self._pipelines.tts:
                self._end_turn(now)
            case events.AudioDone() if not self._pipelines.tts:
                self._end_turn(now)
            case events.Clear():
                self._cut(now)
            case events.ToldTranscript(party, text) if self._is_told_by_agent(party):
                self.transcript.add(party, text, seconds=now)
                if party is Party.LOCAL:
                    self._audio.tell(text)
            case events.HangUp():
                self._hangs_up_at = self._voice.finish(now)
            case _:
                self.ignored += 1

    def advance(self, now: float) -> None:
        """Let everything happen that is due by now."""
        while self.ending is None and self._step(now):
            pass

    def next_moment(self, now: float) -> float:
        """Return when something is going to happen if the agent sends nothing; NEVER if nothing."""
        moments = [self._hangs_up_at, self._voice.next_moment(now)]
        if self._saying is not None:
            moments.append(self._saying.next_moment())
        else:
            moments += self._moments_of_a_listener(now)
        return min(moment for moment in [NEVER, *moments] if moment is not None)

    def close(self, now: float) -> None:
        """Note what was half said when the call ended."""
        if self._saying is not None and self._pipelines.stt:
            words = self._saying.text(now)
            self.transcript.add(Party.REMOTE, words, seconds=self._saying.starts_at)
        self._saying = None
        self._cut(now)

    def _moments_of_a_listener(self, now: float) -> list[float | None]:
        if self._to_say:
            return [self._to_say[0][0], self._callee.next_timed()]
        wait = self._callee.next_silent()
        return [
            self._callee.next_timed(),
            None if wait is None else self._silent_since() + wait,
            self._voice.next_word(now) if self._callee.may_interrupt() else None,
        ]

    def _step(self, now: float) -> bool:
        """Let one thing happen; return False if nothing is due."""
        if self._hangs_up_at <= now:
            self.ending = Ending(reason=HangupReason.LOCAL, at=self._hangs_up_at)
            return True
        if self._saying is not None and self._saying.next_moment() <= now:
            self._speak_on(self._saying, now)
            return True
        if turn := self._voice.take_finished(now):
            self._hear_out(turn)
            return True
        if self._saying is not None:
            return False
        if line := self._next_line(now):
            self._begin(line, now)
            return True
        return self._find_answer(now)

    def _next_line(self, now: float) -> Line | None:
        if line := self._callee.timed(now):
            return line
        if self._to_say:
            return self._to_say.popleft()[1] if self._to_say[0][0] <= now else None
        if line := self._callee.interruption(self._voice.heard(now)):
            return line
        silence = now - self._silent_since() + ROUNDING_SECONDS
        return self._callee.silent(silence) if not self._to_answer else None

    def _find_answer(self, now: float) -> bool:
        if not self._to_answer or self._to_say:
            return False
        heard = " ".join(self._to_answer)
        self._to_answer.clear()
        if answer := self._callee.answer(heard):
            self._to_say.append((now + REACTION_SECONDS, answer))
        else:
            self._is_agent_due = True
        return True

    def _begin(self, line: Line, now: float) -> None:
        self._turns += 1
        self._saying = begin_saying(
            line,
            turn_id=f"turn-{self._turns}",
            now=now,
            word_seconds=self._word_seconds,
            is_barging_in=self._voice.ends_at > now,
        )
        seconds = self._saying.ends_at - now
        if not self._pipelines.stt and seconds:
            self._sounds.append(line.recording or pcmu.murmur(seconds))

    def _speak_on(self, saying: Saying, now: float) -> None:
        text, is_final = saying.take_told(now), saying.ends_at <= now
        if self._pipelines.stt and text:
            self._barge_in(saying, text, now)
            self._messages.append(
                events.transcript(text, turn_id=saying.turn_id, is_final=is_final)
            )
        if is_final:
            self._fall_silent(saying)

    def _barge_in(self, saying: Saying, text: str, now: float) -> None:
        """Let the first words stop the agent, if it was being heard when the callee began."""
        is_agent_heard = saying.is_barging_in and self._voice.ends_at > now
        saying.is_barging_in = False
        if not is_agent_heard:
            return
        if self._pipelines.tts:
            self._cut(now)
        self._messages.append(
            events.barge_in(text, turn_id=saying.turn_id, tts_interrupted=self._pipelines.tts)
        )

    def _fall_silent(self, saying: Saying) -> None:
        self._saying = None
        self._quiet_since = saying.ends_at
        self._is_agent_due = True
        if self._pipelines.stt:
            self.transcript.add(Party.REMOTE, saying.line.say, seconds=saying.starts_at)
        if saying.line.hangs_up:
            self.ending = Ending(reason=HangupReason.REMOTE, at=saying.ends_at)

    def _end_turn(self, now: float) -> None:
        self._voice.done()
        self._is_agent_due &= self._voice.ends_at <= now

    def _hear_out(self, turn: Turn) -> None:
        self._to_answer.append(turn.text)
        self._note(turn)

    def _cut(self, now: float) -> None:
        if turn := self._voice.clear(now):
            self._note(turn)

    def _note(self, turn: Turn) -> None:
        if self._pipelines.tts:
            self.transcript.add(Party.LOCAL, turn.text, seconds=turn.starts_at)

    def _silent_since(self) -> float:
        return max(self._quiet_since, self._voice.ends_at)

    def _is_told_by_agent(self, party: Party) -> bool:
        return not (self._pipelines.tts if party is Party.LOCAL else self._pipelines.stt)
