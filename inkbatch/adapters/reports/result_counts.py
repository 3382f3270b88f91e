"""What agents said, counted: by their words, and who waits to be called back."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Select, exists, func, select

from inkbatch.adapters.reports import packed
from inkbatch.adapters.reports.attempt_columns import MADE_STATES, People
from inkbatch.adapters.reports.figures import CallBack, ResultCount
from inkbatch.adapters.reports.packed import NO_NUMBER, Codes, Real, Whole
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.contact_numbers import is_attempt_to
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

    `word` is a place in `words`, `effect` one in EFFECTS; `minutes` are those of the attempt.
    """

    sequence: Whole
    contact_id: Whole
    minutes: Real
    word: Codes
    effect: Codes
    words: tuple[str, ...]


def read_results(connection: Connection, campaign_id: int) -> Results:
    """Return what stands of each attempt: see `domain.result.standing`."""
    result, attempt = tables.attempt_result.c, tables.attempt.c
    columns = {
        "sequence": packed.whole(result.sequence),
        # Who is called at most once at a time is told apart by when and which try: an id as text
        # takes four times as much memory.
        "contact_id": packed.whole(result.contact_id),
        "reserved_at": packed.times(connection, attempt.reserved_at),
        "ordinal": packed.whole(attempt.ordinal),
        "minutes": packed.real(attempt.talk_minutes),
        "word": packed.texts(func.replace(result.word, "\n", " ")),
        "effect": packed.words(result.effect, EFFECTS),
    }
    query = (
        select()
        .select_from(tables.attempt_result)
        .join(tables.attempt, attempt.id == result.attempt_id)
        .where(result.campaign_id == campaign_id)
    )
    found = packed.read_packed(connection, columns, query, by=result.sequence)
    words = found.pop("word").combine_chunks().dictionary_encode()
    names = ("contact_id", "reserved_at", "ordinal")
    of_attempt = tuple(found.pop(name) for name in names)
    is_final = found["effect"] == EFFECTS.index(Effect.DO_NOT_CALL)
    order = np.lexsort((found["sequence"], is_final, *of_attempt))
    differs = np.zeros(max(len(order) - 1, 0), "bool")
    for column in of_attempt:
        differs |= np.diff(column[order]) != 0
    stands = order[np.append(differs, [True])[: len(order)]]
    return Results(
        sequence=found["sequence"][stands],
        contact_id=of_attempt[0][stands],
        minutes=found["minutes"][stands],
        word=np.asarray(words.indices)[stands],
        effect=found["effect"][stands],
        words=tuple(words.dictionary.to_pylist()),
    )


def result_counts(results: Results) -> tuple[ResultCount, ...]:
    """Return the results by word and effect, commonest first."""
    found, group = np.unique(results.word * len(EFFECTS) + results.effect, return_inverse=True)
    counts = [
        _count(
            results.words[key // len(EFFECTS)], key % len(EFFECTS), results.minutes[group == place]
        )
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
    connection: Connection, results: Results, people: People
) -> tuple[CallBack, ...]:
    """Return the contacts that wait for a call-back, the earliest first."""
    asked = results.effect == EFFECTS.index(Effect.CALL_BACK)
    waits = people.are(ContactState.WAITING)[people.places(results.contact_id)]
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
        is_attempt_to(later, number=contact.number, contact_id=contact.id),
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
