"""From a TOML file to a `Script`, with every problem named at once."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inkbatch.adapters.campaign_files.problems import problem_lines
from inkbatch.agent import pcmu
from inkbatch.agent.pipeline import Pipeline
from inkbatch.agent.script.answers import with_added
from inkbatch.agent.script.document import ScriptDocument, ToneTable
from inkbatch.domain.errors import AgentScriptError

SCRIPT_BYTES_MAX = 1024 * 1024
WAV_BYTES_MAX = 2 * pcmu.AUDIO_BYTES_MAX + 4096


@dataclass(frozen=True, kw_only=True)
class Script:
    """A checked script, the phrases of its answers, and the sound of each step as PCMU."""

    document: ScriptDocument
    phrases: Mapping[str, Sequence[str]]
    sounds: Mapping[str, bytes]


def load_script(file: Path, *, pipeline: Pipeline | None = None) -> Script:
    """Read and check a script and the recordings it names; `pipeline` replaces the script's own.

    Raises AgentScriptError with a line for each problem: file, key, value, and what is allowed.
    """
    content = _parsed(file)
    if pipeline is not None:
        content["pipeline"] = str(pipeline)
    try:
        document = ScriptDocument.model_validate(content)
    except ValidationError as error:
        lines = problem_lines(error, file=file, document=ScriptDocument)
        named = (
            "\n".join(lines).replace("\n", f"\n{file}: ").replace(f"{file}: {file}: ", f"{file}: ")
        )
        raise AgentScriptError(named) from error
    sounds = {} if document.pipeline.tts else _sounds(document, file)
    return Script(document=document, phrases=with_added(document.answers), sounds=sounds)


def _parsed(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            content = opened.read(SCRIPT_BYTES_MAX + 1)
        if len(content) > SCRIPT_BYTES_MAX:
            raise AgentScriptError(f"{file} is larger than 1 MiB; an agent script is a few pages")
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise AgentScriptError(f"{file} cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise AgentScriptError(f"{file} is not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise AgentScriptError(f"{file} is not valid TOML: {error}") from error


def _sounds(document: ScriptDocument, file: Path) -> dict[str, bytes]:
    sounds, problems = {}, []
    for name, step in document.steps.items():
        try:
            sounds[name] = _sound(step.audio, file.parent)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            problems.append(f'{file}: steps.{name}.audio = "{step.audio}" cannot be played: {why}')
    if problems:
        raise AgentScriptError("\n".join(problems))
    return sounds


def _sound(audio: str | ToneTable | None, folder: Path) -> bytes:
    if isinstance(audio, ToneTable):
        return pcmu.tone(audio.tone_hz, audio.seconds)
    with (folder / str(audio)).open("rb") as opened:
        content = opened.read(WAV_BYTES_MAX + 1)
    if content[:4] != b"RIFF":
        raise ValueError("it is no WAV file")
    return pcmu.as_pcmu(content)
