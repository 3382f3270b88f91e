"""What the tries of each replay come to, drawn before the first of them is made.

The i-th n-th try of a replay comes to the same, whatever the rules are under which it is made.
So a what-if meets the same luck as the campaign as it is (common random numbers), and differences
between the two are due to the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkbatch.adapters.forecasting.beliefs import Beliefs


@dataclass(frozen=True, slots=True, kw_only=True)
class Luck:
    """Sums over the first i tries: `outcomes[n]` as (replays, i, dispositions), `minutes[n]`."""

    outcomes: tuple[NDArray[np.int32], ...]
    minutes: tuple[NDArray[np.float32], ...]


def draw_luck(
    beliefs: Beliefs, *, tries_made_at_most: Sequence[int], chance: np.random.Generator
) -> Luck:
    """Return what tries come to; of the n-th ones (from 0) at most so many are ever made."""
    drawn = [
        _drawn(beliefs, nth=nth, tries=tries, chance=chance)
        for nth, tries in enumerate(tries_made_at_most)
    ]
    return Luck(
        outcomes=tuple(outcomes for outcomes, _ in drawn),
        minutes=tuple(minutes for _, minutes in drawn),
    )


def _drawn(
    beliefs: Beliefs, *, nth: int, tries: int, chance: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    odds = beliefs.odds[:, nth]
    replays, kinds = odds.shape
    edges = np.cumsum(odds, axis=1)
    dice = chance.random((replays, tries), dtype=np.float32)
    came_to = np.zeros((replays, tries), dtype=np.int8)
    for kind in range(kinds - 1):
        came_to += dice > edges[:, kind, None]
    outcomes = np.zeros((replays, tries + 1, kinds), dtype=np.int32)
    for kind in range(kinds):
        np.cumsum(came_to == kind, axis=1, out=outcomes[:, 1:, kind])
    minutes = np.zeros((replays, tries + 1), dtype=np.float32)
    np.cumsum(_minutes(beliefs, came_to, chance=chance), axis=1, out=minutes[:, 1:])
    return outcomes, minutes


def _minutes(
    beliefs: Beliefs, came_to: NDArray[np.int8], *, chance: np.random.Generator
) -> NDArray[np.float32]:
    minutes = np.zeros(came_to.shape, dtype=np.float32)
    for disposition, (lengths, weights) in beliefs.minutes.items():
        talks = came_to == beliefs.dispositions.index(disposition)
        dice = chance.random(came_to.shape, dtype=np.float32)
        edges = np.cumsum(weights, axis=1)
        for replay in range(len(came_to)):
            drawn = np.searchsorted(edges[replay, :-1], dice[replay])
            minutes[replay] += lengths[drawn] * talks[replay]
    return minutes
