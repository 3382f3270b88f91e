"""How the pages are written: one environment, every value escaped, words for our terms."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from inkbatch.domain.moment import how_far
from inkbatch.domain.phone_number import masked
from inkbatch.web import words

CLOCK_TIME = re.compile(r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?(\d\d):(\d\d) UTC")
FULL_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def page(
    request: Request, template: str, *, http_status: HTTPStatus = HTTPStatus.OK, **values: Any
) -> HTMLResponse:
    """Return a page, or a part of one; every template knows who looks and what is served."""
    return HTMLResponse(render(request, template, **values), http_status)


def render(request: Request, template: str, **values: Any) -> str:
    """Return the text of a template."""
    known = {
        "person": getattr(request.state, "person", None),
        "path": request.url.path,
        "office": request.app.state.office,
        "now": request.app.state.office.now(),
    }
    return _environment().get_template(template).render({**known, **values})


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("inkbatch.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "masked": masked,
        "moment": moment,
        "timed": timed,
        "there": there,
        "far": lambda at, now: how_far(at - now),
        "number": lambda count: f"{count:,.0f}",
        "minutes": lambda value: f"{value:,.1f}",
        "title": words.title,
    }
    environment.globals |= {"words": words, "counted": words.counted}
    return environment


def moment(at: datetime | None, style: str = "full") -> Markup:
    """Return a time that the page's script tells on the viewer's own clock; UTC without it."""
    if at is None:
        return Markup("&ndash;")
    shown = {"clock": "%H:%M UTC", "full": "%a %d %b, %H:%M UTC"}[style]
    told = at.astimezone(UTC)
    return Markup('<time datetime="{}" data-show="{}">{}</time>').format(
        told.isoformat(timespec="seconds"), style, told.strftime(shown)
    )


def there(at: datetime | None, zones: tuple[str, ...]) -> str:
    """Return a time on the contact's own clock, by the first of its candidate zones."""
    if at is None:
        return ""
    if not zones:
        return "zone unknown"
    return f"{at.astimezone(ZoneInfo(zones[0])):%a %H:%M}"


def timed(sentence: str, now: datetime) -> Markup:
    """Return a sentence in which each UTC time is one that the script can tell locally."""
    pieces, end = list[Markup | str](), 0
    for found in re.finditer(f"{FULL_TIME.pattern}|{CLOCK_TIME.pattern}", sentence):
        at = _meant(found, now)
        pieces += [
            sentence[end : found.start()],
            moment(at, "clock" if _is_today(at, now) else "full"),
        ]
        end = found.end()
    return Markup("").join([*pieces, sentence[end:]])


def _meant(found: re.Match[str], now: datetime) -> datetime:
    day, clock, weekday, hour, minute = found.groups()
    if day:
        return datetime.fromisoformat(f"{day}T{clock}:00+00:00")
    at = now.astimezone(UTC).replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    if weekday is None:
        return at
    ahead = (WEEKDAYS.index(weekday) - at.weekday()) % 7
    return at + timedelta(days=ahead)


def _is_today(at: datetime, now: datetime) -> bool:
    return at.date() == now.astimezone(UTC).date()


def chosen(value: str, choices: Mapping[str, str]) -> str:
    """Return the value if it is one of the choices, else the empty text."""
    return value if value in choices else ""
