"""The forecast is honest: what the real dialer comes to lies in P10 to P90 four times of five.

INKBATCH_FORECAST_SEEDS says how many campaigns are lived through.
"""

import os
from math import sqrt

import pytest

from tests.forecast_trials import Trial, place_of_truth

SEEDS = int(os.environ.get("INKBATCH_FORECAST_SEEDS", "12"))
SHARE, DEVIATIONS = 0.8, 2.6
"""Coverage may be off by 2.6 standard deviations of a binomial: by chance once in a hundred."""


@pytest.mark.timeout(60 + 40 * SEEDS)
async def test_the_true_finish_lies_within_the_range(rehearse, tmp_path):
    """Neither range is too narrow (few truths inside) nor, with many seeds, too wide."""
    places = []
    for seed in range(SEEDS):
        of_seed = Trial(seed=seed)
        folder = of_seed.write(tmp_path / f"seed{seed}" / "trial")
        trial = await rehearse(
            folder,
            database=f"{seed}.db",
            population=of_seed.callees,
            poll_seconds=60,
            **of_seed.limits,
        )
        places.append(await place_of_truth(trial, seed=seed))
    told = [place for place in places if place is not None]
    inside = sum(0.1 <= place <= 0.9 for place in told) / len(told)
    print(f"{inside:.0%} of {len(told)} true finishes inside P10 to P90")  # noqa: T201 (the figure that a long run is for)
    tolerance = DEVIATIONS * sqrt(SHARE * (1 - SHARE) / len(told))
    assert abs(inside - SHARE) <= tolerance
