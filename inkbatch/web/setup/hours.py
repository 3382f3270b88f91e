"""The hours of the week, holidays and single dates, between the form and the file."""

from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.items import Table

from inkbatch.web.forms import Form

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GROUPS = {"weekdays": DAYS[:5], "weekends": DAYS[5:]}
CLOSED = "closed"
HOUR_FIELDS = {
    **{f"calling_window.{day}": day for day in DAYS},
    "calling_window.weekdays": "monday",
    "calling_window.weekends": "saturday",
    "calling_window.zone": "zone",
    "calling_window.holidays": "holidays",
    "calling_window.exceptions": "exceptions",
    "calling_window": "monday",
}


def read_hours(table: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the fields of the hours."""
    holidays = table.get("holidays", [])
    exceptions = table.get("exceptions", {})
    return {
        **{day: [", ".join(_spans(table, day))] for day in DAYS},
        "zone": [table.get("zone", "contact")],
        "holidays": [holidays if isinstance(holidays, str) else ", ".join(holidays)],
        "exceptions": [
            "\n".join(f"{day} {', '.join(spans) or CLOSED}" for day, spans in exceptions.items())
        ],
    }


def write_hours(table: Table, form: Form) -> None:
    """Write the hours, days that are alike by one key."""
    _put(table, "zone", form["zone"] or "contact")
    week = {day: _split(form[day]) for day in DAYS}
    plain: Mapping[str, Any] = table.unwrap()
    for group, days in GROUPS.items():
        if {day: list(_spans(plain, day)) for day in days} == {day: week[day] for day in days}:
            continue
        usual = week[days[0]]
        _put(table, group, usual)
        for day in days:
            if week[day] == usual:
                table.pop(day, None)
            else:
                _put(table, day, week[day])
    places = _split(form["holidays"])
    if places:
        _put(table, "holidays", places[0] if len(places) == 1 else places)
    else:
        table.pop("holidays", None)
    _write_exceptions(table, form["exceptions"])


def _write_exceptions(table: Table, text: str) -> None:
    wanted = dict[str, list[str]]()
    for line in text.splitlines():
        day, _, spans = line.strip().partition(" ")
        if day:
            wanted[day] = [] if spans.strip().lower() == CLOSED else _split(spans)
    told: Mapping[str, Any] = table.unwrap().get("exceptions", {})
    if {str(day): list(spans) for day, spans in told.items()} == wanted:
        return
    table.pop("exceptions", None)
    if wanted:
        exceptions = tomlkit.table()
        for day, hours in wanted.items():
            exceptions.append(day, hours)
        table.append("exceptions", exceptions)


def _spans(table: Mapping[str, Any], day: str) -> Sequence[str]:
    group = next(name for name, days in GROUPS.items() if day in days)
    spans: Sequence[str] = table.get(day, table.get(group, []))
    return spans


def _split(text: str) -> list[str]:
    """Return the parts between commas; dashes of any kind are the file's own."""
    plain = text.replace("\N{EN DASH}", "-").replace(" - ", "-")
    return [part.strip() for part in plain.split(",") if part.strip()]


def _put(table: Table, key: str, value: Any) -> None:
    if table.unwrap().get(key) != value:
        table[key] = value
