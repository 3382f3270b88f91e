"""A line while the callee is saying it: which words were said by now, and what is told of them."""

import bisect
from dataclasses import dataclass

from inkbatch.sandbox.media import pcmu
from inkbatch.sandbox.media.dialogue import Line

WORDS_PER_PARTIAL = 3


@dataclass(slots=True, kw_only=True)
class Saying:
    """One turn of the callee; moments are seconds since the answer.

    It `is_barging_in` until its first word, if the agent was being heard when it began.
    """

    line: Line
    turn_id: str
    starts_at: float
    word_ends: tuple[float, ...]
    ends_at: float
    is_barging_in: bool
    next_partial: int = 1

    def text(self, now: float) -> str:
        """Return the words that were said by now."""
        return " ".join(self.line.say.split()[: bisect.bisect_right(self.word_ends, now)])

    def next_moment(self) -> float:
        """Return when more is to be told: after the first word, then every third, and all."""
        return min([*self.word_ends[self.next_partial - 1 :][:1], self.ends_at])

    def take_told(self, now: float) -> str:
        """Return what is to be told now: the words so far, or the whole line at its end."""
        text = self.line.say if self.ends_at <= now else self.text(now)
        self.next_partial = len(text.split()) + WORDS_PER_PARTIAL
        return text


def begin_saying(
    line: Line, *, turn_id: str, now: float, word_seconds: float, is_barging_in: bool
) -> Saying:
    """Begin a line; it takes as long as its recording, else as its words."""
    words = len(line.say.split())
    seconds = len(line.recording) / pcmu.SAMPLE_RATE or words * word_seconds
    return Saying(
        line=line,
        turn_id=turn_id,
        starts_at=now,
        word_ends=tuple(now + seconds * (n + 1) / words for n in range(words)),
        ends_at=now + seconds,
        is_barging_in=is_barging_in,
    )
