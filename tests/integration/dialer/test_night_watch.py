"""Whoever does not look at a campaign is told what it came to, night after night."""

import shutil
from collections import Counter
from datetime import timedelta

from inkbatch.dialer.breaker import is_tripped
from inkbatch.dialer.night_watch import NightWatch
from inkbatch.dialer.run import run_shift
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.notice import NoticeKind
from inkbatch.sandbox import Population
from tests.trial_campaigns import callees, numbers


async def watched(trial, *, tell, linger=None):
    """Work a shift that is watched."""
    async with trial.shift() as shift:
        return await run_shift(shift, linger=linger, on_pass=NightWatch(shift, tell).after_pass)


async def test_each_night_of_a_run_that_waits_is_reported_once(campaign, rehearse):
    """Four calls a day: three nights, three reports, and no word of alarm."""
    trial = await rehearse(campaign(numbers(10)), calls_limit=4, population=callees())
    told = []
    await watched(trial, tell=told.append)
    assert {notice.kind for notice in told} == {NoticeKind.NIGHT_REPORT}
    assert [(each.figures["calls"], each.figures["left"]) for each in told] == [
        (4, 6),
        (4, 2),
        (2, 0),
    ]
    assert len({each.at.date() for each in told}) == 3


async def test_a_night_is_told_of_once_and_again_if_calls_went_on(campaign, rehearse):
    """Where a scheduler begins a shift every quarter of an hour, only the first one tells."""
    people = numbers(6)
    folder = campaign(people[:3])
    trial = await rehearse(folder, population=callees())
    told = []
    for _ in range(3):
        await watched(trial, tell=told.append)
        await trial.clock.sleep_until(trial.clock.now() + timedelta(minutes=15))
    assert [notice.figures["calls"] for notice in told] == [3]

    shutil.rmtree(folder)
    campaign(people)
    for _ in range(2):
        await watched(trial, tell=told.append)
    assert [notice.kind for notice in told] == [NoticeKind.NIGHT_REPORT] * 2
    assert [notice.figures["calls"] for notice in told] == [3, 6]


async def test_a_breaker_that_trips_is_told_at_once_with_the_attempts(campaign, rehearse):
    """And at the night's end that nothing goes on."""
    population = Population(dial_failure_rate=1)
    trial = await rehearse(campaign(numbers(20), breaker=3), population=population)
    told = []
    result = await watched(trial, tell=told.append)
    assert result.problem
    kinds = Counter(notice.kind for notice in told)
    assert kinds[NoticeKind.BREAKER_TRIPPED] == 1
    (tripped,) = [each for each in told if each.kind is NoticeKind.BREAKER_TRIPPED]
    assert len(tripped.figures["attempts"]) >= 3
    assert is_tripped(trial.record())
    assert all(attempt in result.problem for attempt in tripped.figures["attempts"])


async def test_a_campaign_that_is_paused_while_people_are_due_is_told(campaign, rehearse):
    """Somebody paused it and forgot; nobody is called, and the night says so."""
    trial = await rehearse(campaign(numbers(3)), population=callees())
    async with trial.shift():
        record = trial.record()
    with trial.desk.store.transaction() as tx:
        reason, now = "Dagny asked for it", trial.clock.now()
        tx.set_campaign_state(record.id, CampaignState.PAUSED, reason=reason, now=now)
    told = []
    await watched(trial, tell=told.append)
    (notice,) = [each for each in told if each.kind is NoticeKind.NOTHING_DIALED]
    assert notice.figures == {"due": 3, "bound_by": "campaign"}
    assert "Dagny" not in str(told)


async def test_trouble_with_telling_keeps_nobody_from_being_called(campaign, rehearse, caplog):
    """Whatever a notice meets, every contact is reached."""

    def fail(notice):
        raise OSError(f"no notice of {notice.campaign}")

    trial = await rehearse(campaign(numbers(5)), calls_limit=2, population=callees())
    await watched(trial, tell=fail)
    assert trial.counts().contacts["reached"] == 5
    assert {record.getMessage() for record in caplog.records} == {"notices_failed"}


async def test_no_notice_holds_a_number(campaign, rehearse):
    """Nor does anything that it counts."""
    people = numbers(4)
    trial = await rehearse(campaign(people), population=callees("no_answer"))
    told = []
    await watched(trial, tell=told.append)
    assert told
    assert [number for number in people if number.lstrip("+") in str(told)] == []
