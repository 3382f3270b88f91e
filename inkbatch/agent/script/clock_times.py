"""Times of day as people say them: `5 pm`, `17:30`, `half past four`, `in two hours`, `noon`."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
NUMBERS = {word: number for number, word in enumerate(WORDS, 1)}
COUNT = rf"(\d{{1,2}}|(?:{'|'.join(WORDS)})\b)"
DELAY = re.compile(
    rf"\bin (?:about )?(?:{COUNT}|(an?|half an)) ?(minutes?|mins?|hours?)\b", re.ASCII
)
CLOCK = re.compile(
    rf"\b(?:(at|around|about|after|by|until|till) )?(half past |quarter past |quarter to )?{COUNT}"
    r"(?:[:.h]([0-5]\d))?(?![\d:])(?: ?([ap])\.? ?m\b\.?)?( ?o'? ?clock)?",
    re.ASCII,
)
OFFSETS = {"half past ": 30, "quarter past ": 15, "quarter to ": -15}
NAMED = {"noon": time(12), "midday": time(12), "lunch": time(12), "this evening": time(18)}
HOURS, FIRST_MORNING_HOUR, NOON = 24, 8, 12


def has_time(text: str) -> bool:
    """Whether a text names a time of day, or says in how long."""
    return _delay(_plain(text)) is not None or _time(_plain(text)) is not None


def call_back_at(text: str, *, now: datetime, zones: Sequence[str]) -> datetime | str | None:
    """Return when to call back: an aware time, or `17:00` for the next such time; None if unsaid.

    `tomorrow` needs to know the contact's zone; with several candidates it is left out.
    """
    plain = _plain(text)
    delay = _delay(plain)
    if delay is not None:
        return now + delay
    at = _time(plain)
    if at is None:
        return None
    if "tomorrow" in plain and len(zones) == 1:
        zone = ZoneInfo(zones[0])
        day = now.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(day, at, zone)
    return f"{at:%H:%M}"


def _delay(plain: str) -> timedelta | None:
    found = DELAY.search(plain)
    if found is None:
        return None
    count, article, unit = found.groups()
    minutes = 60 if unit.startswith("hour") else 1
    if article is not None:
        return timedelta(minutes=minutes) * (0.5 if article.startswith("half") else 1)
    return timedelta(minutes=minutes) * _number(count)


def _time(plain: str) -> time | None:
    named = next((at for name, at in NAMED.items() if name in plain), None)
    if named is not None:
        return named
    for found in CLOCK.finditer(plain):
        at = _read(found)
        if at is not None:
            return at
    return None


def _read(found: re.Match[str]) -> time | None:
    lead, offset, hour_text, minute, half, clock = found.groups()
    if not any((lead, offset, minute, half, clock)):
        return None  # a bare number may be anything
    hour = _number(hour_text)
    if half is not None:
        if not 1 <= hour <= NOON:
            return None
        hour = hour % NOON + (NOON if half == "p" else 0)
    elif 1 <= hour < FIRST_MORNING_HOUR and not hour_text.startswith("0"):
        hour += NOON  # nobody asks to be called at four in the morning
    minutes = hour * 60 + int(minute or 0) + OFFSETS.get(offset or "", 0)
    return time(minutes // 60, minutes % 60) if 0 <= minutes < HOURS * 60 else None


def _number(text: str) -> int:
    return NUMBERS[text] if text in NUMBERS else int(text)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("\u2019", "'").split())
