"""WAV files: what a callee plays, of any PCM rate, width and channels, and what is recorded."""

import wave
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkbatch.sandbox.documents import ScriptError
from inkbatch.sandbox.media import pcmu

RECORDING_SECONDS_MAX = 300
SAMPLE_RATE_MAX = 192_000
FILE_BYTES_MAX = 128 * 1024 * 1024
_PCM, _EXTENSIBLE = b"\x01\x00", b"\xfe\xff"
_BYTES_PER_SAMPLE = 2
_FULL_SCALE = 32_767


class RecordingError(ScriptError):
    """A WAV file cannot be played; the message names the file and says what is wrong."""


def read_recording(path: Path) -> bytes:
    """Return a WAV file as mono PCMU at 8 kHz.

    Channels are mixed evenly, and the rate is changed by dropping what lies above 4 kHz from the
    spectrum, so that nothing is folded into the band. Raises RecordingError for a file that
    cannot be read, is no PCM of 1 to 4 bytes, or lasts longer than RECORDING_SECONDS_MAX.
    """
    try:
        with wave.open(_plain_pcm(path), "rb") as recording:
            rate, channels = recording.getframerate(), recording.getnchannels()
            _check_length(path, count=recording.getnframes(), rate=rate)
            samples = _samples(
                recording.readframes(recording.getnframes()), recording.getsampwidth()
            )
    except (OSError, EOFError, wave.Error) as error:
        raise RecordingError(f"{path} cannot be read as a PCM WAV file: {error}") from error
    whole = samples[: len(samples) // channels * channels]
    mono = whole.reshape(-1, channels).mean(axis=1)
    level = _at_telephone_rate(mono, rate) * _FULL_SCALE
    return pcmu.encode(np.clip(np.rint(level), -_FULL_SCALE, _FULL_SCALE).astype(np.int16))


def write_recording(path: Path, heard: bytes) -> None:
    """Write PCMU as a WAV file of 16 bits, mono, at 8 kHz; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(_BYTES_PER_SAMPLE)
        recording.setframerate(pcmu.SAMPLE_RATE)
        recording.writeframes(pcmu.decode(heard).astype("<i2").tobytes())


def _plain_pcm(path: Path) -> BytesIO:
    """Return the file with the extensible form of PCM, as many tools write it, made plain.

    Python's `wave` reads that form from 3.12 on.
    """
    if (size := path.stat().st_size) > FILE_BYTES_MAX:
        raise RecordingError(f"{path} has {size} bytes; a callee plays at most {FILE_BYTES_MAX}")
    file = bytearray(path.read_bytes())
    form = file.find(b"fmt ") + len(b"fmt ") + 4
    is_extensible = file[form : form + 2] == _EXTENSIBLE
    if is_extensible and file[form + 24 : form + 26] == _PCM:
        file[form : form + 2] = _PCM
    return BytesIO(file)


def _check_length(path: Path, *, count: int, rate: int) -> None:
    if not 0 < rate <= SAMPLE_RATE_MAX:
        raise RecordingError(f"{path} has {rate} samples a second; at most {SAMPLE_RATE_MAX} work")
    if count / rate > RECORDING_SECONDS_MAX:
        raise RecordingError(
            f"{path} lasts {count / rate:.0f} s; a callee plays at most {RECORDING_SECONDS_MAX} s"
        )


def _samples(raw: bytes, width: int) -> NDArray[np.float64]:
    """Return little-endian PCM as shares of full scale; eight bits are unsigned, wider signed."""
    raw = raw[: len(raw) // width * width]
    if width == 1:
        return (np.frombuffer(raw, np.uint8) - np.float64(128)) / 128
    wide = np.zeros((len(raw) // width, 4), np.uint8)
    wide[:, 4 - width :] = np.frombuffer(raw, np.uint8).reshape(-1, width)
    return np.asarray(wide.view("<i4")[:, 0] / 2**31, dtype=np.float64)


def _at_telephone_rate(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    if rate == pcmu.SAMPLE_RATE or not len(samples):
        return samples
    count = round(len(samples) * pcmu.SAMPLE_RATE / rate)
    spectrum = np.fft.rfft(samples)[: count // 2 + 1]
    return np.fft.irfft(spectrum, count) * (count / len(samples))
