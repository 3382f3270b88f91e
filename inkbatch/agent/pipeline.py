"""Who turns speech into text and text into speech: Inkbox or the agent."""

from enum import StrEnum


class Pipeline(StrEnum):
    """What the agent asks for in its answer to the handshake.

    Inkbox then hears for the agent (speech-to-text), speaks for it (text-to-speech), both or none.
    """

    TEXT = "text"  # Inkbox hears and speaks: the agent reads and writes text
    AUDIO = "audio"  # the agent hears and speaks by itself: PCMU both ways
    HEARS_TEXT = "hears_text"  # Inkbox hears; the agent plays audio
    SPEAKS_TEXT = "speaks_text"  # Inkbox speaks; the agent hears audio

    @property
    def tts(self) -> bool:
        """Whether Inkbox speaks what the agent writes."""
        return self in (Pipeline.TEXT, Pipeline.SPEAKS_TEXT)

    @property
    def stt(self) -> bool:
        """Whether Inkbox writes down what the callee says."""
        return self in (Pipeline.TEXT, Pipeline.HEARS_TEXT)

    @property
    def response_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of the handshake's answer that tell Inkbox so."""
        return [
            (b"x-use-inkbox-text-to-speech", b"true" if self.tts else b"false"),
            (b"x-use-inkbox-speech-to-text", b"true" if self.stt else b"false"),
        ]
