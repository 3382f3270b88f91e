"""Orders for faults as a person writes them, and a sentence for each order that is refused."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from inkbatch.sandbox.faults.orders import AnyFault, FaultOrders

SIZE_MAX_BYTES = 1_000_000
SHOWN_CHARACTERS = 80
KINDS: dict[str, type[BaseModel]] = {
    get_args(kind.model_fields["fault"].annotation)[0]: kind for kind in get_args(AnyFault)
}
"""Every fault that can be ordered, by its name."""


class FaultsError(Exception):
    """Orders that cannot be carried out; the message names source, key, value and what may be."""


def load_faults(path: Path) -> FaultOrders:
    """Read a TOML file with an optional `seed` and a table `[[faults]]` for each fault.

    Raises FaultsError when it cannot be read, is no TOML or orders what does not exist.
    """
    try:
        with path.open("rb") as stream:
            text = stream.read(SIZE_MAX_BYTES + 1)
        if len(text) > SIZE_MAX_BYTES:
            raise FaultsError(f"{path} is no file of faults: it is above {SIZE_MAX_BYTES} bytes")
        document = tomllib.loads(text.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise FaultsError(f"{path} cannot be read as a TOML file of faults: {error}") from error
    return read_orders(document, source=str(path))


def read_orders(document: Any, *, source: str) -> FaultOrders:
    """Read orders from parsed TOML or JSON; raises FaultsError."""
    try:
        return FaultOrders.model_validate(document)
    except ValidationError as error:
        raise FaultsError(f"{source}: {_sentence(error)}") from error


def _sentence(error: ValidationError) -> str:
    problem: Mapping[str, Any] = error.errors()[0]
    match problem["type"], problem["loc"]:
        case ("union_tag_invalid", (_, index)):
            tag = problem["ctx"]["tag"]
            return f"faults[{index}].fault = {_shown(tag)}: there is no such fault; {_allowed()}"
        case ("union_tag_not_found", (_, index)):
            return f"faults[{index}].fault is missing; {_allowed()}"
        case (_, ("faults", int(index), str(kind), str(key), *_)):
            return _about(f"faults[{index}].{key}", key, problem, KINDS[kind], name=kind)
        case (_, ("faults", int(index), *_)):
            return f"faults[{index}] = {_shown(problem['input'])}; it must be a table"
        case (_, (str(key), *_)):
            return _about(key, key, problem, FaultOrders, name="a file of faults")
        case _:
            return f"{_shown(problem['input'])} must be a table with `seed` and `faults`"


def _about(
    path: str, key: str, problem: Mapping[str, Any], kind: type[BaseModel], *, name: str
) -> str:
    fields = kind.model_fields
    if key not in fields:
        keys = ", ".join(sorted(fields))
        return f"{path} = {_shown(problem['input'])}: {name} has no such key; allowed: {keys}"
    allowed = fields[key].description
    if problem["type"] == "missing":
        return f"{path} is missing; it must be {allowed}"
    return f"{path} = {_shown(problem['input'])}; it must be {allowed}"


def _allowed() -> str:
    return f"allowed: {', '.join(sorted(KINDS))}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."
