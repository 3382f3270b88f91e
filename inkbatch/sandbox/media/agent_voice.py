"""The agent's own audio: what of it was heard, and when."""

from collections import deque
from dataclasses import dataclass

from inkbatch.sandbox.media import pcmu
from inkbatch.sandbox.media.playout import (
    QUEUE_SECONDS_MAX,
    TURN_GAP_SECONDS,
    TURN_LENGTH_MAX,
    Turn,
)


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

    def next_word(self, now: float) -> float | None:  # noqa: ARG002 (the signature of every voice)
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
        self._play_until(now)
        self._queue.clear()
        self._ends_at = min(self._ends_at, now)
        if not self._turns:
            return None
        turn = self._turns[0]
        self._turns.clear()
        return Turn(text=turn.text, starts_at=turn.starts_at, ends_at=now)

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
