"""Campaign beside campaign: whom each reached, who answered, and what that took."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from inkbatch.adapters.reports.figures import plain
from inkbatch.adapters.reports.wording import counted
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.engine import reading
from inkbatch.domain.comparison import LEVEL, Stratum, chance, is_beyond_chance
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import RANG, Disposition
from inkbatch.domain.rate import Rate
from inkbatch.ports import CampaignRecord

Cells = Mapping[tuple[int, str], tuple[int, float]]
"""How many attempts of an ordinal ended as a disposition, and the minutes talked on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One campaign of a comparison; a figure per person reached is None before the first.

    `reached` is of all its contacts, `answers` of the phones that rang; `calls` are all attempts
    that ended, `minutes` all that were talked, voicemail included. `tries` are the answers by try.
    """

    campaign: str
    organisation: str
    state: str
    reached: Rate
    answers: Rate
    calls: int
    minutes: float
    calls_per_reached: float | None
    minutes_per_reached: float | None
    dispositions: Mapping[str, int]
    tries: Mapping[int, Rate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The campaigns in the order asked for, and what may be said of them in words."""

    campaigns: tuple[Compared, ...]
    said: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: rates with their 95 % interval."""
        values: dict[str, Any] = plain(asdict(self))
        return values


def compare(engine: Engine, records: Sequence[CampaignRecord]) -> Comparison:
    """Return the campaigns beside each other, read in one transaction."""
    with reading(engine).connect() as connection:
        compared = tuple(_compared(connection, record) for record in records)
    return Comparison(campaigns=compared, said=tuple(_sentences(compared)))


def _compared(connection: Connection, record: CampaignRecord) -> Compared:
    contacts, cells = _contacts(connection, record.id), ended_cells(connection, record.id)
    reached = contacts.get(ContactState.REACHED, 0)
    dispositions, answers = defaultdict[str, int](int), defaultdict[int, list[int]](lambda: [0, 0])
    for (ordinal, disposition), (attempts, _) in cells.items():
        dispositions[disposition] += attempts
        answers[ordinal][0] += attempts if disposition == Disposition.ANSWERED else 0
        answers[ordinal][1] += attempts if disposition in RANG else 0
    tries = {n: Rate(hits=hits, cases=cases) for n, (hits, cases) in sorted(answers.items())}
    calls = sum(dispositions.values())
    minutes = sum(talked for _, talked in cells.values())
    return Compared(
        campaign=record.name,
        organisation=record.organisation,
        state=record.state,
        reached=Rate(hits=reached, cases=sum(contacts.values())),
        answers=_sum(tries.values()),
        calls=calls,
        minutes=minutes,
        calls_per_reached=calls / reached if reached else None,
        minutes_per_reached=minutes / reached if reached else None,
        dispositions={
            str(each): dispositions[each] for each in Disposition if each in dispositions
        },
        tries=tries,
    )


def _contacts(connection: Connection, campaign_id: int) -> dict[str, int]:
    contact = tables.contact.c
    query = (
        select(contact.state, func.count())
        .where(contact.campaign_id == campaign_id)
        .group_by(contact.state)
    )
    return {state: int(count) for state, count in connection.execute(query)}


def ended_cells(connection: Connection, campaign_id: int) -> Cells:
    """Return a campaign's ended attempts by try and disposition, in that order."""
    attempt = tables.attempt.c
    query = (
        select(
            attempt.ordinal,
            attempt.disposition,
            func.count(),
            func.coalesce(func.sum(attempt.talk_minutes), 0.0),
        )
        .where(attempt.campaign_id == campaign_id, attempt.disposition.is_not(None))
        .group_by(attempt.ordinal, attempt.disposition)
        .order_by(attempt.ordinal, attempt.disposition)
    )
    return {
        (ordinal, word): (int(made), float(talked))
        for ordinal, word, made, talked in connection.execute(query)
    }


def _sentences(compared: Sequence[Compared]) -> Iterable[str]:
    """Yield whose answers stand out by more than chance, first tries beside first tries."""
    if len(compared) < 2:  # noqa: PLR2004 (one is beside nothing)
        return
    # Of two, one differs from the other as the other from it: one question, told once.
    asked = compared[:1] if len(compared) == 2 else compared  # noqa: PLR2004
    for each in asked:
        others = [other for other in compared if other is not each]
        strata = _strata(each, others)
        if is_beyond_chance(chance(strata), comparisons=len(asked)):
            yield _sentence(each, others, strata)


def _strata(these: Compared, others: Sequence[Compared]) -> list[Stratum]:
    none = Rate(hits=0, cases=0)
    ordinals = sorted({*these.tries, *(n for other in others for n in other.tries)})
    return [
        Stratum(
            these=these.tries.get(ordinal, none),
            others=_sum(other.tries.get(ordinal, none) for other in others),
        )
        for ordinal in ordinals
    ]


def _sentence(these: Compared, others: Sequence[Compared], strata: Sequence[Stratum]) -> str:
    word = "more" if _excess(strata) > 0 else "less"
    rest = others[0].campaign if len(others) == 1 else "the other campaigns"
    there = _sum(other.answers for other in others)
    return (
        f"{these.campaign} is answered {word} often than {rest}, each try beside the same try: "
        f"{these.answers.hits:,} of {counted(these.answers.cases, 'phone')} that rang, against "
        f"{there.hits:,} of {there.cases:,}. Chance alone gives such a difference less than once "
        f"in {round(1 / LEVEL)} such comparisons."
    )


def _excess(strata: Iterable[Stratum]) -> float:
    """Return how many answers more than the same share everywhere would give."""
    return sum(
        each.these.hits
        - each.these.cases
        * (each.these.hits + each.others.hits)
        / (each.these.cases + each.others.cases)
        for each in strata
        if each.these.cases and each.others.cases
    )


def _sum(rates: Iterable[Rate]) -> Rate:
    told = list(rates)
    return Rate(hits=sum(each.hits for each in told), cases=sum(each.cases for each in told))
