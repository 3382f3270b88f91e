"""Nights that were missed: whether one that comes late is still to be made up for."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from inkbatch.domain.campaign import CatchUp, Schedule

LATE = timedelta(hours=1)
"""Runs start minutes late on a busy machine; later than that the machine was off."""


def left_out(schedule: Schedule, *, due_at: datetime, now: datetime) -> str | None:
    """Return why the night that was due then is not run now; None where it is.

    Prefect runs each missed night one after the other. One is enough: it does what all would.
    """
    following = next(CronSim(schedule.cron, due_at.astimezone(ZoneInfo(schedule.zone))))
    if following <= now:
        return f"missed, and the night of {following:%Y-%m-%d %H:%M} has come meanwhile"
    if now - due_at > LATE and schedule.catch_up is CatchUp.NONE:
        return 'missed, and catch_up = "none"'
    return None
