"""What a callee says on the phone, and when: lines with cues, from a script or from a seed."""

import random
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from inkbatch.sandbox.documents import seconds
from inkbatch.sandbox.media.wav import read_recording

SAY_LENGTH_MAX = 1_000
LINES_MAX = 100
TIMES_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that a callee says (`say`, or `recording` as PCMU) when its cue comes.

    Cues: `hears`, a pattern looked for in what the agent has said in its turn (in a turn of audio
    without a transcript nothing is known, so only a pattern that matches nothing finds it);
    `after_silence`, since anybody spoke; `at`, since the answer. Without a cue the line is said at
    the answer. With `interrupts` a line that hears does not wait for the end of the agent's turn,
    and a line `at` a time never waits. Said at most so many `times`.
    """

    say: str = ""
    recording: bytes = b""
    hears: re.Pattern[str] | None = None
    after_silence: timedelta | None = None
    at: timedelta | None = None
    interrupts: bool = False
    hangs_up: bool = False
    times: int = 1

    def __post_init__(self) -> None:
        cues = [cue for cue in (self.hears, self.after_silence, self.at) if cue is not None]
        if len(cues) > 1:
            raise ValueError("a line has one cue: hears, after_silence_seconds or at_seconds")
        if self.interrupts and self.hears is None:
            raise ValueError("interrupts belongs to a line that hears something")
        if not (self.say or self.recording or self.hangs_up):
            raise ValueError("a line says something, plays a wav or hangs_up")

    @property
    def is_greeting(self) -> bool:
        """Whether the line is said at the answer."""
        return self.hears is None and self.after_silence is None and self.at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """All lines of a callee; where two have their cue at once, the first is said."""

    lines: tuple[Line, ...] = ()


class LineModel(BaseModel):
    """A line as a script file writes it."""

    model_config = ConfigDict(extra="forbid")

    say: Annotated[str, Field(max_length=SAY_LENGTH_MAX)] = ""
    wav: Path | None = None
    hears: re.Pattern[str] | None = None
    after_silence_seconds: Annotated[float, Field(ge=0)] | None = None
    at_seconds: Annotated[float, Field(ge=0)] | None = None
    interrupts: bool = False
    hangs_up: bool = False
    times: Annotated[int, Field(ge=1, le=TIMES_MAX)] = 1

    @model_validator(mode="after")
    def _is_a_line(self) -> Self:
        _line(self, recording=b"?" if self.wav else b"")
        return self


Lines = Annotated[list[LineModel], Field(max_length=LINES_MAX)]


def build_dialogue(lines: list[LineModel], *, folder: Path) -> Dialogue:
    """Build a dialogue from a script's lines; WAV files are looked for in the script's folder.

    Patterns know no case. Raises RecordingError for a WAV file that cannot be played.
    """
    recordings = (read_recording(folder / line.wav) if line.wav else b"" for line in lines)
    return Dialogue(
        lines=tuple(
            _line(line, recording=recording)
            for line, recording in zip(lines, recordings, strict=True)
        )
    )


def _line(model: LineModel, *, recording: bytes) -> Line:
    return Line(
        say=model.say,
        recording=recording,
        hears=re.compile(model.hears.pattern, re.IGNORECASE) if model.hears else None,
        after_silence=seconds(model.after_silence_seconds),
        at=seconds(model.at_seconds),
        interrupts=model.interrupts,
        hangs_up=model.hangs_up,
        times=model.times,
    )


def voicemail() -> Dialogue:
    """Return what an answering machine says."""
    greeting = "You have reached my voicemail. Please leave a message after the tone."
    return Dialogue(lines=(Line(say=greeting),))


def default_dialogue(seed: str) -> Dialogue:
    """Return the same person for the same seed: most are willing, few want to be left alone."""
    chance = random.Random(f"dialogue:{seed}")
    greeting = chance.choice(("Hello?", "Yes, hello?", "Hello, who is this?"))
    answer, times = chance.choice(_ANSWERS)
    return Dialogue(
        lines=(
            Line(say=greeting),
            Line(hears=_pattern(r"\b(bye|goodbye|nice day)\b"), say="Bye.", hangs_up=True),
            Line(hears=_pattern(r"\?"), say=answer, times=times),
            Line(hears=_pattern(""), say="Okay.", times=2),
            Line(hears=_pattern(""), say="Thank you, goodbye.", hangs_up=True),
            Line(after_silence=timedelta(seconds=6), say="Hello? Are you still there?"),
            Line(after_silence=timedelta(seconds=8), hangs_up=True),
        )
    )


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


_ANSWERS = (
    ("Yes, that works for me.", 3),
    ("Yes, I will be there.", 3),
    ("Could you call me back at five in the afternoon?", 1),
    ("No, please do not call me again.", 1),
)
