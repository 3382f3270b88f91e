"""Reading what a person wrote for the sandbox: TOML files, with mistakes told by file and key."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

Document = TypeVar("Document", bound=BaseModel)
FILE_BYTES_MAX = 4 * 1024 * 1024


class ScriptError(Exception):
    """A file cannot be used; the message names the file, the key and what is wrong."""


def read_document(path: Path, form: type[Document]) -> Document:
    """Read a TOML file of at most 4 MiB that has a certain form.

    Raises ScriptError when the file cannot be read, is no TOML or holds anything else.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ScriptError(
                f"{path} is longer than {FILE_BYTES_MAX} bytes; is it the right file?"
            )
        return form.model_validate(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        raise ScriptError(f"{path}: {_first_fault(error)}") from error
    except (OSError, ValueError) as error:
        raise ScriptError(f"{path} cannot be read as TOML: {error}") from error


def seconds(length: float | None) -> timedelta | None:
    """Return so many seconds as a length of time."""
    return None if length is None else timedelta(seconds=length)


def _first_fault(error: ValidationError) -> str:
    fault: Any = error.errors()[0]
    key = ".".join(str(part) for part in fault["loc"])
    return f"{key} = {fault['input']!r}: {fault['msg']}"
