"""Who is called next, from the campaign file to the calls that Inkbox took."""

from datetime import UTC, datetime

import pytest

from inkbatch.dialer.explain import outlook, told_of_number
from inkbatch.domain.answer_odds import Cell, Tally
from inkbatch.testing import rehearsal
from inkbatch.wiring import load_campaign
from tests.trial_campaigns import attempts_of, numbers, write_campaign

MONDAY = datetime(2026, 11, 2, 22, 0, tzinfo=UTC)
"""17:00 in New York, 14:00 in Los Angeles."""

DAY = [{"Phone": f"+1{area}55501{place:02d}"} for place in range(6) for area in ("310", "212")]


async def called(folder, tmp_path, *, learned=None):
    """Run until so many are called that the order shows; return the numbers in their order."""
    async with rehearsal(folder, start=MONDAY, database=tmp_path / "trial.db") as trial:
        async with trial.shift():
            pass
        with trial.desk.store.transaction() as tx:
            for cell, tally in (learned or {}).items():
                tx.count_call(trial.record().id, cell, tally)
        await trial.run()
        tried = sorted(
            (each for each in attempts_of(trial) if each.ordinal == 1),
            key=lambda each: each.reserved_at,
        )
    return [each.number for each in tried]


LEARNED = {Cell(1, 0, 17): Tally(200, 120, 0, 100.0), Cell(1, 0, 14): Tally(200, 20, 0, 20.0)}
"""Of a hundred calls, sixty are answered at 17:00 and ten at 14:00."""


async def test_the_better_hour_goes_first_and_every_fifth_turn_to_the_longest_wait(tmp_path):
    """New York before Los Angeles, which nevertheless has its turns."""
    folder = write_campaign(tmp_path / "trial", DAY)
    order = await called(folder, tmp_path, learned=LEARNED)
    areas = [number[2:5] for number in order]
    assert areas == ["212"] * 4 + ["310"] + ["212"] * 2 + ["310"] * 5


async def test_the_order_of_the_list_is_kept_for_those_who_want_it(tmp_path):
    """Whatever was learned."""
    folder = write_campaign(tmp_path / "trial", DAY, order="list")
    order = await called(folder, tmp_path, learned=LEARNED)
    assert order == [row["Phone"] for row in DAY]


@pytest.mark.parametrize(("order", "place"), [("value", 0), ("list", 5)])
async def test_a_near_deadline_goes_before_priority(tmp_path, order, place):
    """By default; in the order of the list it has no say."""
    rows = [{"Phone": number, "Priority": "1", "Deadline": ""} for number in numbers(5)]
    urgent = {"Phone": "+12125550150", "Priority": "0", "Deadline": "2026-11-02 18:00"}
    folder = write_campaign(tmp_path / "trial", [*rows, urgent], order=order)
    assert (await called(folder, tmp_path)).index(urgent["Phone"]) == place


async def test_what_decides_a_turn_is_told(tmp_path):
    """With the odds, the calls they come from, and who goes before."""
    folder = write_campaign(tmp_path / "trial", DAY)
    async with rehearsal(folder, start=MONDAY, database=tmp_path / "trial.db") as trial:
        async with trial.shift():
            pass
        with trial.desk.store.transaction() as tx:
            for cell, tally in LEARNED.items():
                tx.count_call(trial.record().id, cell, tally)
        with trial.desk.store.reading() as tx:
            (told,) = told_of_number(tx, "+13105550100")
        ahead = outlook(trial.desk.store, load_campaign(folder), told, clock=trial.clock)
    assert ahead.turn is not None
    assert "by 400 calls of this campaign" in ahead.turn
    assert "a call to others is worth more now" in ahead.turn


async def test_calls_are_learned_from_as_they_end(tmp_path):
    """Each call that used the budget is in the tally once, at its hour on the callee's clock."""
    folder = write_campaign(tmp_path / "trial", DAY)
    async with rehearsal(folder, start=MONDAY, database=tmp_path / "trial.db") as trial:
        await trial.run()
        ended = [each for each in attempts_of(trial) if each.disposition is not None]
        with trial.desk.store.reading() as tx:
            told = tx.answer_tallies(trial.record().id)
    assert sum(tally.calls for tally in told.values()) == len(ended)
    assert sum(tally.answered for tally in told.values()) == sum(
        each.disposition == "answered" for each in ended
    )
    assert Cell(1, 0, 17) in told
    assert Cell(1, 0, 14) in told
