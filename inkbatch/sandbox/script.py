"""What chosen callees do, call by call, as a person wrote it down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from inkbatch.sandbox.documents import ScriptError, read_document, seconds
from inkbatch.sandbox.media.dialogue import Dialogue, Lines, build_dialogue

__all__ = ["E164", "Behaviour", "Outcome", "Script", "ScriptError", "load_script"]

E164 = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{1,14}$")]
"""A phone number as the wire has it: plus sign, country code, at most fifteen digits."""


class Outcome(StrEnum):
    """What a callee, or the carrier on the way to it, does with a call."""

    ANSWER = "answer"
    TALK_ON = "talk_on"  # never hangs up: the call ends at its maximum duration
    NEVER_ENDS = "never_ends"  # nobody tells Inkbox of its end: the record stays answered for good
    VOICEMAIL = "voicemail"
    REJECT = "reject"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    INVALID_NUMBER = "invalid_number"  # nobody has it: fails without a ring
    DIAL_FAILED = "dial_failed"  # 502, and Inkbox keeps no record
    DIAL_FAILED_KEPT = "dial_failed_kept"  # 502, and a failed call is on the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One scripted reaction; what is None is drawn from the population."""

    outcome: Outcome
    ring: timedelta | None = None
    talk: timedelta | None = None
    dialogue: Dialogue | None = None

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


def load_script(path: Path) -> Script:
    """Read a TOML script file.

    It holds `blocked = ["+1..."]` and a table `[callees]` from numbers to lists whose items are
    outcomes (`"no_answer"`) or tables
    (`{outcome = "answer", ring_seconds = 4, talk_seconds = 60, dialogue = "hurried"}`). What is
    said to the agent stands in `[[dialogues.hurried]]`, a table for each `Line`
    (`{hears = "appointment", say = "Yes, that works."}`). A table `[population]` may stand
    beside them; it is read by `load_population`.

    Raises ScriptError when the file cannot be read, is no TOML or holds anything else.
    """
    document = read_document(path, _Document)
    dialogues = {
        name: build_dialogue(lines, folder=path.parent)
        for name, lines in document.dialogues.items()
    }
    callees = {
        number: tuple(_behaviour(item, dialogues) for item in items)
        for number, items in document.callees.items()
    }
    return Script(callees=callees, blocked=frozenset(document.blocked))


class _Reaction(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    ring_seconds: Annotated[float, Field(ge=0)] | None = None
    talk_seconds: Annotated[float, Field(ge=0)] | None = None
    dialogue: str | None = None


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    blocked: list[E164] = []
    callees: dict[E164, Annotated[list[Outcome | _Reaction], Field(min_length=1)]] = {}
    population: dict[str, Any] = {}
    dialogues: dict[str, Lines] = {}

    @model_validator(mode="after")
    def _all_dialogues_exist(self) -> Self:
        reactions = [item for items in self.callees.values() for item in items]
        wanted = {item.dialogue for item in reactions if isinstance(item, _Reaction)} - {None}
        for name in wanted - set(self.dialogues):
            raise ValueError(f"no lines stand under [[dialogues.{name}]]")
        return self


def _behaviour(item: Outcome | _Reaction, dialogues: Mapping[str, Dialogue]) -> Behaviour:
    if isinstance(item, Outcome):
        return Behaviour(outcome=item)
    return Behaviour(
        outcome=item.outcome,
        ring=seconds(item.ring_seconds),
        talk=seconds(item.talk_seconds),
        dialogue=dialogues[item.dialogue] if item.dialogue else None,
    )
