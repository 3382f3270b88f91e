"""How long to wait after each outcome, and how often at most, between the form and the file."""

import re
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import Table

from inkbatch.web.forms import Form

WAITS = {
    "no_answer": "4h",
    "voicemail": "20h",
    "rejected": "stop",
    "failed": "2h",
    "dial_failed": "1h",
    "invalid": "stop",
}
"""The outcomes after which the form asks for a wait, and what holds without one."""

UNITS = {"m": "minutes", "h": "hours", "d": "days", "stop": "no further try"}
CAPS_SHOWN = 3
DURATION = re.compile(r"(\d+) ?([smhd])")
WAIT_FIELDS = {f"attempts.retry.{outcome}": f"wait_{outcome}" for outcome in WAITS} | {
    f"attempts.per.{place}{inner}": "per"
    for place in range(10)
    for inner in ("", ".attempts", ".period")
}


def read_waits(attempts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the fields of the waits and of the caps."""
    values = dict[str, list[str]]()
    for outcome, usual in WAITS.items():
        told = attempts.get("retry", {}).get(outcome, usual)
        is_table = isinstance(told, Mapping)
        count, unit = _parts(told["after"] if is_table else told)
        values[f"wait_{outcome}"] = [count]
        values[f"unit_{outcome}"] = [unit]
        values[f"other_{outcome}"] = ["yes"] if is_table and told.get("other_hour") else []
        values[f"number_{outcome}"] = ["yes"] if is_table and told.get("other_number") else []
    caps = attempts.get("per", [{"attempts": 3, "period": "24h"}])
    for place in range(max(CAPS_SHOWN, len(caps))):
        cap = caps[place] if place < len(caps) else {}
        count, unit = _parts(cap.get("period", ""))
        values[f"cap_{place}"] = [str(cap.get("attempts", ""))]
        values[f"cap_wait_{place}"] = [count]
        values[f"cap_unit_{place}"] = [unit or "h"]
    values["caps"] = [str(max(CAPS_SHOWN, len(caps)))]
    return values


def write_waits(attempts: Table, form: Form) -> None:
    """Write the waits and the caps where they differ from what the file says, or from the usual."""
    plain: Mapping[str, Any] = attempts.unwrap()
    for outcome, usual in WAITS.items():
        told = plain.get("retry", {}).get(outcome, usual)
        wanted = _wait(form, outcome)
        if wanted == told:
            continue
        if "retry" not in attempts:
            attempts.append("retry", tomlkit.table())
        retry: Any = attempts["retry"]
        retry[outcome] = wanted
    caps = [cap for place in range(10) if (cap := _cap(form, place)) is not None]
    if caps != plain.get("per", [{"attempts": 3, "period": "24h"}]):
        attempts["per"] = caps


def _wait(form: Form, outcome: str) -> Any:
    unit = form[f"unit_{outcome}"]
    if unit == "stop":
        return "stop"
    after = f"{form[f'wait_{outcome}']}{unit}"
    chosen = {
        name: True
        for name, field in (("other_hour", "other"), ("other_number", "number"))
        if form[f"{field}_{outcome}"]
    }
    return {"after": after, **chosen} if chosen else after


def _cap(form: Form, place: int) -> dict[str, Any] | None:
    attempts = form[f"cap_{place}"]
    if not attempts:
        return None
    count = int(attempts) if attempts.isdecimal() else attempts
    return {"attempts": count, "period": f"{form[f'cap_wait_{place}']}{form[f'cap_unit_{place}']}"}


def _parts(duration: str) -> tuple[str, str]:
    if duration == "stop":
        return "", "stop"
    found = DURATION.fullmatch(duration)
    if found is None:
        return "", ""
    if found[2] == "s":  # the form counts in minutes and more; whole ones at least
        return str(max(int(found[1]) // 60, 1)), "m"
    return found[1], found[2]
