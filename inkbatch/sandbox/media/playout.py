"""The agent's voice on its way to the callee's ear: what was sent, and how much of it was heard.

Moments are seconds since the answer. Nothing here waits or ticks: whatever is queued begins when
what was queued before it has been heard, and the rest is arithmetic.
"""

import bisect
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from inkbatch.sandbox.media import pcmu

QUEUE_SECONDS_MAX = 300
"""What an agent sends further ahead of its own voice is dropped."""
TURN_LENGTH_MAX = 20_000
"""Characters of one turn; what an agent sends beyond that without an end is dropped."""
TURN_GAP_SECONDS = 0.8
"""After so long a pause an agent that tells no end of its audio is taken to have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What the callee heard of one turn of the agent, and when; cut if it was interrupted."""

    text: str
    starts_at: float
    ends_at: float
    is_cut: bool = False


class Playout(Protocol):
    """The agent's voice, whoever makes it."""

    @property
    def ends_at(self) -> float:
        """When everything that is queued will have been heard, or was."""

    @property
    def is_open(self) -> bool:
        """Whether the agent has begun a turn and not told its end."""

    def heard(self, now: float) -> str:
        """Return the words of the present turn that were heard by now."""

    def next_moment(self, now: float) -> float | None:
        """Return when the present turn ends, None if there is none or its end is not known."""

    def next_word(self, now: float) -> float | None:
        """Return when the callee will have heard one word more, None where words are unknown."""

    def take_finished(self, now: float) -> Turn | None:
        """Return the first turn that has been heard to its end, and forget it."""

    def clear(self, now: float) -> Turn | None:
        """Drop all that was not heard yet; return the turn that was cut short, if one was."""

    def done(self) -> None:
        """Take the end of a turn."""

    def finish(self, now: float) -> float:
        """Drop what is no complete turn, and return when the last complete one will be heard."""


@dataclass(slots=True, kw_only=True)
class _Utterance:
    starts_at: float
    text: str = ""
    word_ends: list[float] = field(default_factory=list)
    is_done: bool = False

    @property
    def ends_at(self) -> float:
        return self.word_ends[-1] if self.word_ends else self.starts_at

    def heard(self, now: float) -> str:
        return " ".join(self.text.split()[: bisect.bisect_right(self.word_ends, now)])


class SpokenText:
    """Text that Inkbox speaks for the agent, at a steady number of words a minute."""

    def __init__(self, *, words_per_minute: float) -> None:
        """Begin with nothing to say."""
        self._word_seconds = 60 / words_per_minute
        self._utterances: deque[_Utterance] = deque()
        self._ends_at = 0.0

    @property
    def ends_at(self) -> float:
        """When everything that is queued will have been heard, or was."""
        return self._ends_at

    @property
    def is_open(self) -> bool:
        """Whether the agent has begun an utterance and not told its end."""
        return bool(self._utterances) and not self._utterances[-1].is_done

    def add(self, delta: str, *, now: float) -> bool:
        """Queue a piece of text; return False, and drop it, where too much is queued."""
        begins = max(self._ends_at, now)
        if begins - now > QUEUE_SECONDS_MAX:
            return False
        if not self.is_open:
            self._utterances.append(_Utterance(starts_at=begins))
        utterance = self._utterances[-1]
        if len(utterance.text) + len(delta) > TURN_LENGTH_MAX:
            return False
        utterance.text += delta
        more = len(utterance.text.split()) - len(utterance.word_ends)
        utterance.word_ends += [begins + n * self._word_seconds for n in range(1, more + 1)]
        self._ends_at = max(self._ends_at, utterance.ends_at)
        return True

    def done(self) -> None:
        """Take the end of an utterance."""
        if self._utterances:
            self._utterances[-1].is_done = True

    def heard(self, now: float) -> str:
        """Return the words of the first unfinished utterance that were heard by now."""
        return self._utterances[0].heard(now) if self._utterances else ""

    def next_moment(self, now: float) -> float | None:
        """Return when the first utterance ends; None while the agent is still sending it."""
        if not self._utterances or not self._utterances[0].is_done:
            return None
        return max(self._utterances[0].ends_at, now)

    def next_word(self, now: float) -> float | None:
        """Return when the next word will have been heard."""
        for utterance in self._utterances:
            if (place := bisect.bisect_right(utterance.word_ends, now)) < len(utterance.word_ends):
                return utterance.word_ends[place]
        return None

    def take_finished(self, now: float) -> Turn | None:
        """Return the first utterance that is complete and heard."""
        first = self._utterances[0] if self._utterances else None
        if first is None or not first.is_done or first.ends_at > now:
            return None
        self._utterances.popleft()
        return Turn(text=first.text, starts_at=first.starts_at, ends_at=first.ends_at)

    def clear(self, now: float) -> Turn | None:
        """Drop what was not heard; the words of the utterance under way that were are a turn."""
        if not self._utterances:
            return None
        first = self._utterances[0]
        self._utterances.clear()
        self._ends_at = min(self._ends_at, now)
        is_cut = first.ends_at > now
        return Turn(text=first.heard(now), starts_at=first.starts_at, ends_at=now, is_cut=is_cut)

    def finish(self, now: float) -> float:
        """Drop an utterance that is not done, and return when the last of the others ends."""
        if self.is_open:
            self._utterances.pop()
        return max(self._utterances[-1].ends_at, now) if self._utterances else now


