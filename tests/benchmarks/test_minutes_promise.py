"""What it costs that minutes never pass the limit, however long the calls in progress last.

Minutes bind: everybody picks up and talks for a minute and a half at the median. Beside it stands
what reserving the predicted minutes alone does, which is an overrun without end.
"""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.sandbox import SandboxOptions
from inkbatch.testing import rehearsal
from tests.ledger_oracle import most_minutes
from tests.trial_campaigns import callees, numbers, write_campaign

MONDAY = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
LIMIT_MINUTES, CONTACTS = 50, 120
WITHOUT_END = 1000.0


async def talked(folder, database, *, maximum):
    """Dial for two days; return the minutes of the first, and the most in 24 hours."""
    population = callees(
        seed=11,
        talk_median=timedelta(minutes=1.5),
        talk_sigma=0.6,
        max_duration=timedelta(minutes=maximum),
    )
    options = SandboxOptions(population=population, calls_limit=1000, minutes_limit=LIMIT_MINUTES)
    async with rehearsal(
        folder, start=MONDAY, database=database, sandbox_options=options, poll_seconds=20
    ) as trial:
        await trial.run(linger=timedelta(hours=1))
        first = sum(
            (call.ended_at - call.started_at).total_seconds() / 60
            for call in trial.sandbox.ledger()
            if call.started_at
        )
        await trial.clock.sleep_until(MONDAY + DAY)
        await trial.run(linger=timedelta(hours=1))
        refused = trial.sandbox.answers_by_status().get(429, 0)
        return first, most_minutes(trial.sandbox.ledger()), refused


@pytest.mark.timeout(900)
def test_what_the_promise_costs(tmp_path, sqlite_template):
    """Prints the share of the limit that is used, and the most in any 24 hours."""
    print()
    for maximum, overrun in ((10, 0.0), (5, 0.0), (3, 0.0), (10, 10.0), (10, WITHOUT_END)):
        name = f"most-{maximum}-{overrun:.0f}"
        database = tmp_path / f"{name}.db"
        shutil.copy(sqlite_template, database)
        folder = write_campaign(
            tmp_path / name,
            numbers(CONTACTS, areas=("212", "312")),
            pacing={"calls_at_once": 5},
            budget={"minutes_max": float(maximum), "overrun_minutes": overrun},
        )
        first, most, refused = asyncio.run(talked(folder, database, maximum=maximum))
        print(
            f"minutes_max {maximum}, overrun_minutes {overrun:g}: {first / LIMIT_MINUTES:.1%} of "
            f"the limit on the first day, at most {most:.2f} of {LIMIT_MINUTES} minutes in 24 "
            f"hours, {refused} answers with 429"
        )
