"""The agent's words where Inkbox speaks them: a steady number a minute, one after the other."""

import bisect
from collections import deque
from dataclasses import dataclass, field

from inkbatch.sandbox.media.playout import QUEUE_SECONDS_MAX, TURN_LENGTH_MAX, Turn


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
        return Turn(text=first.heard(now), starts_at=first.starts_at, ends_at=now)

    def finish(self, now: float) -> float:
        """Drop an utterance that is not done, and return when the last of the others ends."""
        if self.is_open:
            self._utterances.pop()
        return max(self._utterances[-1].ends_at, now) if self._utterances else now