@dataclass(slots=True, kw_only=True)
class _AudioTurn:
    starts_at: float
    ends_at: float
    text: str = ""
    is_done: bool = False

    @property
    def closes_at(self) -> float:
        return self.ends_at + (0 if self.is_done else TURN_GAP_SECONDS)


class AgentVoice:
    """Audio that the agent makes itself; its words are known as far as the agent tells them."""

    def __init__(self) -> None:
        """Begin with silence."""
        self._turns: deque[_AudioTurn] = deque()
        self._queue: deque[tuple[float, bytes]] = deque()
        self._played: list[tuple[float, bytes]] = []
        self._ends_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the agent has begun a turn and not told its end."""
        return bool(self._turns) and not self._turns[-1].is_done

    def add(self, audio: bytes, *, now: float) -> bool:
        """Queue PCMU; return False, and drop it, where too much is queued."""
        starts_at = max(self._ends_at, now)
        if starts_at - now > QUEUE_SECONDS_MAX:
            return False
        if not self.is_open:
            self._turns.append(_AudioTurn(starts_at=starts_at, ends_at=starts_at))
        self._queue.append((starts_at, audio))
        self._ends_at = starts_at + len(audio) / pcmu.SAMPLE_RATE
        self._turns[-1].ends_at = self._ends_at
        return True

    def done(self) -> None:
        """Take the end of a turn of audio."""
        if self._turns:
            self._turns[-1].is_done = True

    def tell(self, words: str) -> None:
        """Take from the agent which words its latest audio has, unless it was heard already."""
        if self._turns:
            self._turns[-1].text = f"{self._turns[-1].text} {words}".strip()[:TURN_LENGTH_MAX]

    @property
    def ends_at(self) -> float:
        """When everything that is queued will have been heard, or was."""
        return self._ends_at

    def heard(self, now: float) -> str:
        """Return the words told of the present turn, once it is heard at all."""
        return self._turns[0].text if self._turns and self._turns[0].starts_at < now else ""

    def next_moment(self, now: float) -> float | None:
        """Return when the present turn ends: at its told end, else after a pause."""
        return max(self._turns[0].closes_at, now) if self._turns else None

    def next_word(self, now: float) -> float | None:  # noqa: ARG002
        """Return None: nobody tells when a word of the audio is said."""
        return None

    def take_finished(self, now: float) -> Turn | None:
        """Return the first turn, once it has been heard."""
        if not self._turns or self._turns[0].closes_at > now:
            return None
        turn = self._turns.popleft()
        return Turn(text=turn.text, starts_at=turn.starts_at, ends_at=turn.ends_at)

    def clear(self, now: float) -> Turn | None:
        """Drop the audio that was not heard yet."""
        was_speaking = self._ends_at > now
        self._play_until(now)
        self._queue.clear()
        self._ends_at = min(self._ends_at, now)
        if not self._turns:
            return None
        turn = self._turns[0]
        self._turns.clear()
        return Turn(text=turn.text, starts_at=turn.starts_at, ends_at=now, is_cut=was_speaking)

    def finish(self, now: float) -> float:
        """Drop a turn that is not done, and return when the last of the others ends."""
        if self.is_open:
            self._turns.pop()
        return max(self._turns[-1].ends_at, now) if self._turns else now

    def recording(self, now: float) -> bytes:
        """Return everything that was heard by now, with the silence between."""
        self._play_until(now)
        heard = bytearray()
        for starts_at, audio in self._played:
            heard += pcmu.SILENCE * max(round(starts_at * pcmu.SAMPLE_RATE) - len(heard), 0)
            heard += audio
        return bytes(heard)

    def _play_until(self, now: float) -> None:
        while self._queue and self._queue[0][0] < now:
            starts_at, audio = self._queue.popleft()
            samples = round((now - starts_at) * pcmu.SAMPLE_RATE)
            self._played.append((starts_at, audio[:samples]))
            if samples < len(audio):
                rest_at = starts_at + samples / pcmu.SAMPLE_RATE
                self._queue.appendleft((rest_at, audio[samples:]))
                return
