"""What agents said, counted: by their words, and who waits to be called back."""

from sqlalchemy import Connection, Subquery, case, exists, func, select

from inkbatch.adapters.reports.figures import CallBack, ResultCount
from inkbatch.adapters.store import tables
from inkbatch.domain.attempt import OPEN_STATES, AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.result import Effect

WORDS_MAX = 25
"""The commonest words that are told one by one; the rest are summed up by effect."""

CALL_BACKS_MAX = 50
OTHER_WORDS = "other words"
MADE_STATES = sorted(OPEN_STATES | {AttemptState.ENDED})


def result_counts(connection: Connection, campaign_id: int) -> tuple[ResultCount, ...]:
    """Return the standing results of a campaign by word and effect, commonest first."""
    result, stands = tables.attempt_result.c, _standing(campaign_id)
    query = (
        select(
            result.word,
            result.effect,
            func.count(),
            func.coalesce(func.sum(tables.attempt.c.talk_minutes), 0.0),
        )
        .join_from(tables.attempt_result, stands, result.sequence == stands.c.sequence)
        .join(tables.attempt, tables.attempt.c.id == result.attempt_id)
        .group_by(result.word, result.effect)
    )
    counts = [
        ResultCount(word=word, effect=effect, count=int(count), minutes=minutes)
        for word, effect, count, minutes in connection.execute(query)
    ]
    counts.sort(key=lambda each: (-each.count, each.word, each.effect))
    return (*counts[:WORDS_MAX], *_summed(counts[WORDS_MAX:]))


def call_backs_due(connection: Connection, campaign_id: int) -> tuple[CallBack, ...]:
    """Return the contacts that wait for a call-back, the earliest first."""
    result, contact = tables.attempt_result.c, tables.contact.c
    attempt, later = tables.attempt.c, tables.attempt.alias("later")
    stands = _standing(campaign_id)
    called_since = exists().where(
        later.c.number == contact.number,
        later.c.contact_id == contact.id,
        later.c.state.in_(MADE_STATES),
        later.c.reserved_at > attempt.reserved_at,
    )
    query = (
        select(contact.id, contact.row_number, result.call_back_at)
        .join_from(tables.attempt_result, stands, result.sequence == stands.c.sequence)
        .join(tables.attempt, attempt.id == result.attempt_id)
        .join(tables.contact, contact.id == result.contact_id)
        .where(
            result.effect == Effect.CALL_BACK,
            contact.state == ContactState.WAITING,
            attempt.state == AttemptState.ENDED,
            ~called_since,
        )
        .order_by(result.call_back_at, contact.id)
        .limit(CALL_BACKS_MAX)
    )
    return tuple(
        CallBack(contact_id=id_, row_number=row_number, at=at)
        for id_, row_number, at in connection.execute(query)
    )


def _standing(campaign_id: int) -> Subquery:
    """The sequence of the result that stands of each attempt: see `domain.result.standing`."""
    result = tables.attempt_result.c
    opted_out = func.max(case((result.effect == Effect.DO_NOT_CALL, result.sequence)))
    return (
        select(func.coalesce(opted_out, func.max(result.sequence)).label("sequence"))
        .where(result.campaign_id == campaign_id)
        .group_by(result.attempt_id)
        .subquery()
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
