"""People reached for the budget in the learned order and in the order of the list.

The sandbox's callees answer better at some hours of their own day. The campaign has far more people
than its days have budget for, so what is asked is whom the scarce calls go to.
"""

from datetime import UTC, datetime, timedelta
from statistics import mean

import pytest

from inkbatch.sandbox import Population, SandboxOptions
from inkbatch.testing import rehearsal
from tests.trial_campaigns import attempts_of, write_campaign

START = datetime(2026, 11, 2, 22, 0, tzinfo=UTC)
"""17:00 in New York, 14:00 in Los Angeles; the budget comes back at that hour every day."""

AREAS = ("212", "312", "303", "310")
DAYS = 5
LINGER = timedelta(minutes=45)
SEEDS = (1, 2, 3)
ODDS = {
    "home in the evening": (0.05,) * 9 + (0.15,) * 8 + (0.6,) * 4 + (0.05,) * 3,
    "as the sandbox has it": Population().answer_odds,
    "alike at every hour": (0.3,) * 24,
}


def people():
    """Rows that take turns among four time zones, all of the reserved numbers there are."""
    return [f"+1{area}55501{place:02d}" for place in range(100) for area in AREAS]


async def reached_by_call(folder, database, *, seed, odds):
    """Return the share of calls that were answered."""
    options = SandboxOptions(population=Population(seed=seed, answer_odds=odds))
    async with rehearsal(
        folder, start=START, database=database, sandbox_options=options, poll_seconds=20
    ) as trial:
        await trial.run(linger=LINGER)
        for day in range(1, DAYS):
            await trial.clock.sleep_until(START + timedelta(days=day))
            await trial.run(linger=LINGER)
        ended = [each for each in attempts_of(trial) if each.disposition is not None]
    return sum(each.disposition == "answered" for each in ended) / len(ended), len(ended)


@pytest.mark.timeout(900)
async def test_the_learned_order_beside_that_of_the_list(tmp_path):
    """Prints people reached by a hundred calls, over seeded populations, and the ratio."""
    print()
    for name, odds in ODDS.items():
        shares = {"value": [], "list": []}
        calls = 0
        for order, found in shares.items():
            for seed in SEEDS:
                folder = write_campaign(
                    tmp_path / f"{order}{seed}{name.replace(' ', '')}",
                    people(),
                    order=order,
                    attempts={"max": 4, "retry": {"no_answer": "20h"}},
                    pacing={"calls_at_once": 5, "calls_per_minute": 20},
                )
                database = folder.with_suffix(".db")
                share, made = await reached_by_call(folder, database, seed=seed, odds=odds)
                found.append(share)
                calls += made
        value, listed = (mean(shares[order]) for order in ("value", "list"))
        print(
            f"{name}: of 100 calls the learned order reaches {100 * value:.1f} people, the order "
            f"of the list {100 * listed:.1f}: {value / listed:.2f} times as many "
            f"({len(SEEDS)} seeds, {DAYS} days, {calls:,} calls)"
        )
