"""What chosen callees do, call by call, as a person wrote it down."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

E164 = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{1,14}$")]
"""A phone number as the wire has it: plus sign, country code, at most fifteen digits."""


class Outcome(StrEnum):
    """What a callee, or the carrier on the way to it, does with a call."""

    ANSWER = "answer"
    TALK_ON = "talk_on"  # never hangs up: the call ends at its maximum duration
    VOICEMAIL = "voicemail"
    REJECT = "reject"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DIAL_FAILED = "dial_failed"  # 502, and Inkbox keeps no record
    DIAL_FAILED_KEPT = "dial_failed_kept"  # 502, and a failed call is on the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One scripted reaction; what is None is drawn from the population."""

    outcome: Outcome
    ring: timedelta | None = None
    talk: timedelta | None = None

    def __post_init__(self) -> None:
        for name, length in (("ring", self.ring), ("talk", self.talk)):
            if length is not None and length < timedelta():
                raise ValueError(f"{name} is {length}; it must not be below 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Reactions of callees by number: the nth of a tuple meets the nth call, the last repeats.

    Calls to `blocked` numbers are refused by a contact rule and never dialed.
    """

    callees: Mapping[str, tuple[Behaviour, ...]] = field(default_factory=dict)
    blocked: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, callees: Mapping[str, Iterable[str]] | None = None, *, blocked: Iterable[str] = ()
    ) -> "Script":
        """Build a script from names of outcomes, such as `{"+442079460123": ["no_answer"]}`."""
        reactions = {
            number: tuple(Behaviour(outcome=Outcome(name)) for name in names)
            for number, names in (callees or {}).items()
        }
        return cls(callees=reactions, blocked=frozenset(blocked))

    def behaviour(self, to_number: str, *, nth: int) -> Behaviour | None:
        """Return the reaction to the nth call (from 1) to a number, None if it has none."""
        reactions = self.callees.get(to_number)
        return reactions[min(nth, len(reactions)) - 1] if reactions else None


class ScriptError(Exception):
    """A script file cannot be used; the message names the file, the key and what is wrong."""


def load_script(path: Path) -> Script:
    """Read a TOML script file.

    It holds `blocked = ["+1..."]` and a table `[callees]` from numbers to lists whose items are
    outcomes (`"no_answer"`) or tables
    (`{outcome = "answer", ring_seconds = 4, talk_seconds = 60}`).

    Raises ScriptError when the file cannot be read, is no TOML or holds anything else.
    """
    try:
        document = _Document.model_validate(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        raise ScriptError(f"{path}: {_first_fault(error)}") from error
    except (OSError, ValueError) as error:
        raise ScriptError(f"{path} cannot be read as a TOML script: {error}") from error
    callees = {
        number: tuple(_behaviour(item) for item in items)
        for number, items in document.callees.items()
    }
    return Script(callees=callees, blocked=frozenset(document.blocked))


class _Reaction(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    ring_seconds: Annotated[float, Field(ge=0)] | None = None
    talk_seconds: Annotated[float, Field(ge=0)] | None = None


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    blocked: list[E164] = []
    callees: dict[E164, Annotated[list[Outcome | _Reaction], Field(min_length=1)]] = {}


def _behaviour(item: Outcome | _Reaction) -> Behaviour:
    if isinstance(item, Outcome):
        return Behaviour(outcome=item)
    return Behaviour(
        outcome=item.outcome,
        ring=_seconds(item.ring_seconds),
        talk=_seconds(item.talk_seconds),
    )


def _seconds(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _first_fault(error: ValidationError) -> str:
    fault: Any = error.errors()[0]
    key = ".".join(str(part) for part in fault["loc"])
    return f"{key} = {fault['input']!r}: {fault['msg']}"
