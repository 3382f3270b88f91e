"""From budget coming free to the request that uses it."""

from datetime import UTC, datetime, timedelta

from inkbatch.sandbox import SandboxOptions
from inkbatch.testing import rehearsal
from tests.trial_campaigns import callees, numbers, write_campaign

MONDAY = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
LIMIT = 3


async def test_a_call_leaves_at_the_very_instant_a_slot_comes_free(tmp_path):
    """Each call beyond the limit is placed exactly 24 hours after the one whose slot it takes."""
    folder = write_campaign(
        tmp_path / "trial",
        numbers(4 * LIMIT),
        pacing={"calls_at_once": LIMIT, "calls_per_minute": 1},
    )
    options = SandboxOptions(population=callees(), calls_limit=LIMIT, minutes_limit=None)
    async with rehearsal(
        folder, start=MONDAY, database=tmp_path / "trial.db", sandbox_options=options
    ) as trial:
        await trial.run()
        placed = [call.created_at for call in trial.sandbox.ledger()]
        refused = trial.sandbox.answers_by_status().get(429, 0)
    taken = zip(placed, placed[LIMIT:], strict=False)
    assert [later - earlier for earlier, later in taken] == [DAY] * (3 * LIMIT)
    assert len(set(placed)) == len(placed)
    assert refused == 0
