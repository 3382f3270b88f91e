"""The fields of the settings form: read from a campaign's file, and written into it.

A file's comments and the keys that the form does not know stay as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Table

from inkbatch.web.forms import Form
from inkbatch.web.setup.hours import HOUR_FIELDS, read_hours, write_hours
from inkbatch.web.setup.schedules import SCHEDULE_FIELDS, read_schedule, write_schedule
from inkbatch.web.setup.waits import WAIT_FIELDS, read_waits, write_waits

Values = dict[str, list[str]]
"""What a form shows: for each field its texts, mostly one."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A field that stands for one key; `read` makes of a text what the file holds."""

    key: str
    read: Callable[[str], Any]


def _whole(text: str) -> Any:
    return int(text) if text.removeprefix("-").isdecimal() else text


def _decimal(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _per_minute(text: str) -> Any:
    return _whole(text) if text else "unlimited"


PLAIN = {
    "client_websocket_url": Plain("client_websocket_url", str),
    "default_region": Plain("default_region", str.upper),
    "expires": Plain("expires", str),
    "tries": Plain("attempts.max", _whole),
    "calls_at_once": Plain("pacing.calls_at_once", _whole),
    "calls_per_minute": Plain("pacing.calls_per_minute", _per_minute),
    "predicted_minutes": Plain("budget.predicted_minutes", _decimal),
    "minutes_max": Plain("budget.minutes_max", _decimal),
    "head_room_calls": Plain("budget.head_room_calls", _whole),
    "head_room_minutes": Plain("budget.head_room_minutes", _decimal),
    "pilot_calls": Plain("pilot.calls", _whole),
}
DEFAULTS = {
    "tries": "4",
    "calls_at_once": "5",
    "calls_per_minute": "20",
    "predicted_minutes": "1.0",
    "minutes_max": "10.0",
    "head_room_calls": "0",
    "head_room_minutes": "0.0",
}
"""What holds where the file is silent, as the form shows it."""

FIELD_OF_KEY = {
    **{plain.key: name for name, plain in PLAIN.items()},
    **HOUR_FIELDS,
    **WAIT_FIELDS,
    **SCHEDULE_FIELDS,
    "from_numbers": "from_numbers",
    "rules": "rules",
    "attempts.reached": "reached",
    "attempts.per": "per",
    "pilot": "pilot_calls",
    "budget": "minutes_max",
}
"""Which field a problem of a key stands beside."""


def read_values(document: TOMLDocument) -> Values:
    """Return what the form shows for a file."""
    plain = document.unwrap()
    values = {name: [text] for name, text in DEFAULTS.items()}
    for name, field in PLAIN.items():
        told = _at(plain, field.key)
        if told is not None:
            values[name] = ["" if told == "unlimited" else str(told)]
    values["from_numbers"] = [
        each if isinstance(each, str) else each["number"] for each in plain.get("from_numbers", [])
    ]
    values["rules"] = list(plain.get("rules", []))
    attempts = plain.get("attempts", {})
    values["reached"] = list(attempts.get("reached", ["answered"]))
    return {
        **values,
        **read_hours(plain.get("calling_window", {})),
        **read_waits(attempts),
        **read_schedule(plain.get("schedule")),
    }


def write_values(document: TOMLDocument, form: Form) -> None:
    """Write what the form says into a file's document; empty fields take their keys away."""
    for name, field in PLAIN.items():
        text = form[name]
        if text or name == "calls_per_minute":
            _put(document, field.key, field.read(text))
        else:
            _take(document, field.key)
    _write_numbers(document, form["from_numbers"].replace(",", "\n").split("\n"))
    _put_list(document, "rules", form.all("rules"))
    _put(document, "attempts.reached", form.all("reached"))
    write_hours(table_at(document, "calling_window"), form)
    write_waits(table_at(document, "attempts"), form)
    write_schedule(document, form)
    if not document.get("pilot", True):
        document.pop("pilot")


def _write_numbers(document: TOMLDocument, lines: Sequence[str]) -> None:
    """Keep what the file knows of a number beyond itself, such as its id."""
    told = document.unwrap().get("from_numbers", [])
    known = {each["number"]: each for each in told if isinstance(each, dict)}
    numbers = ["".join(line.split()) for line in lines if line.strip()]
    document["from_numbers"] = [known.get(number, number) for number in numbers]


def table_at(document: TOMLDocument | Table, key: str) -> Table:
    """Return the table of a key, made where it is missing."""
    if key not in document:
        document[key] = tomlkit.table()
    return cast("Table", document[key])


def _at(plain: Mapping[str, Any], key: str) -> Any:
    told: Any = plain
    for part in key.split("."):
        told = told.get(part) if isinstance(told, Mapping) else None
    return told


def _put(document: TOMLDocument, key: str, value: Any) -> None:
    """Set a key where it differs, so that a comment behind it stays."""
    *tables, last = key.split(".")
    at: Any = document
    for part in tables:
        at = table_at(at, part)
    if _at(document.unwrap(), key) != value:
        at[last] = value


def _put_list(document: TOMLDocument, key: str, value: list[str]) -> None:
    if value:
        _put(document, key, value)
    else:
        _take(document, key)


def _take(document: TOMLDocument, key: str) -> None:
    *tables, last = key.split(".")
    at: Any = document
    for part in tables:
        if part not in at:
            return
        at = at[part]
    at.pop(last, None)
