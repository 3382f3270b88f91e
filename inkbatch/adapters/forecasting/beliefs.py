"""What is believed of the next calls: odds and minutes, drawn anew for each replay.

A replay draws how likely each disposition is from what the campaign's own tries leave possible,
not their average; so a forecast from few tries is as wide as it should be. Odds are Dirichlet: the
n-th try's own counts, on top of what the other tries suggest, on top of the prior. Minutes are a
Bayesian bootstrap (Rubin 1981, Annals of Statistics 9) of the campaign's own calls and some calls
made up around the configured minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkbatch.domain.campaign_ahead import CampaignAhead, EndedTry
from inkbatch.domain.disposition import NEVER_RANG, Disposition

PRIOR = {
    Disposition.ANSWERED: 3.0,
    Disposition.VOICEMAIL: 2.5,
    Disposition.REJECTED: 0.4,
    Disposition.NO_ANSWER: 3.7,
    Disposition.FAILED: 0.4,
}
"""A campaign without history is taken to be as if ten tries had come to this."""

TRIES_ALIKE = 50.0
"""What others suggest of the n-th try counts as much as so many of its own, or as there are."""

TALKING = (Disposition.ANSWERED, Disposition.VOICEMAIL)
MADE_UP = {
    Disposition.ANSWERED: (0.45, 0.7, 1.05, 1.8),
    Disposition.VOICEMAIL: (0.3, 0.4, 0.5, 0.6),
}
"""Calls made up for the prior, as parts of the configured minutes of a call."""

RING_MINUTES = 0.4
"""A call without history takes its minutes and so long before somebody answers."""

HELD_FROM = 5
"""How long calls are in progress is taken from the campaign's own once there are so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beliefs:
    """One row a replay. `odds` are (replays, tries, dispositions) and sum to 1 over the last.

    `minutes` maps a disposition that talks to the lengths of calls, and the odds of each length
    as (replays, lengths). `held_minutes` is how long a call is in progress, as (replays,).
    """

    dispositions: tuple[Disposition, ...]
    odds: NDArray[np.float64]
    minutes: dict[Disposition, tuple[NDArray[np.float64], NDArray[np.float64]]]
    held_minutes: NDArray[np.float64]


def draw_beliefs(
    ahead: CampaignAhead, *, tries_max: int, replays: int, chance: np.random.Generator
) -> Beliefs:
    """Return what each of so many replays takes to be true."""
    tries = [each for each in ahead.tries if each.disposition not in NEVER_RANG]
    seen = sorted({each.disposition for each in tries} - PRIOR.keys())
    dispositions = (*PRIOR, *seen)
    odds = _odds(tries, dispositions, tries_max=tries_max, replays=replays, chance=chance)
    minutes = {each: _lengths(ahead, each, replays=replays, chance=chance) for each in TALKING}
    return Beliefs(
        dispositions=dispositions,
        odds=odds,
        minutes=minutes,
        held_minutes=_held(ahead, tries, dispositions, odds=odds, minutes=minutes),
    )


def _odds(
    tries: Sequence[EndedTry],
    dispositions: Sequence[Disposition],
    *,
    tries_max: int,
    replays: int,
    chance: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the odds of each replay."""
    counts = np.zeros((tries_max, len(dispositions)))
    for each in tries:
        at = min(max(each.ordinal, 1), tries_max) - 1
        counts[at, dispositions.index(each.disposition)] += 1
    prior = np.array([PRIOR.get(each, 0.0) for each in dispositions])
    odds = np.empty((replays, *counts.shape))
    for at in range(tries_max):
        others = prior + counts.sum(axis=0) - counts[at]
        alike = chance.dirichlet(others, size=replays)
        likeness = min(TRIES_ALIKE, others.sum())
        weights = np.maximum(counts[at] + likeness * alike, 1e-9)
        drawn = chance.standard_gamma(weights)
        odds[:, at] = drawn / drawn.sum(axis=1, keepdims=True)
    return odds


def _lengths(
    ahead: CampaignAhead, disposition: Disposition, *, replays: int, chance: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    most = ahead.need.minutes_max
    usual = min(ahead.campaign.budget.predicted_minutes, most)
    made_up = [min(part * usual, most) for part in MADE_UP[disposition]]
    own = [each.talk_minutes for each in ahead.tries if each.disposition is disposition]
    lengths = np.array([*made_up, *own])
    # The more calls of its own there are, the less those made up count.
    weights = np.r_[np.full(len(made_up), 1.0 if not own else 0.25), np.ones(len(own))]
    drawn = chance.standard_gamma(weights, size=(replays, len(lengths)))
    return lengths, drawn / drawn.sum(axis=1, keepdims=True)


def _held(
    ahead: CampaignAhead,
    tries: Sequence[EndedTry],
    dispositions: Sequence[Disposition],
    *,
    odds: NDArray[np.float64],
    minutes: dict[Disposition, tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> NDArray[np.float64]:
    until_seen = ahead.poll_every.total_seconds() / 120
    if len(tries) >= HELD_FROM:
        own = float(np.mean([each.held_minutes for each in tries]))
        return np.full(len(odds), max(own + until_seen, 0.01))
    held = np.full(len(odds), RING_MINUTES + until_seen)
    for disposition, (lengths, weights) in minutes.items():
        held += odds[:, 0, dispositions.index(disposition)] * (weights @ lengths)
    return held
