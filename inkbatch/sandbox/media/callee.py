"""The callee's mind: which of its lines has its cue now, and how often each was said."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from inkbatch.sandbox.media.dialogue import Dialogue, Line


class Callee:
    """Chooses the first line whose cue has come and that was not said too often yet."""

    def __init__(self, dialogue: Dialogue) -> None:
        """Pick up the phone with all lines unsaid."""
        self._lines = dialogue.lines
        self._times_left = [line.times for line in dialogue.lines]

    def greetings(self) -> list[Line]:
        """Return the lines for the answer, in their order; they are said now."""
        lines = []
        while line := self._take(lambda line: line.is_greeting):
            lines.append(line)
        return lines

    def answer(self, heard: str) -> Line | None:
        """Return what to say to a turn of the agent that is over."""
        return self._take(lambda line: line.hears is not None and bool(line.hears.search(heard)))

    def interruption(self, heard: str) -> Line | None:
        """Return what to say in the middle of the agent's turn, of which so much was heard."""
        if not heard:
            return None
        return self._take(
            lambda line: (
                line.interrupts and line.hears is not None and bool(line.hears.search(heard))
            )
        )

    def may_interrupt(self) -> bool:
        """Tell whether a line is left that does not wait for the end of a turn."""
        return any(line.interrupts for line in self._unsaid())

    def timed(self, now: float) -> Line | None:
        """Return what to say at this time after the answer."""
        return self._take(lambda line: _is_over(line.at, now))

    def next_timed(self) -> float | None:
        """Return when the next line is to be said, whatever happens."""
        return _soonest(line.at for line in self._unsaid())

    def silent(self, seconds: float) -> Line | None:
        """Return what to say after so much silence."""
        return self._take(lambda line: _is_over(line.after_silence, seconds))

    def next_silent(self) -> float | None:
        """Return after how many seconds of silence the next line comes."""
        return _soonest(line.after_silence for line in self._unsaid())

    def _unsaid(self) -> Iterator[Line]:
        pairs = zip(self._lines, self._times_left, strict=True)
        return (line for line, left in pairs if left)

    def _take(self, has_cue: Callable[[Line], bool]) -> Line | None:
        for place, line in enumerate(self._lines):
            if self._times_left[place] and has_cue(line):
                self._times_left[place] -= 1
                return line
        return None


def _is_over(length: timedelta | None, seconds: float) -> bool:
    return length is not None and length.total_seconds() <= seconds


def _soonest(lengths: Iterator[timedelta | None]) -> float | None:
    return min((length.total_seconds() for length in lengths if length is not None), default=None)
