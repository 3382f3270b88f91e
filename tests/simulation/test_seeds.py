"""A few hundred lives under drawn faults; the long version is `make simulate SEEDS=10000`."""

import pytest

from tests.simulation.databases import sqlite_in_memory
from tests.simulation.world import simulate

SEEDS, TOGETHER = 200, 10
"""So many here; each draws which of the faults are on."""


@pytest.mark.parametrize("first", range(0, SEEDS, TOGETHER))
def test_no_promise_is_broken(first):
    """Whatever goes wrong, nobody is called twice or too late, and everybody has an end."""
    attempts = 0
    for seed in range(first, first + TOGETHER):
        with sqlite_in_memory() as store:
            attempts += simulate(seed, store).attempts

    assert attempts > 0
