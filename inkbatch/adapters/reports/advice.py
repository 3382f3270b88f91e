"""What the next change of a campaign should be, said only where the data bear it.

Each hour is compared with all the others inside each try (`domain.comparison.chance`). All
comparisons of a report are corrected for together, so that at most about one report of a hundred
says anything about a campaign in which there is nothing to find.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inkbatch.adapters.reports.figures import Try, TryHour
from inkbatch.domain.comparison import (
    LEVEL,
    Stratum,
    chance,
    is_beyond_chance,
    upper_bound,
)
from inkbatch.domain.rate import Rate

WORTH_LITTLE = 0.05
"""A try that fewer than one in twenty answer spends a call that somebody else could have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Hours (0 to 23) and tries that stand out, and how many comparisons were made for it."""

    better: tuple[tuple[int, Rate], ...]
    worse: tuple[tuple[int, Rate], ...]
    useless: tuple[tuple[int, Rate], ...]
    comparisons: int


def advice(cells: Sequence[TryHour], tries: Sequence[Try]) -> Advice:
    """Return what stands out of these counts, which are one for each try and hour."""
    hours = sorted({cell.hour for cell in cells if cell.rate.cases})
    later = [each for each in tries if each.ordinal > 1 and each.answer_rate.cases]
    asked = (len(hours) if len(hours) > 1 else 0) + len(later)
    better: list[tuple[int, Rate]] = []
    worse: list[tuple[int, Rate]] = []
    for hour in hours:
        strata = _strata(cells, hour)
        if not is_beyond_chance(chance(strata), comparisons=asked):
            continue
        these = _sum(each.these for each in strata)
        expected = sum(_expected(each) for each in strata)
        (better if these.hits > expected else worse).append((hour, these))
    useless = tuple(
        (each.ordinal, each.answer_rate)
        for each in later
        if upper_bound(each.answer_rate, comparisons=asked) < WORTH_LITTLE
    )
    return Advice(better=tuple(better), worse=tuple(worse), useless=useless, comparisons=asked)


def sentences(found: Advice) -> tuple[str, ...]:
    """Return the advice in words; one sentence that there is none where nothing stands out."""
    said = []
    if found.better:
        said.append(f"Call more at {_hours(found.better)}: more people answer then than else.")
    if found.worse:
        said.append(f"Call less at {_hours(found.worse)}: fewer people answer then than else.")
    if found.useless:
        tries = ", ".join(f"try {n} ({_counted(rate)})" for n, rate in found.useless)
        said.append(
            f"Spend calls on others rather than on {tries}: hardly more than "
            f"{WORTH_LITTLE:.0%} answer so late, if that."
        )
    return tuple(said) or ("No hour and no try stands out from the rest by more than chance yet.",)


def ground(found: Advice) -> str:
    """Return the test behind it."""
    if not found.comparisons:
        return "There is nothing to compare yet."
    return (
        "Each hour against all others within the same try (Cochran-Mantel-Haenszel test), each "
        f"later try by the upper end of its Wilson interval; together at the {LEVEL:.0%} level, "
        f"over {found.comparisons} comparisons (Bonferroni). It is about when calls were made, "
        "not why: a trial at both hours is the proof."
    )


def _strata(cells: Sequence[TryHour], hour: int) -> list[Stratum]:
    ordinals = sorted({cell.ordinal for cell in cells})
    return [
        Stratum(
            these=_sum(c.rate for c in cells if c.ordinal == ordinal and c.hour == hour),
            others=_sum(c.rate for c in cells if c.ordinal == ordinal and c.hour != hour),
        )
        for ordinal in ordinals
    ]


def _expected(stratum: Stratum) -> float:
    total = stratum.these.cases + stratum.others.cases
    hits = stratum.these.hits + stratum.others.hits
    return stratum.these.cases * hits / total if total else 0.0


def _sum(rates: Iterable[Rate]) -> Rate:
    told = list(rates)
    return Rate(hits=sum(each.hits for each in told), cases=sum(each.cases for each in told))


def _hours(found: Sequence[tuple[int, Rate]]) -> str:
    return ", ".join(f"{hour:02d}:00 ({_counted(rate)})" for hour, rate in found)


def _counted(rate: Rate) -> str:
    return f"{rate.hits:,} of {rate.cases:,} answered"
