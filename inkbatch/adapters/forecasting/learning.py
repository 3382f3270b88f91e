"""What the dialer comes to think of the next tries while the replays go on, and so their order.

As `domain.answer_odds` has it, by try alone: hours and weekdays are taken to be alike.
"""

import numpy as np
from numpy.typing import NDArray

from inkbatch.domain.answer_odds import (
    COUNTED,
    FURTHER_TRY,
    MINUTES_LEAST,
    ODDS_LEAST,
    ODDS_MOST,
    PRIOR_CALLS,
)
from inkbatch.domain.campaign_ahead import CampaignAhead
from inkbatch.domain.forecast import PRIOR_ATTEMPTS, PRIOR_REACHED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Learning:
    """Calls, people reached and minutes of the n-th tries so far, as (replays, tries)."""

    def __init__(self, ahead: CampaignAhead, *, tries_max: int, replays: int) -> None:
        self._limits = ahead.budget.usable
        self._usual_minutes = ahead.campaign.budget.predicted_minutes
        self._further = FURTHER_TRY ** np.arange(tries_max)
        told = np.zeros((3, tries_max))
        for each in ahead.tries:
            if each.disposition in COUNTED:
                is_reached = each.disposition in ahead.campaign.retry.reached
                nth = min(max(each.ordinal, 1), tries_max) - 1
                told[:, nth] += (1, is_reached, each.talk_minutes)
        self._calls, self._reached, self._minutes = (np.tile(each, (replays, 1)) for each in told)

    def add(self, nth: int, *, calls: Ints, reached: Ints, minutes: Floats) -> None:
        """Take note of what n-th tries (from 0) came to, each as (replays,)."""
        self._calls[:, nth] += calls
        self._reached[:, nth] += reached
        self._minutes[:, nth] += minutes

    def values(self) -> Floats:
        """Return what the n-th try would reach for a unit of the scarcer budget."""
        calls = self._calls.sum(axis=1, keepdims=True) + PRIOR_ATTEMPTS
        reached = self._reached.sum(axis=1, keepdims=True) + PRIOR_REACHED
        minutes = self._minutes.sum(axis=1, keepdims=True) + PRIOR_ATTEMPTS * self._usual_minutes
        odds = _bounded(self._pulled(self._reached, _bounded(reached / calls) * self._further))
        costs = np.maximum(self._pulled(self._minutes, minutes / calls), MINUTES_LEAST)
        are_minutes_scarcer = minutes / calls * self._limits.calls > self._limits.minutes
        return odds / np.where(are_minutes_scarcer, costs, 1.0)

    def _pulled(self, told: Floats, expected: Floats) -> Floats:
        return (told + PRIOR_CALLS * expected) / (self._calls + PRIOR_CALLS)


def _bounded(odds: Floats) -> Floats:
    return np.clip(odds, ODDS_LEAST, ODDS_MOST)
