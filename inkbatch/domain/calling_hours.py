"""Hours as people read them: a line for each run of weekdays that share their spans."""

from collections.abc import Sequence

from inkbatch.domain.calling_rules import StrictestWindow, shared_week
from inkbatch.domain.calling_window import CallingWindow, Span

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CONTACT_ZONES = "each contact's own time zone"


def hours_lines(window: StrictestWindow) -> tuple[str, ...]:
    """Return the hours in which every window is open, each line with the zone of its clock.

    Windows of several zones are told one after the other, and all of them must be open.
    """
    by_zone = dict[str | None, list[CallingWindow]]()
    for each in window.windows:
        by_zone.setdefault(each.zone, []).append(each)
    lines = [
        f"{line} ({zone or CONTACT_ZONES})"
        for zone, windows in by_zone.items()
        for line in week_lines(shared_week(windows)) or ("at no hour",)
    ]
    holidays = list(dict.fromkeys(str(each.holidays) for each in window.windows if each.holidays))
    return (*lines, *(f"not on public holidays of {places}" for places in holidays))


def week_lines(week: Sequence[tuple[Span, ...]]) -> tuple[str, ...]:
    """Return one line for each run of weekdays that share their spans."""
    lines, days = list[str](), list[str]()
    for index, spans in enumerate(week):
        days.append(WEEKDAYS[index])
        if index + 1 < len(week) and week[index + 1] == spans:
            continue
        when = days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}"
        if spans:
            lines.append(f"{when} {', '.join(map(str, spans))}")
        days = []
    return tuple(lines)
