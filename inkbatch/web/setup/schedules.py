"""When the nightly run starts: a time and days of the week, between the form and the file.

A schedule that says more than that is shown as it stands, and kept.
"""

import re
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit import TOMLDocument

from inkbatch.web.forms import Form

SCHEDULE_FIELDS = {
    "schedule.cron": "schedule_time",
    "schedule.zone": "schedule_zone",
    "schedule": "schedule_time",
}
SIMPLE = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* (\*|[0-7](?:[-,][0-7])*)")
EVERY_DAY = "1,2,3,4,5,6,0"
DAYS = (
    ("1", "Mon"),
    ("2", "Tue"),
    ("3", "Wed"),
    ("4", "Thu"),
    ("5", "Fri"),
    ("6", "Sat"),
    ("0", "Sun"),
)


def read_schedule(table: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """Return the fields of the schedule."""
    if table is None:
        return {
            "schedule_time": [""],
            "schedule_days": EVERY_DAY.split(","),
            "schedule_zone": [""],
            "schedule_own": [""],
        }
    cron, zone = str(table.get("cron", "")), str(table.get("zone", ""))
    simple = SIMPLE.fullmatch(cron)
    if simple is None:
        return {
            "schedule_time": [""],
            "schedule_days": [],
            "schedule_zone": [zone],
            "schedule_own": [cron],
        }
    return {
        "schedule_time": [f"{int(simple[2]):02d}:{int(simple[1]):02d}"],
        "schedule_days": _days(simple[3]),
        "schedule_zone": [zone],
        "schedule_own": [""],
    }


def write_schedule(document: TOMLDocument, form: Form) -> None:
    """Write the schedule; without a time there is none, but for one that only the file can say."""
    told = document.unwrap().get("schedule")
    if read_schedule(told)["schedule_own"][0] and not form["schedule_time"]:
        return
    if not form["schedule_time"]:
        document.pop("schedule", None)
        return
    hour, _, minute = form["schedule_time"].partition(":")
    days = form.all("schedule_days")
    wanted = {
        "cron": f"{_number(minute)} {_number(hour)} * * {_days_text(days)}",
        "zone": form["schedule_zone"],
    }
    if told is None:
        document["schedule"] = tomlkit.table()
    table: Any = document["schedule"]
    if told is None or read_schedule(told) != read_schedule(wanted):
        table.update(wanted)


def _number(text: str) -> str:
    return str(int(text)) if text.isdecimal() else text


def _days_text(days: list[str]) -> str:
    return "*" if not days or len(days) == len(DAYS) else ",".join(days)


def _days(text: str) -> list[str]:
    """Return the days of a cron field, Sunday as 0."""
    if text == "*":
        return EVERY_DAY.split(",")
    days = list[str]()
    for part in text.split(","):
        first, _, last = part.partition("-")
        days += [str(day % 7) for day in range(int(first), int(last or first) + 1)]
    return days
