"""What was said on a call, as far back as a result can carry it."""

import time
from collections import deque

from inkbatch.agent.results import (
    TEXT_CHARACTERS_MAX,
    TRANSCRIPT_CHARACTERS_MAX,
    TRANSCRIPT_MAX,
    Utterance,
)
from inkbatch.domain.result import Party


class Transcript:
    """The latest turns of both sides; the oldest go once there are too many or too long ones."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._utterances: deque[Utterance] = deque()
        self._characters = 0

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """Return them in the order in which they were said."""
        return tuple(self._utterances)

    def note(self, party: Party, text: str) -> None:
        """Add what was said now; beyond 2,000 characters it is cut off."""
        ts_ms = round((time.monotonic() - self._began) * 1000)
        said = Utterance(party=party, text=text[:TEXT_CHARACTERS_MAX], ts_ms=ts_ms)
        self._utterances.append(said)
        self._characters += len(said.text)
        while (
            len(self._utterances) > TRANSCRIPT_MAX or self._characters > TRANSCRIPT_CHARACTERS_MAX
        ):
            self._characters -= len(self._utterances.popleft().text)
