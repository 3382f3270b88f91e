"""A result as it stands in the JSON that an agent posts."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from inkbatch.dialer.results import Posted
from inkbatch.domain.result import (
    FIELDS_BYTES_MAX,
    FIELDS_MAX,
    ID_LENGTH_MAX,
    TRANSCRIPT_ENTRIES_MAX,
    WORD_LENGTH_MAX,
    Effect,
    Party,
    Spoken,
)

TIME_LENGTH_MAX = 40
MS_MAX = 7 * 24 * 3_600_000


FIELDS_DEPTH_MAX = 20


def _storable(fields: dict[str, Any]) -> dict[str, Any]:
    if _is_deeper(fields, FIELDS_DEPTH_MAX):
        raise ValueError(f"is nested more than {FIELDS_DEPTH_MAX} deep")
    try:
        size = len(json.dumps(fields, allow_nan=False))
    except ValueError:
        raise ValueError("holds a number that JSON does not have") from None
    if size > FIELDS_BYTES_MAX:
        raise ValueError(f"is longer than {FIELDS_BYTES_MAX:,} bytes as JSON")
    return fields


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return False
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)


def _speakable(text: str) -> str:
    """Drop what no database or file can hold: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


Fields = Annotated[dict[str, Any], Field(max_length=FIELDS_MAX), AfterValidator(_storable)]
Speech = Annotated[str, AfterValidator(_speakable)]


class PostedSpoken(BaseModel):
    """One entry of a transcript."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    party: Party
    text: Speech
    ts_ms: Annotated[int, Field(ge=0, le=MS_MAX)] | None = None


class PostedResult(BaseModel):
    """One result; keys that are new to us are ignored."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    id: Annotated[str, Field(min_length=1, max_length=ID_LENGTH_MAX)] | None = None
    result: Annotated[str, Field(min_length=1, max_length=WORD_LENGTH_MAX)]
    effect: Effect
    call_back_at: Annotated[str, Field(max_length=TIME_LENGTH_MAX)] | None = None
    fields: Fields = {}
    transcript: Annotated[list[PostedSpoken], Field(max_length=TRANSCRIPT_ENTRIES_MAX)] | None = (
        None
    )

    def as_posted(self, *, default_id: str) -> Posted:
        """Return it for the dialer; `default_id` stands in where the agent gave no id."""
        return Posted(
            id=self.id or default_id,
            word=self.result.strip(),
            effect=self.effect,
            call_back_at=self.call_back_at,
            fields=self.fields,
            transcript=tuple(
                Spoken(party=each.party, text=each.text, ts_ms=each.ts_ms)
                for each in self.transcript or ()
            ),
        )
