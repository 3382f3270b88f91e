"""What is wrong with a campaign file, a line each: file, key, value and what is allowed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

VALUE_SHOWN_MAX = 80

Location = Sequence[str | int]
Model = type[BaseModel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: the key, such as `attempts.retry.no_answer`, and a sentence."""

    key: str
    sentence: str


def problems_of(error: ValidationError, *, document: Model) -> list[Problem]:
    """Return each problem with its key, for those who show it beside the key's field."""
    return [
        Problem(
            key=".".join(str(part) for part in problem["loc"] if part != "[key]"),
            sentence=_problem(problem, document),
        )
        for problem in error.errors(include_url=False)
    ]


def problem_lines(error: ValidationError, *, file: Path, document: Model) -> list[str]:
    """Return a line for each problem; items of lists are counted from 1."""
    return [f"{file}: {_problem(problem, document)}" for problem in error.errors(include_url=False)]


def _problem(problem: Any, document: Model) -> str:
    location = [part for part in problem["loc"] if part != "[key]"]
    key = _dotted(location)
    match problem["type"]:
        case "missing":
            return f"{key} is missing: {_allowed(document, location)}"
        case "extra_forbidden":
            return f"{key} = {_shown(problem['input'])} is no key here: {_keys(document, location)}"
        case "value_error" if isinstance(problem["input"], dict):
            return f"{_table(location)}{problem['ctx']['error']}"
        case "value_error":
            allowed = str(problem["ctx"]["error"])
        case _:
            allowed = _allowed(document, location)
    return f"{key} = {_shown(problem['input'])} is not allowed: {allowed}"


def _dotted(location: Location) -> str:
    key = ""
    for part in location:
        key += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if key else part
    return key


def _table(location: Location) -> str:
    return f"[{_dotted(location)}] " if location else ""


def _shown(value: Any) -> str:
    """Write a value much as the file does."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= VALUE_SHOWN_MAX else f"{text[: VALUE_SHOWN_MAX - 1]}…"


def _keys(document: Model, location: Location) -> str:
    model = document
    for part in location[:-1]:
        model = _model_at(model, part)
    known = list(model.model_fields)
    close = get_close_matches(str(location[-1]), known, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"the keys are {', '.join(known)}"


def _allowed(document: Model, location: Location) -> str:
    """Return the description of the innermost key on the way to the problem."""
    model, description = document, ""
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            description = model.model_fields[part].description or ""
            model = _model_at(model, part)
    return description[:1].lower() + description[1:].rstrip(".")


def _model_at(model: Model, part: str | int) -> Model:
    """Return the table that a key holds, the same model for an index or a plain value."""
    if isinstance(part, int) or part not in model.model_fields:
        return model
    return _model_in(model.model_fields[part].annotation) or model


def _model_in(annotation: Any) -> Model | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_in(inner))), None)
