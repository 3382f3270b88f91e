"""What agents said, counted: by their words, and who waits to be called back."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Select, exists, func, select

from inkbatch.adapters.reports import packed
from inkbatch.adapters.reports.attempt_columns import MADE_STATES, Attempts, People
from inkbatch.adapters.reports.figures import CallBack, ResultCount
from inkbatch.adapters.reports.packed import NO_NUMBER, Codes, Real, Whole
from inkbatch.adapters.store import tables
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.result import Effect

WORDS_MAX = 25
"""The commonest words that are told one by one; the rest are summed up by effect."""

CALL_BACKS_MAX = 50
ASKED_AT_ONCE = 500
OTHER_WORDS = "other words"
EFFECTS: Final = tuple(Effect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The results that stand of a campaign, one for each attempt that has any, a column each.

    `word` is a place in `words`, `effect` one in EFFECTS, `attempt` one among the attempts.
    """

    sequence: Whole
    attempt: Whole
    word: Codes
    effect: Codes
    words: tuple[str, ...]


def read_results(connection: Connection, campaign_id: int, attempt_ids: pa.ChunkedArray) -> Results:
    """Return what stands of each attempt: see `domain.result.standing`."""
    result = tables.attempt_result.c
    columns = {
        "sequence": packed.whole(result.sequence),
        "attempt_id": packed.texts(result.attempt_id),
        "word": packed.texts(func.replace(result.word, "\n", " ")),
        "effect": packed.words(result.effect, EFFECTS),
    }
    query = select().select_from(tables.attempt_result).where(result.campaign_id == campaign_id)
    found = packed.read_packed(connection, columns, query, by=result.sequence)
    words = found.pop("word").combine_chunks().dictionary_encode()
    attempt = np.asarray(pc.index_in(found.pop("attempt_id"), value_set=attempt_ids))
    is_final = found["effect"] == EFFECTS.index(Effect.DO_NOT_CALL)
    order = np.lexsort((found["sequence"], is_final, attempt))
    stands = order[np.append(np.diff(attempt[order]) != 0, [True])[: len(order)]]
    return Results(
        sequence=found["sequence"][stands],
        attempt=attempt[stands],
        word=np.asarray(words.indices)[stands],
        effect=found["effect"][stands],
        words=tuple(words.dictionary.to_pylist()),
    )


def has_results(connection: Connection, campaign_id: int) -> bool:
    """Return whether any agent said anything."""
    query = select(exists().where(tables.attempt_result.c.campaign_id == campaign_id))
    return bool(connection.execute(query).scalar_one())


def result_counts(results: Results, attempts: Attempts) -> tuple[ResultCount, ...]:
    """Return the results by word and effect, commonest first."""
    found, group = np.unique(results.word * len(EFFECTS) + results.effect, return_inverse=True)
    minutes = attempts.minutes[results.attempt]
    counts = [
        _count(results.words[key // len(EFFECTS)], key % len(EFFECTS), minutes[group == place])
        for place, key in enumerate(found.tolist())
    ]
    counts.sort(key=lambda each: (-each.count, each.word, each.effect))
    return (*counts[:WORDS_MAX], *_summed(counts[WORDS_MAX:]))


def _count(word: str, effect: int, minutes: Real) -> ResultCount:
    talked = minutes[minutes != NO_NUMBER]
    return ResultCount(
        word=word,
        effect=EFFECTS[effect],
        count=len(minutes),
        minutes=float(talked.sum()),
        median_minutes=float(np.median(talked)) if len(talked) else None,
    )


def call_backs_due(
    connection: Connection, results: Results, attempts: Attempts, people: People
) -> tuple[CallBack, ...]:
    """Return the contacts that wait for a call-back, the earliest first."""
    asked = results.effect == EFFECTS.index(Effect.CALL_BACK)
    waits = people.are(ContactState.WAITING)[attempts.person[results.attempt]]
    sequences = results.sequence[asked & waits].tolist()
    parts = (sequences[at : at + ASKED_AT_ONCE] for at in range(0, len(sequences), ASKED_AT_ONCE))
    found = [each for part in parts for each in connection.execute(_call_backs(part))]
    found.sort(key=lambda row: (row.call_back_at, row.id))
    return tuple(
        CallBack(contact_id=row.id, row_number=row.row_number, at=row.call_back_at)
        for row in found[:CALL_BACKS_MAX]
    )


def _call_backs(sequences: list[int]) -> Select[Any]:
    """Those of these results whose contact was not called since."""
    result, contact = tables.attempt_result.c, tables.contact.c
    attempt, later = tables.attempt.c, tables.attempt.alias("later")
    called_since = exists().where(
        later.c.number == contact.number,
        later.c.contact_id == contact.id,
        later.c.state.in_(MADE_STATES),
        later.c.reserved_at > attempt.reserved_at,
    )
    return (
        select(contact.id, contact.row_number, result.call_back_at)
        .join_from(tables.attempt_result, tables.attempt, attempt.id == result.attempt_id)
        .join(tables.contact, contact.id == result.contact_id)
        .where(
            result.sequence.in_(sequences),
            contact.state == ContactState.WAITING,
            attempt.state == AttemptState.ENDED,
            ~called_since,
        )
        .order_by(result.call_back_at, contact.id)
        .limit(CALL_BACKS_MAX)
    )


def _summed(rest: list[ResultCount]) -> list[ResultCount]:
    effects = dict.fromkeys(each.effect for each in rest)
    return [
        ResultCount(
            word=OTHER_WORDS,
            effect=effect,
            count=sum(each.count for each in rest if each.effect == effect),
            minutes=sum(each.minutes for each in rest if each.effect == effect),
        )
        for effect in effects
    ]
