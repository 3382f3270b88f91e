"""Sound as Inkbox carries it: G.711 mu-law, one channel, 8 kHz, in frames of 20 ms."""

import io
import math
import wave
from collections.abc import AsyncIterable, AsyncIterator
from functools import cache

import numpy as np

SAMPLES_PER_SECOND = 8_000
FRAME_SECONDS = 0.02
FRAME_BYTES = 160
SILENCE = b"\xff"
AUDIO_BYTES_MAX = 10 * 60 * SAMPLES_PER_SECOND
"""Ten minutes; nobody listens longer to one recording."""

BIAS, CLIP = 33, 8_158


def as_pcmu(audio: bytes) -> bytes:
    """Return PCMU for PCMU (anything that does not begin as a WAV file) or for a WAV file.

    Raises ValueError for a WAV of another form than 16 bits, one channel, 8 kHz, and for more
    than ten minutes.
    """
    pcmu = _from_wav(audio) if audio[:4] == b"RIFF" else audio
    if len(pcmu) > AUDIO_BYTES_MAX:
        raise ValueError(f"the audio lasts longer than {AUDIO_BYTES_MAX // 8_000} seconds")
    return pcmu


def tone(hertz: float, seconds: float) -> bytes:
    """Return a sine tone at a quarter of full volume, as PCMU."""
    count = round(seconds * SAMPLES_PER_SECOND)
    turns = np.arange(count) * (2 * math.pi * hertz / SAMPLES_PER_SECOND)
    return _encoded((np.sin(turns) * 8_192).astype(np.int16))


def level(pcmu: bytes) -> float:
    """Return how loud it is: the mean of the samples without their signs, from 0 to 32,124."""
    return float(_levels()[np.frombuffer(pcmu, np.uint8)].mean()) if pcmu else 0.0


async def frames(audio: bytes | AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Yield frames of 160 bytes; the last is filled up with silence."""
    pending = b""
    async for piece in _pieces(audio):
        pending += piece
        whole = len(pending) - len(pending) % FRAME_BYTES
        for start in range(0, whole, FRAME_BYTES):
            yield pending[start : start + FRAME_BYTES]
        pending = pending[whole:]
    if pending:
        yield pending.ljust(FRAME_BYTES, SILENCE)


async def _pieces(audio: bytes | AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    if isinstance(audio, bytes):
        yield audio
        return
    total = 0
    async for piece in audio:
        total += len(piece)
        if total > AUDIO_BYTES_MAX:
            raise ValueError(f"the audio lasts longer than {AUDIO_BYTES_MAX // 8_000} seconds")
        yield piece


def _from_wav(audio: bytes) -> bytes:
    wanted = "a WAV must have 16 bits, one channel and 8,000 samples a second"
    hint = "convert it, for example: ffmpeg -i in.wav -ac 1 -ar 8000 -c:a pcm_s16le out.wav"
    try:
        with wave.open(io.BytesIO(audio)) as file:
            form = file.getsampwidth(), file.getnchannels(), file.getframerate()
            if form == (2, 1, SAMPLES_PER_SECOND):
                samples = file.readframes(AUDIO_BYTES_MAX + 1)
                return _encoded(np.frombuffer(samples[: len(samples) // 2 * 2], "<i2"))
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{wanted}, and this one cannot be read ({error}); {hint}") from error
    width, channels, rate = form
    raise ValueError(
        f"{wanted}; this one has {8 * width} bits, {channels} channels and {rate:,}: {hint}"
    )


def _encoded(samples: np.ndarray) -> bytes:
    """Encode as ITU-T G.711 says: of 14 bits, sign, exponent and mantissa, all inverted."""
    wide = samples.astype(np.int32) >> 2
    sign = np.where(wide < 0, 0x80, 0)
    biased = np.minimum(np.abs(wide), CLIP) + BIAS
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 5
    mantissa = (biased >> (exponent + 1)) & 0x0F
    code = ~(sign | (exponent << 4) | mantissa) & 0xFF
    return bytes(code.astype(np.uint8))


@cache
def _levels() -> np.ndarray:
    """Return the loudness of each of the 256 codes."""
    code = ~np.arange(256) & 0xFF
    exponent, mantissa = (code >> 4) & 0x07, code & 0x0F
    return ((((mantissa << 1) + BIAS) << exponent) - BIAS) << 2
