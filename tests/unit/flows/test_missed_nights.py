"""Which of the nights that were missed is made up for."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from flows.nights import LATE, come_meanwhile, left_out
from inkbatch.domain.campaign import CatchUp, Schedule

LONDON = "Europe/London"
DUE_AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def nightly(catch_up=CatchUp.ONCE, *, cron="0 9 * * *", zone=LONDON):
    return Schedule(cron=cron, zone=zone, catch_up=catch_up)


@pytest.mark.parametrize("catch_up", CatchUp)
def test_a_night_that_starts_in_time_is_run(catch_up):
    """A busy machine may be some minutes late."""
    for late in (timedelta(0), timedelta(minutes=20), LATE):
        assert left_out(nightly(catch_up), due_at=DUE_AT, now=DUE_AT + late) is None


def test_the_last_night_that_was_missed_is_made_up_for_unless_the_campaign_forbids_it():
    """`catch_up` "once" runs it hours late, "none" waits for the next one."""
    now = DUE_AT + timedelta(hours=8)
    assert left_out(nightly(), due_at=DUE_AT, now=now) is None
    assert "catch_up" in left_out(nightly(CatchUp.NONE), due_at=DUE_AT, now=now)


@pytest.mark.parametrize("catch_up", CatchUp)
def test_a_night_that_was_begun_goes_on_until_the_next_one_has_come(catch_up):
    """It was not missed, so that `catch_up` does not matter; a machine may be off for hours."""
    schedule, next_night = nightly(catch_up), DUE_AT + timedelta(days=1)
    hours_later, a_day_later = DUE_AT + timedelta(hours=8), next_night + timedelta(minutes=1)
    assert come_meanwhile(schedule, due_at=DUE_AT, now=hours_later) is None
    assert come_meanwhile(schedule, due_at=DUE_AT, now=a_day_later) == next_night


NEW_YORK = "America/New_York"
CLOCKS_CHANGE = datetime(2026, 3, 8, tzinfo=ZoneInfo(NEW_YORK))


@pytest.mark.parametrize("minute", [0, 30])
@pytest.mark.parametrize("catch_up", CatchUp)
def test_a_night_whose_hour_does_not_come_is_run_even_if_late(minute, catch_up):
    """Prefect schedules 02:30 for 01:30 on that day; it is no second night at 03:00."""
    schedule = nightly(catch_up, cron=f"{minute} 2 * * *", zone=NEW_YORK)
    due_at = CLOCKS_CHANGE.replace(hour=1, minute=minute).astimezone(UTC)
    for late in (timedelta(0), timedelta(minutes=35), LATE):
        assert left_out(schedule, due_at=due_at, now=due_at + late) is None
    next_night = due_at + timedelta(hours=24)
    assert "has come meanwhile" in left_out(schedule, due_at=due_at, now=next_night)


def test_a_night_that_was_missed_is_left_out_once_the_one_whose_hour_does_not_come_is_there():
    """The night before the clocks change is not made up for besides it."""
    schedule = nightly(cron="30 2 * * *", zone=NEW_YORK)
    day_before = CLOCKS_CHANGE.replace(day=7, hour=2, minute=30).astimezone(UTC)
    now = CLOCKS_CHANGE.replace(hour=9).astimezone(UTC)
    assert "has come meanwhile" in left_out(schedule, due_at=day_before, now=now)


@given(days=st.integers(0, 400), hour=st.integers(0, 23), zone=st.sampled_from([LONDON, "UTC"]))
def test_of_many_missed_nights_one_is_run(days, hour, zone):
    """After a machine was off for weeks, also over a change of the clocks."""
    schedule = nightly(zone=zone, cron=f"30 {hour} * * *")
    first = datetime(2026, 1, 1, tzinfo=UTC)
    now = first + timedelta(days=days + 1)
    due = [
        at for at in _due(schedule, first, now) if left_out(schedule, due_at=at, now=now) is None
    ]
    assert len(due) == 1
    assert now - due[0] <= timedelta(hours=25)


def _due(schedule, since, until):
    for at in CronSim(schedule.cron, since.astimezone(ZoneInfo(schedule.zone))):
        if at > until:
            return
        yield at
