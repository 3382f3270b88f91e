"""When the rest of a campaign will be done, at the pace that the budget allows."""

from dataclasses import dataclass
from math import ceil

from inkbatch.domain.budget import Limits

PRIOR_REACHED, PRIOR_ATTEMPTS = 3.0, 10.0
"""A campaign without history is taken to reach three in ten; each attempt then counts more."""

ROUNDING_GRACE = 1e-9
"""A sum of fractions that passes a whole day by this much needs no day more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is still to be dialed; `days_left` counts full budgets, so it is at least that many."""

    attempts_left: float
    minutes_left: float
    days_left: int
    binding_limit: str


def forecast(
    *,
    tries_left: dict[int, int],
    attempts_ended: int,
    reached: int,
    minutes_a_call: float,
    limits: Limits,
) -> Forecast:
    """Project the contacts not yet done: `tries_left` maps tries left to number of contacts.

    Each try reaches somebody with the odds seen so far, smoothed by a prior; a contact with n
    tries left takes on average (1 - (1 - p)^n) / p of them.
    """
    odds = (reached + PRIOR_REACHED) / (attempts_ended + PRIOR_ATTEMPTS)
    odds = min(max(odds, 0.01), 1.0)
    attempts = sum(
        contacts * (1 - (1 - odds) ** tries) / odds for tries, contacts in tries_left.items()
    )
    minutes = attempts * minutes_a_call
    by_calls = attempts / max(limits.calls, 1)
    by_minutes = minutes / max(limits.minutes, 1.0)
    return Forecast(
        attempts_left=attempts,
        minutes_left=minutes,
        days_left=ceil(max(by_calls, by_minutes) - ROUNDING_GRACE),
        binding_limit="minutes" if by_minutes > by_calls else "calls",
    )
