"""PCMU against the figures of ITU-T G.711, table 2a, and WAV files against tones."""

import wave

import numpy as np
import pytest

from inkbatch.sandbox.media import pcmu
from inkbatch.sandbox.media.wav import RecordingError, read_recording, write_recording

EVERY_SAMPLE = np.arange(-32_768, 32_768).astype(np.int16)
GUID = b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
EVERY_CODE = bytes(range(256))


@pytest.mark.parametrize(
    ("code", "sample"),
    [
        (0x80, 32_124),
        (0x8F, 16_764),
        (0x9F, 8_316),
        (0xAF, 4_092),
        (0xBF, 1_980),
        (0xCF, 924),
        (0xDF, 396),
        (0xEF, 132),
        (0xFE, 8),
        (0xFF, 0),
        (0x00, -32_124),
        (0x7E, -8),
    ],
)
def test_codes_stand_for_the_samples_of_g711(code, sample):
    """Both ways agree with the recommendation, at the ends of each segment."""
    assert pcmu.decode(bytes([code]))[0] == sample
    assert pcmu.encode(np.array([sample], np.int16)) == bytes([code])


def test_every_code_survives_decoding_and_encoding():
    """Only the second code of zero comes back as the first."""
    assert pcmu.encode(pcmu.decode(EVERY_CODE)) == EVERY_CODE.replace(b"\x7f", b"\xff")


def test_no_sample_is_further_off_than_a_step():
    """The error of 8 bits is at most a step of the sample's segment, up to the clip."""
    samples = EVERY_SAMPLE[(EVERY_SAMPLE > -32_000) & (EVERY_SAMPLE < 32_000)]
    error = np.abs(pcmu.decode(pcmu.encode(samples)).astype(int) - samples)
    step = 8 * 2 ** np.floor(np.log2((np.abs(samples.astype(int)) + 132) / 132))
    assert (error <= step + 4).all()


def test_the_last_frame_is_filled_up_with_silence():
    """Every frame has 20 ms, whatever the length of the sound."""
    assert list(pcmu.frames(b"\x10" * 170)) == [b"\x10" * 160, b"\x10" * 10 + b"\xff" * 150]


def test_a_murmur_is_as_long_as_its_words_and_can_be_heard():
    """A callee without a recording makes sound for just so many seconds."""
    assert len(pcmu.murmur(1.2)) == 9_600
    assert np.abs(pcmu.decode(pcmu.murmur(1.2))).max() > 5_000


def tone(hertz, rate, seconds=1.0):
    return np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def write(path, samples, *, rate, width, channels=1):
    """Write shares of full scale as PCM; channels beyond the first are silent."""
    levels = np.zeros((len(samples), channels))
    levels[:, 0] = samples
    whole = np.rint(levels * (2 ** (8 * width - 1) - 1)).astype("<i4").reshape(-1, 1)
    raw = whole.view(np.uint8).reshape(-1, 4)[:, :width]
    if width == 1:
        raw = raw ^ 0x80
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(raw.tobytes())
    return path


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_a_recording_of_any_form_is_heard_as_it_sounds(tmp_path, width, channels, rate):
    """A tone of 1 kHz comes out as that tone at 8 kHz, mixed down, as loud as 8 bits allow."""
    path = write(
        tmp_path / "tone.wav", 0.8 * tone(1000, rate), rate=rate, width=width, channels=channels
    )
    heard = pcmu.decode(read_recording(path)) / 32_767
    expected = 0.8 * tone(1000, 8_000) / channels
    assert len(heard) == 8_000
    assert np.abs(heard[400:-400] - expected[400:-400]).max() < 0.05


def test_the_extensible_form_of_pcm_is_read_too(tmp_path):
    """Many tools write 24 bits in that form, which names PCM by a GUID."""
    path = write(tmp_path / "tone.wav", tone(1000, 8_000), rate=8_000, width=3)
    plain = path.read_bytes()
    riff = plain[:4] + (int.from_bytes(plain[4:8], "little") + 24).to_bytes(4, "little")
    form = b"\xfe\xff" + plain[22:36] + b"\x16\0\x18\0\x04\0\0\0\x01\0" + GUID
    other = riff + plain[8:16] + b"\x28\0\0\0" + form + plain[36:]
    (tmp_path / "other.wav").write_bytes(other)
    assert read_recording(tmp_path / "other.wav") == read_recording(path)


def test_what_a_telephone_cannot_carry_is_not_folded_into_what_it_can(tmp_path):
    """A tone of 5 kHz is gone, not heard as one of 3 kHz."""
    path = write(tmp_path / "high.wav", tone(5000, 16_000), rate=16_000, width=2)
    heard = pcmu.decode(read_recording(path))
    assert np.abs(heard[400:-400]).max() < 400


def test_a_written_recording_reads_as_it_was(tmp_path):
    """PCMU to WAV and back is the same to the byte."""
    path = tmp_path / "new folder" / "call.wav"
    write_recording(path, EVERY_CODE)
    assert read_recording(path) == EVERY_CODE.replace(b"\x7f", b"\xff")


def test_a_recording_without_samples_is_silent(tmp_path):
    """An empty WAV file plays nothing."""
    assert read_recording(write(tmp_path / "none.wav", [], rate=44_100, width=2)) == b""


def test_a_file_that_is_no_wav_is_named(tmp_path):
    """The message says which file and what is wrong."""
    path = tmp_path / "song.mp3"
    path.write_bytes(b"ID3" + bytes(100))
    with pytest.raises(RecordingError, match=r"song\.mp3 cannot be read as a PCM WAV file"):
        read_recording(path)


def test_a_recording_that_is_too_long_is_refused(tmp_path):
    """Five minutes are enough for anybody on the phone."""
    path = write(tmp_path / "long.wav", np.zeros(301 * 8_000), rate=8_000, width=1)
    with pytest.raises(RecordingError, match="lasts 301 s"):
        read_recording(path)
