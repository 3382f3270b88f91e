"""Nights that were missed: whether one that comes late is still to be made up for."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from inkbatch.domain.campaign import CatchUp, Schedule

LATE = timedelta(hours=1)
"""Runs start minutes late on a busy machine; later than that the machine was off."""

CLOCKS_CHANGE_BY_MAX = timedelta(hours=1)


def left_out(schedule: Schedule, *, due_at: datetime, now: datetime) -> str | None:
    """Return why the night that was due then is not run now; None where it is.

    Prefect runs each missed night one after the other. One is enough: it does what all would.
    """
    following = come_meanwhile(schedule, due_at=due_at, now=now)
    if following is not None:
        return f"missed, and the night of {following:%Y-%m-%d %H:%M} has come meanwhile"
    if now - due_at > LATE and schedule.catch_up is CatchUp.NONE:
        return 'missed, and catch_up = "none"'
    return None


def come_meanwhile(schedule: Schedule, *, due_at: datetime, now: datetime) -> datetime | None:
    """Return the night after the one that was due then, where it has come by now."""
    following = _following(schedule, due_at)
    return following if following <= now else None


def _following(schedule: Schedule, due_at: datetime) -> datetime:
    """Return the night after the one that was due then.

    For a time that the clocks skip, Prefect takes the hour before and cron the moment after the
    change: what cron moves there, less than a change of the clocks later, is the same night.
    """
    zone = ZoneInfo(schedule.zone)
    for night in CronSim(schedule.cron, due_at.astimezone(zone)):
        if night - due_at > CLOCKS_CHANGE_BY_MAX or _is_as_said(schedule, night):
            return night
    raise AssertionError(schedule.cron)  # a cron that never comes is refused in the file


def _is_as_said(schedule: Schedule, night: datetime) -> bool:
    """Whether the cron names this very time of day, as a clock that never changes would have it."""
    by_the_wall = night.replace(tzinfo=None)
    return next(CronSim(schedule.cron, by_the_wall - timedelta(minutes=1))) == by_the_wall
