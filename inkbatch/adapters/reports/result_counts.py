"""What agents said, counted: by their words, and who waits to be called back."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from inkbatch.adapters.reports import packed
from inkbatch.adapters.reports.attempt_columns import STATES, Attempts, People
from inkbatch.adapters.reports.figures import CallBack, ResultCount
from inkbatch.adapters.reports.packed import NO_NUMBER, NO_TIME, Codes, Real, Times, Whole
from inkbatch.adapters.reports.packed_reading import read_packed, unindexed
from inkbatch.adapters.store import tables
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.result import Effect

WORDS_MAX = 25
"""The commonest words that are told one by one; the rest are summed up by effect."""

CALL_BACKS_MAX = 50
OTHER_WORDS = "other words"
EFFECTS: Final = tuple(Effect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The results that stand of a campaign, one for each attempt that has any, a column each.

    `attempt` is a place among the attempts, `word` one in `words`, `effect` one in EFFECTS.
    """

    attempt: Whole
    word: Codes
    effect: Codes
    call_back_at: Times
    words: tuple[str, ...]


def has_results(connection: Connection, campaign_id: int) -> bool:
    """Return whether any attempt of a campaign has a result."""
    result = tables.attempt_result.c
    first = select(result.sequence).where(result.campaign_id == campaign_id).limit(1)
    return connection.execute(first).first() is not None


def read_results(
    connection: Connection, campaign_id: int, *, ids: pa.ChunkedArray | None
) -> Results:
    """Return what stands of each attempt: see `domain.result.standing`.

    `ids` are those of the attempts. They are looked up here: joined by the database, whose index
    of them is a jump for each, results would take twice as long. None where there are no results.
    """
    result = tables.attempt_result.c
    columns = {
        "sequence": packed.whole(result.sequence),
        "attempt_id": packed.texts(result.attempt_id),
        "word": packed.texts(result.word),
        "effect": packed.words(result.effect, EFFECTS),
        "call_back_at": packed.times(connection, result.call_back_at),
    }
    of_campaign = unindexed(result.campaign_id) == campaign_id
    query = select().select_from(tables.attempt_result).where(of_campaign)
    found = read_packed(connection, columns, query, by=result.sequence)
    words = found["word"].combine_chunks().dictionary_encode()
    attempt = _places(found.pop("attempt_id"), ids)
    stands = _standing(attempt, found["effect"], found["sequence"])
    return Results(
        attempt=attempt[stands],
        word=np.asarray(words.indices)[stands],
        effect=found["effect"][stands],
        call_back_at=found["call_back_at"][stands],
        words=tuple(words.dictionary.to_pylist()),
    )


def _places(wanted: pa.ChunkedArray, ids: pa.ChunkedArray | None) -> Whole:
    """Return where ids stand among others; all of them must be there."""
    places: Whole = np.full(len(wanted), -1, "int32")
    if ids is None:
        return places
    # The other way round, for what is looked up in the fewer of the two takes a third of the time.
    firsts = pc.index_in(ids, value_set=wanted)
    places[firsts.drop_null().to_numpy()] = np.flatnonzero(firsts.is_valid())
    again = places < 0
    if again.any():
        places[again] = places[pc.index_in(wanted.filter(again), value_set=wanted).to_numpy()]
    return places


def _standing(attempt: Whole, effect: Codes, sequence: Whole) -> NDArray[np.intp]:
    """Return where the results stand that count: the last of each attempt, or its opt-out."""
    if np.bincount(attempt).max(initial=0) <= 1:
        return np.arange(len(attempt))
    is_final = effect == EFFECTS.index(Effect.DO_NOT_CALL)
    order = np.lexsort((sequence, is_final, attempt))
    is_last = np.diff(attempt[order], append=-1) != 0
    stands: NDArray[np.intp] = order[is_last]
    return stands


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
    connection: Connection, results: Results, *, attempts: Attempts, people: People
) -> tuple[CallBack, ...]:
    """Return the contacts that wait for a call-back and were not called since, earliest first."""
    made = attempts.made
    called_at = np.full(len(people.ids), NO_TIME)
    np.maximum.at(called_at, attempts.person[made], attempts.reserved_at[made])
    attempt = results.attempt
    person = attempts.person[attempt]
    due = (
        (results.effect == EFFECTS.index(Effect.CALL_BACK))
        & people.are(ContactState.WAITING)[person]
        & (attempts.state[attempt] == STATES.index(AttemptState.ENDED))
        & (attempts.reserved_at[attempt] >= called_at[person])
    )
    ids, at = people.ids[person[due]], results.call_back_at[due]
    first = np.lexsort((ids, at))[:CALL_BACKS_MAX]
    row_numbers = _row_numbers(connection, ids[first].tolist())
    return tuple(
        CallBack(contact_id=contact_id, row_number=row_numbers[contact_id], at=packed.as_time(when))
        for contact_id, when in zip(ids[first].tolist(), at[first].tolist(), strict=True)
    )


def _row_numbers(connection: Connection, ids: list[int]) -> dict[int, int]:
    contact = tables.contact.c
    query = select(contact.id, contact.row_number).where(contact.id.in_(ids))
    return {row.id: row.row_number for row in connection.execute(query)}


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
