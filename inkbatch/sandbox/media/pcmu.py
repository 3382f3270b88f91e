"""PCMU as ITU-T G.711 has it: 8,000 bytes a second, each a sample of about 14 bits.

Both ways are table look-ups, so a whole recording is one numpy operation.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 8_000
"""Samples, and so bytes, in a second."""
FRAME_SECONDS = 0.02
FRAME_BYTES = 160
"""A frame of 20 ms, as telephony sends it."""
SILENCE = b"\xff"
"""One sample of silence."""

_BIAS = 33
_CLIP = 8_158  # of 14 bits: the most that is told apart
_FULL_SCALE = 32_767
_TONE_HERTZ = 440
_WORD_SECONDS = 0.4  # whole periods of the tone, so that words join without a click

Samples = NDArray[np.int16]


def _decoding_table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent, mantissa = (code >> 4) & 7, code & 15
    magnitude = (((mantissa << 1) + _BIAS) << exponent) - _BIAS
    return (np.where(code & 0x80, -magnitude, magnitude) << 2).astype(np.int16)


def _encoding_table() -> NDArray[np.uint8]:
    sample = np.arange(-32_768, 32_768, dtype=np.int32) >> 2
    magnitude = np.minimum(np.abs(sample), _CLIP) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 5
    mantissa = (magnitude >> (exponent + 1)) & 15
    code = ~(np.where(sample < 0, 0x80, 0) | exponent << 4 | mantissa) & 0xFF
    return np.asarray(code, dtype=np.uint8)


_DECODED = _decoding_table()
_ENCODED = _encoding_table()


def encode(samples: Samples) -> bytes:
    """Return 16-bit samples as PCMU, one byte each."""
    return _ENCODED[samples.astype(np.int32) + 32_768].tobytes()


def decode(pcmu: bytes) -> Samples:
    """Return PCMU bytes as 16-bit samples."""
    return _DECODED[np.frombuffer(pcmu, np.uint8)]


def frames(pcmu: bytes) -> Iterator[bytes]:
    """Cut PCMU into frames of 20 ms; the last is filled up with silence."""
    return (
        pcmu[start : start + FRAME_BYTES].ljust(FRAME_BYTES, SILENCE)
        for start in range(0, len(pcmu), FRAME_BYTES)
    )


def silence(seconds: float) -> bytes:
    """Return so much silence as PCMU."""
    return SILENCE * round(seconds * SAMPLE_RATE)


def murmur(seconds: float) -> bytes:
    """Return a tone that swells with each word, for a callee who has words but no recording."""
    count = round(seconds * SAMPLE_RATE)
    return (_MURMURED_WORD * (count // len(_MURMURED_WORD) + 1))[:count]


def _murmured_word() -> bytes:
    moments = np.arange(round(_WORD_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    swell = np.sin(np.pi * moments / _WORD_SECONDS)
    tone = np.sin(2 * np.pi * _TONE_HERTZ * moments)
    return encode((0.3 * _FULL_SCALE * swell * tone).astype(np.int16))


_MURMURED_WORD = _murmured_word()
