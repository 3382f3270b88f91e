"""How much of the scarce budget is used, of what a clairvoyant could have used at most.

::

    python -m tests.benchmarks.budget_use [SEED ...]

Each week is lived through three times under the virtual clock, by inkbatch, by the loop that people
write and by a limiter of fixed windows. The limits of any rolling 24 hours are judged from the
sandbox's ledger.
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from inkbatch.adapters.store import upgrade
from inkbatch.sandbox import Population
from tests.benchmarks import clairvoyant
from tests.benchmarks.rivals import fixed_window, retry_after
from tests.benchmarks.weeks import START, Week, inkbatch_in, live
from tests.trial_campaigns import callees

EVENING, DAYTIME, OFFICE = ("17:00-20:00",), ("08:00-21:00",), ("09:00-12:00", "13:00-17:00")
ALL_ZONES = ("212", "312", "303", "310", "808", "404", "615", "206", "512", "505")
SEEDS = (1,)
TALK_MEDIAN, TALK_SIGMA = 1.5, 0.6


def calls_bind(seed):
    """Weeks in which the documented limits and the sandbox's own callees meet: calls bind."""
    population = Population(seed=seed)
    yield Week(name="13 hours a day", hours=DAYTIME, population=population)
    yield Week(name="3 hours a day", hours=EVENING, population=population)
    yield Week(name="1 hour a day", hours=("18:00-19:00",), population=population)
    yield Week(name="office hours, 5 zones", hours=OFFICE, areas=ALL_ZONES, population=population)
    yield Week(
        name="20 foreign calls a day", hours=DAYTIME, by_hand_a_day=20, population=population
    )
    yield Week(name="two campaigns", hours=EVENING, campaigns=2, population=population)
    yield Week(name="5 % answered 429", hours=DAYTIME, refused_odds=0.05, population=population)


def minutes_bind(seed):
    """Weeks in which everybody picks up and talks: minutes bind, calls do not."""
    for longest, hours in ((1, EVENING), (2, EVENING), (3, DAYTIME), (5, EVENING), (10, EVENING)):
        yield Week(
            name=f"minutes bind, calls of at most {longest} min",
            hours=hours,
            calls_limit=1000,
            minutes_max=float(longest),
            minutes_bind=True,
            population=callees(
                seed=seed,
                talk_median=timedelta(minutes=TALK_MEDIAN),
                talk_sigma=TALK_SIGMA,
                max_duration=timedelta(minutes=longest),
            ),
        )


def figures(week, lived):
    """Return used and bound, what no foresight allows, and by how much a limit was passed."""
    open_time = week.hours_of_all.open_time(START, week.end)
    bound = clairvoyant.upper_bound(
        open_time, lived.others, calls_limit=week.calls_limit, minutes_limit=week.minutes_limit
    )
    over_calls = max(clairvoyant.most_calls(lived.ledger) - week.calls_limit, 0)
    over_minutes = max(clairvoyant.most_minutes(lived.ledger) - week.minutes_limit, 0.0)
    if not week.minutes_bind:
        used, most, blind = len(lived.ours), bound.calls, bound.calls
    else:
        used, most = clairvoyant.talked(lived.ours), bound.minutes
        blind = bound.slices * clairvoyant.without_foresight(
            limit=week.minutes_limit,
            longest=week.minutes_max,
            median=TALK_MEDIAN,
            sigma=TALK_SIGMA,
        )
    return used, most, blind, over_calls, over_minutes


def told(name, week, lived):
    """Return one dialer's line."""
    used, most, blind, over_calls, over_minutes = figures(week, lived)
    line = f"    {name:28s} {used / most:7.1%} of the optimum"
    if week.minutes_bind:
        line += f", {used / blind:6.1%} of what is possible without foresight"
        line += f" ({blind / most:.1%})"
    over = [f"{over_calls} calls"] * (over_calls > 0) + [f"{over_minutes:.1f} min"] * (
        over_minutes > 1e-6
    )
    return f"{line}; over by {' and '.join(over) or 'nothing'}; {lived.over_limit} of 429"


def main(seeds=SEEDS, only=""):
    """Print all weeks, or those whose name has `only` in it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        upgrade(f"sqlite:///{folder / 'template.db'}")
        for seed in seeds:
            for number, week in enumerate((*calls_bind(seed), *minutes_bind(seed))):
                if only in week.name:
                    _live_three_times(week, folder / f"{seed}-{number}", seed=seed)


def _live_three_times(week, folder, *, seed):
    print(f"  {week.name} (seed {seed})")
    ours = inkbatch_in(folder, folder.parent / "template.db")
    for name, dial in (
        ("inkbatch", ours),
        ("tenacity and Retry-After", retry_after),
        ("fixed window of a day", fixed_window),
    ):
        print(told(name, week, live(week, dial, seed=seed)), flush=True)


if __name__ == "__main__":
    main(seeds=tuple(map(int, sys.argv[1:])) or SEEDS)
