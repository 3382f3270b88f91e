"""The odds and lengths of time of callees, as a person wrote them beside the script."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from inkbatch.sandbox.documents import ScriptError, read_document
from inkbatch.sandbox.population import HOURS_PER_DAY, Population
from inkbatch.sandbox.script import load_script

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]


def load_population(path: Path) -> Population:
    """Read a TOML script with the table `[population]`: what is not in it stays as it is usual.

    Its keys are the fields of Population, lengths of time in seconds: `busy_odds = 0.1`,
    `max_duration_seconds = 300`. Raises ScriptError as `load_script` does.
    """
    script = load_script(path)
    told = read_document(path, _Document).population.model_dump(exclude_unset=True)
    try:
        return replace(Population(script=script), **dict(map(_field, told.items())))
    except ValueError as error:
        raise ScriptError(f"{path}: population: {error}") from error


class _Odds(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dial_failure_rate: Share = 0
    busy_odds: Share = 0
    reject_odds: Share = 0
    invalid_odds: Share = 0
    answer_odds: Annotated[
        tuple[Share, ...], Field(min_length=HOURS_PER_DAY, max_length=HOURS_PER_DAY)
    ] = ()
    talk_on_odds: Share = 0
    never_ends_odds: Share = 0
    voicemail_odds: Share = 0
    agent_hangs_up_odds: Share = 0
    dial_seconds: Seconds = 0
    ring_least_seconds: Seconds = 0
    ring_most_seconds: Seconds = 0
    ring_timeout_seconds: Seconds = 0
    talk_median_seconds: Seconds = 0
    talk_sigma: Annotated[float, Field(ge=0, le=3)] = 0
    voicemail_talk_seconds: Seconds = 0
    max_duration_seconds: Annotated[float, Field(gt=0, le=86_400)] = 1


class _Document(BaseModel):
    population: _Odds = _Odds()


def _field(told: tuple[str, Any]) -> tuple[str, Any]:
    key, value = told
    if key.endswith("_seconds"):
        return key.removesuffix("_seconds"), timedelta(seconds=value)
    return key, value
