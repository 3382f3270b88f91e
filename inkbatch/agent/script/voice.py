"""Whether the callee speaks, where nobody writes down the words: by loudness alone."""

from inkbatch.agent import pcmu

LOUD = 400.0
"""Mean level that counts as speech; a telephone line at rest stays below 100."""

SPEECH_SECONDS, PAUSE_SECONDS = 0.2, 0.7


class VoiceDetector:
    """Fed with all the callee's sound, tells when an utterance has just ended."""

    def __init__(self) -> None:
        self._spoken_seconds = 0.0
        self._quiet_seconds = 0.0

    @property
    def is_speaking(self) -> bool:
        """Whether an utterance has begun and not ended."""
        return self._spoken_seconds >= SPEECH_SECONDS

    def utterance_ends(self, sound: bytes) -> bool:
        """Take the next sound (PCMU); True once a pause follows at least 0.2 s of speech."""
        seconds = len(sound) / pcmu.SAMPLES_PER_SECOND
        if pcmu.level(sound) >= LOUD:
            self._spoken_seconds += seconds
            self._quiet_seconds = 0.0
            return False
        self._quiet_seconds += seconds
        if self._quiet_seconds < PAUSE_SECONDS:
            return False
        ended = self.is_speaking
        self._spoken_seconds = 0.0
        return ended
