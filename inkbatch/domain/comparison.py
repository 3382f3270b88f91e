"""Whether a share differs from another by more than chance, asked with care.

Cases are compared inside strata (the first tries with first tries, the second with second ones),
since who is left for a later try answers less whatever the hour. Cochran (1954), Mantel and
Haenszel (1959), with the continuity correction, which errs towards silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import erfc, sqrt

from inkbatch.domain.rate import Rate

LEVEL = 0.01
"""So seldom may a report say anything at all about data in which there is nothing."""

EXPECTED_MIN = 5.0
"""Fewer expected hits or misses than this on one side tell nothing (Cochran's rule)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Cases of one kind: those in question and all the others."""

    these: Rate
    others: Rate


def chance(strata: Iterable[Stratum]) -> float:
    """Return how likely chance alone gives a difference at least so large; 1.0 for too few."""
    difference = variance = hits = misses = 0.0
    for each in strata:
        cases, others = each.these.cases, each.others.cases
        total = cases + others
        if not cases or not others:
            continue
        hit = each.these.hits + each.others.hits
        expected = cases * hit / total
        difference += each.these.hits - expected
        variance += cases * others * hit * (total - hit) / (total**2 * (total - 1))
        hits += expected
        misses += cases - expected
    if variance <= 0 or min(hits, misses) < EXPECTED_MIN:
        return 1.0
    corrected = max(abs(difference) - 0.5, 0.0)
    return erfc(corrected / sqrt(variance) / sqrt(2))


def is_beyond_chance(probability: float, *, comparisons: int) -> bool:
    """Return whether it stands although so many comparisons were made (Bonferroni)."""
    return probability * comparisons < LEVEL


def upper_bound(rate: Rate, *, comparisons: int) -> float:
    """Return what a share hardly exceeds: the upper end of a Wilson interval at that level."""
    if not rate.cases:
        return 1.0
    z = _quantile(LEVEL / comparisons)
    centre = (rate.hits + z**2 / 2) / (rate.cases + z**2)
    spread = rate.hits * (rate.cases - rate.hits) / rate.cases + z**2 / 4
    return min(centre + z * sqrt(spread) / (rate.cases + z**2), 1.0)


def _quantile(outside: float) -> float:
    """Return how many standard deviations leave so much of a normal distribution outside."""
    low, high = 0.0, 40.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if erfc(middle / sqrt(2)) > outside else (low, middle)
    return high
