"""What an agent asks of inkbatch and tells it: who is called, and what came of the call."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

from inkbatch.domain.result import Effect, Party

TRANSCRIPT_MAX, FIELDS_MAX = 500, 100
TEXT_CHARACTERS_MAX, WORD_CHARACTERS_MAX = 2_000, 100
TRANSCRIPT_CHARACTERS_MAX = 200_000
CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Something that was said, so many milliseconds into the call."""

    party: Party
    text: str
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a call. `result` is the campaign's own word for it, shown in its reports.

    `call_back_at` is an aware time, or `17:00` for the next such time in the contact's own zone.
    The same `id` twice changes nothing, so posting again after a lost answer is safe. Raises
    ValueError where it could not be taken.
    """

    result: str
    effect: Effect = Effect.NONE
    call_back_at: datetime | str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    transcript: Sequence[Utterance] = ()
    id: str = field(default_factory=lambda: uuid4().hex)

    def __post_init__(self) -> None:
        if not 1 <= len(self.result) <= WORD_CHARACTERS_MAX:
            raise ValueError(f"a result is a text of 1 to {WORD_CHARACTERS_MAX} characters")
        if (self.effect is Effect.CALL_BACK) != (self.call_back_at is not None):
            raise ValueError("call_back_at belongs to the effect call_back, and only to it")
        if isinstance(self.call_back_at, datetime) and self.call_back_at.tzinfo is None:
            raise ValueError("call_back_at needs its time zone")
        if isinstance(self.call_back_at, str) and not CLOCK_TIME.fullmatch(self.call_back_at):
            raise ValueError('call_back_at is a datetime, or a time such as "17:00"')
        if len(self.fields) > FIELDS_MAX or len(self.transcript) > TRANSCRIPT_MAX:
            raise ValueError(f"at most {FIELDS_MAX} fields and {TRANSCRIPT_MAX} utterances")
        if sum(len(said.text) for said in self.transcript) > TRANSCRIPT_CHARACTERS_MAX:
            raise ValueError(f"a transcript of more than {TRANSCRIPT_CHARACTERS_MAX:,} characters")

    def as_json(self) -> dict[str, Any]:
        """Return the body that inkbatch is posted."""
        at = self.call_back_at
        return {
            "id": self.id,
            "result": self.result,
            "effect": str(self.effect),
            "call_back_at": at.isoformat() if isinstance(at, datetime) else at,
            "fields": dict(self.fields),
            "transcript": [
                {"party": str(said.party), "text": said.text, "ts_ms": said.ts_ms}
                for said in self.transcript
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledContact:
    """Whom the agent talks to: number, candidate time zones, and the columns of the call list."""

    number: str
    zones: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFacts:
    """What inkbatch knows of one attempt; `ordinal` counts the contact's tries from 1."""

    attempt_id: str
    campaign: str
    ordinal: int
    state: str
    contact: CalledContact


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What inkbatch made of a result; `why` tells it where `effective` is False."""

    attempt_id: str
    result: str
    effect: str
    effective: bool
    why: str | None = None


class Attempts(Protocol):
    """Tells who is called, by the attempt id that the call carries."""

    async def attempt(self, attempt_id: str) -> AttemptFacts:
        """Return what is known of it; raises UnknownAttempt, ResultsUnavailable or StoreError."""
        ...


class Results(Protocol):
    """Takes what came of a call."""

    async def post(self, attempt_id: str, result: Result) -> Acknowledgement:
        """Store it once; raises UnknownAttempt, ResultRefused or ResultsUnavailable."""
        ...
