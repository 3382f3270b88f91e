"""Sound as Inkbox carries it."""

import io
import math
import wave
from array import array
from itertools import pairwise

import pytest

from inkbatch.agent import pcmu

REFERENCE = {
    -32768: 0x00, -32124: 0x00, -31608: 0x01, -8159: 0x1F, -1000: 0x4E, -100: 0x72, -1: 0x7E,
    0: 0xFF, 4: 0xFE, 100: 0xF2, 1000: 0xCE, 8159: 0x9F, 31608: 0x81, 32767: 0x80,
}  # fmt: skip
"""Samples and their codes by the reference implementation of G.711 (16 bits, mu-law)."""


def wav(samples, *, rate=8000, channels=1, width=2):
    """Return a WAV file with these samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(samples)
    return file.getvalue()


async def frames_of(audio):
    return [frame async for frame in pcmu.frames(audio)]


def test_a_wav_file_is_encoded_as_g711_says():
    """Sample by sample, the extremes included."""
    samples = array("h", REFERENCE)
    assert list(pcmu.as_pcmu(wav(samples.tobytes()))) == list(REFERENCE.values())


def test_sound_that_is_pcmu_stays_as_it_is():
    """Anything that does not begin as a WAV file does."""
    assert pcmu.as_pcmu(b"\x00\xff\x7f") == b"\x00\xff\x7f"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"rate": 44_100}, "44,100"),
        ({"channels": 2}, "2 channels"),
        ({"width": 1}, "8 bits"),
    ],
)
def test_a_wav_of_another_form_is_refused_with_what_to_do(form, told):
    """A wrong rate would be played as a growl; nothing is resampled in silence."""
    with pytest.raises(ValueError, match="ffmpeg") as error:
        pcmu.as_pcmu(wav(bytes(8), **form))
    assert told in str(error.value)


@pytest.mark.parametrize("broken", [b"RIFF", b"RIFF\x00\x00\x00\x00WAVEfmt ", wav(bytes(8))[:40]])
def test_a_broken_wav_is_refused(broken):
    """Also one that ends in the middle of its head."""
    with pytest.raises(ValueError, match="ffmpeg"):
        pcmu.as_pcmu(broken)


def test_more_than_ten_minutes_are_refused():
    """As PCMU and as a WAV file."""
    with pytest.raises(ValueError, match="600 seconds"):
        pcmu.as_pcmu(bytes(pcmu.AUDIO_BYTES_MAX + 1))
    with pytest.raises(ValueError, match="600 seconds"):
        pcmu.as_pcmu(wav(bytes(2 * pcmu.AUDIO_BYTES_MAX + 2)))


async def test_frames_hold_20_ms_each():
    """The last one is filled up with silence; no sound gives no frame."""
    assert await frames_of(b"\x01" * 321) == [
        b"\x01" * 160,
        b"\x01" * 160,
        b"\x01" + b"\xff" * 159,
    ]
    assert await frames_of(b"") == []


async def test_a_stream_of_sound_has_a_limit():
    """A source in a loop does not play for ever."""

    async def endless():
        while True:
            yield bytes(1_000_000)

    with pytest.raises(ValueError, match="600 seconds"):
        await frames_of(endless())


def test_a_tone_has_its_length_its_pitch_and_its_loudness():
    """Half a second of 440 Hz crosses zero 440 times, at a quarter of full volume."""
    tone = pcmu.tone(440, 0.5)
    assert len(tone) == 4000
    negative = [code < 0x80 for code in tone]
    crossings = sum(a != b for a, b in pairwise(negative))
    assert crossings == pytest.approx(440, abs=2)
    assert pcmu.level(tone) == pytest.approx(8192 * 2 / math.pi, rel=0.02)


def test_silence_has_no_level():
    """Nor has no sound at all."""
    assert pcmu.level(b"\xff" * 160) == pcmu.level(b"") == 0.0
