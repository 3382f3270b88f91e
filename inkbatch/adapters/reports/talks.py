"""What was said on the latest calls, for the page alone: it stands in no figures and no summary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, exists, func, select

from inkbatch.adapters.store import tables
from inkbatch.domain.phone_number import masked
from inkbatch.domain.result import Effect

TALKS_MAX = 12
TURNS_FIRST, TURNS_LAST = 10, 30
"""Of a longer talk, what is shown: how it began, and the end, which tells what came of it."""

TURN_CHARACTERS_MAX = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one party said without a break; `ts_ms` counts from the start of the talk."""

    party: str
    text: str
    ts_ms: int | None
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One attempt whose agent posted a transcript, and the result of it that stands.

    `at` is in the contact's first zone. `opening` and `closing` are all turns together, unless
    `turns_left_out` were said between them.
    """

    at: datetime
    number: str
    word: str
    effect: str
    minutes: float | None
    opening: tuple[Turn, ...]
    closing: tuple[Turn, ...]
    turns_left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """The latest talks, newest first; `has_more` tells that older ones are left out."""

    shown: tuple[Talk, ...] = ()
    has_more: bool = False


def latest_talks(connection: Connection, campaign_id: int) -> Talks:
    """Return the talks of a campaign by the time their transcripts came; numbers are masked."""
    found = connection.execute(_latest(campaign_id)).mappings().all()
    shown = found[:TALKS_MAX]
    results = _standing(connection, [row["attempt_id"] for row in shown])
    return Talks(
        shown=tuple(_talk(row, *results[row["attempt_id"]]) for row in shown),
        has_more=len(found) > TALKS_MAX,
    )


def _latest(campaign_id: int) -> Select[Any]:
    """One more than is shown: of each attempt its last transcript that is not empty."""
    result, attempt, contact = tables.attempt_result.c, tables.attempt.c, tables.contact.c
    later = tables.attempt_result.alias("later")
    has_later = exists().where(
        later.c.attempt_id == result.attempt_id,
        later.c.sequence > result.sequence,
        func.json_array_length(later.c.transcript) > 0,
    )
    return (
        select(
            result.attempt_id,
            result.transcript,
            func.coalesce(attempt.placed_at, attempt.reserved_at, result.posted_at).label("at"),
            attempt.number,
            attempt.talk_minutes,
            contact.zones,
        )
        .join_from(tables.attempt_result, tables.attempt, attempt.id == result.attempt_id)
        .join(tables.contact, contact.id == result.contact_id)
        .where(
            result.campaign_id == campaign_id,
            func.json_array_length(result.transcript) > 0,
            ~has_later,
        )
        .order_by(result.sequence.desc())
        .limit(TALKS_MAX + 1)
    )


def _standing(connection: Connection, attempt_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Word and effect of each attempt, by the last of this order: see `domain.result.standing`."""
    result = tables.attempt_result.c
    query = (
        select(result.attempt_id, result.word, result.effect)
        .where(result.attempt_id.in_(attempt_ids))
        .order_by(result.effect == Effect.DO_NOT_CALL, result.sequence)
    )
    return {id_: (word, effect) for id_, word, effect in connection.execute(query)}


def _talk(row: Mapping[Any, Any], word: str, effect: str) -> Talk:
    turns = row["transcript"]
    left_out = max(len(turns) - TURNS_FIRST - TURNS_LAST, 0)
    first = TURNS_FIRST if left_out else len(turns)
    return Talk(
        at=row["at"].astimezone(ZoneInfo(row["zones"].partition("|")[0] or "UTC")),
        number=masked(row["number"]),
        word=word,
        effect=effect,
        minutes=row["talk_minutes"],
        opening=_turns(turns[:first]),
        closing=_turns(turns[first + left_out :]),
        turns_left_out=left_out,
    )


def _turns(entries: Iterable[Mapping[str, Any]]) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            party=entry["party"],
            text=entry["text"][:TURN_CHARACTERS_MAX],
            ts_ms=entry.get("ts_ms"),
            is_cut=len(entry["text"]) > TURN_CHARACTERS_MAX,
        )
        for entry in entries
    )
