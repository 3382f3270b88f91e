"""What the texts in a campaign file may say: durations, spans, zones, addresses.

Each function takes the raw value and returns what it means, or raises a ValueError that tells
what is allowed; the key and the value are added where the error is told.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlsplit
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError
from phonenumbers import SUPPORTED_REGIONS

from inkbatch.adapters.public_holidays import require_place
from inkbatch.domain.agent_url import ATTEMPT_PARAMETER, PLACEHOLDER
from inkbatch.domain.calling_window import Span
from inkbatch.domain.expiry import Expiry
from inkbatch.domain.phone_number import require_e164
from inkbatch.domain.this_machine import is_this_machine
from inkbatch.domain.us_states import STATES

DURATION_PATTERN = r"^[0-9]{1,6} ?[smhd]$"
SPAN_PATTERN = r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"
DATE_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
HOLIDAY_PLACES_MAX = 20
HEADER_LENGTH_MAX, PHONE_COLUMNS_MAX = 200, 20
STOP = "stop"
UNLIMITED = "unlimited"
CONTACT_ZONE = "contact"
DURATION_MAX = timedelta(days=366)
CALLS_PER_MINUTE_MAX = 6000

_SECONDS_OF_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_UNITS = {unit: timedelta(seconds=seconds) for seconds, unit in _SECONDS_OF_UNITS}


def duration(value: Any) -> timedelta:
    """Read `90s`, `30m`, `4h` or `2d`."""
    allowed = 'a duration is a whole number and s, m, h or d, such as "30m", "4h" or "2d"'
    text = _matching(DURATION_PATTERN, value, allowed)
    length = _UNITS[text[-1]] * int(text[:-1])
    if not timedelta() < length <= DURATION_MAX:
        raise ValueError(f"{allowed}, above zero and at most 366d")
    return length


def duration_text(length: timedelta) -> str:
    """Write a duration as a campaign file does, in the largest unit that fits whole."""
    seconds = int(length.total_seconds())
    size, unit = next(
        (size, unit) for size, unit in _SECONDS_OF_UNITS if seconds % size == 0 or size == 1
    )
    return f"{seconds // size}{unit}"


def calls_per_minute_value(calls: int | None) -> int | str:
    """Write what `calls_per_minute` reads."""
    return UNLIMITED if calls is None else calls


class RetryRule(NamedTuple):
    """When the next try is made: how long after, None for never; at another hour or number."""

    after: timedelta | None
    other_hour: bool = False
    other_number: bool = False


OTHERS = frozenset({"other_hour", "other_number"})


def retry_rule(value: Any) -> RetryRule:
    """Read a duration, `stop` for no further try, or a table with after and what else holds."""
    if value == STOP:
        return RetryRule(None)
    if not isinstance(value, dict):
        return RetryRule(_wait(value))
    chosen = {name: value[name] for name in value.keys() - {"after"}}
    is_known = chosen.keys() <= OTHERS and all(isinstance(each, bool) for each in chosen.values())
    if not is_known or "after" not in value:
        raise ValueError(
            "a table here has after, a duration, and other_hour or other_number, true or false, "
            'such as { after = "20h", other_hour = true }'
        )
    return RetryRule(_wait(value["after"]), **chosen)


def _wait(value: Any) -> timedelta:
    try:
        return duration(value)
    except ValueError as error:
        raise ValueError(f'{error}; or "stop" for no further try') from None


def retry_rule_value(rule: RetryRule) -> Any:
    """Write what `retry_rule` reads."""
    after = STOP if rule.after is None else duration_text(rule.after)
    chosen = {name: True for name in sorted(OTHERS) if getattr(rule, name)}
    return {"after": after, **chosen} if chosen else after


def calls_per_minute(value: Any) -> int | None:
    """Read a whole number, or `unlimited`."""
    if value == UNLIMITED:
        return None
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not 1 <= value <= CALLS_PER_MINUTE_MAX:
        raise ValueError(f'write a whole number from 1 to {CALLS_PER_MINUTE_MAX}, or "unlimited"')
    return int(value)


def span(value: Any) -> Span:
    """Read `09:00-12:30`; the end may be `24:00`."""
    allowed = 'hours are written as "09:00-12:30", the end after the start and at most "24:00"'
    text = _matching(SPAN_PATTERN, value, allowed)
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in text.split("-"))
    try:
        return Span(start, end)
    except ValueError:
        raise ValueError(allowed) from None


def day(value: Any) -> date:
    """Read `2026-12-25`."""
    allowed = "a date is written as 2026-12-25"
    try:
        return date.fromisoformat(_matching(r"\d{4}-\d\d-\d\d", value, allowed))
    except ValueError:
        raise ValueError(allowed) from None


def calendar_day(value: Any) -> date:
    """Read a date, bare as TOML has it or as a text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return day(value)


def expiry(value: Any) -> Expiry:
    """Read the last date of calling, or a duration after the import."""
    if isinstance(value, Expiry):
        return value
    try:
        return Expiry(last_day=calendar_day(value))
    except ValueError:
        pass
    try:
        return Expiry(after=duration(value))
    except ValueError:
        raise ValueError(
            "write the last date of calling, such as 2026-12-24, or how long after its import a "
            'contact is given up, such as "14d"'
        ) from None


def expiry_text(told: Expiry) -> str | None:
    """Write what `expiry` reads; None where nothing expires."""
    if told.after is not None:
        return duration_text(told.after)
    return None if told.last_day is None else str(told.last_day)


def holiday_places(value: Any) -> tuple[str, ...]:
    """Read a place whose public holidays are known, or a list of such."""
    places = [value] if isinstance(value, str) else value
    if not isinstance(places, list | tuple) or len(places) > HOLIDAY_PLACES_MAX:
        raise ValueError(
            f'write "contact", a code such as "AU" or "AU-NSW", or a list of at most '
            f"{HOLIDAY_PLACES_MAX} of them"
        )
    return tuple(require_place(str(place)) for place in places)


def us_state(value: Any) -> str:
    """Read the two-letter code of a state of the USA."""
    if value not in STATES:
        raise ValueError('a state is a code of two capital letters, such as "FL"')
    return str(value)


def phone_headers(value: Any) -> str | tuple[str, ...]:
    """Read one header, or a list of them in the order in which a row's numbers are tried."""
    allowed = (
        "the header of the column with the phone number, or a list in the order to try, such as "
        '["Mobile", "Work"]'
    )
    headers = [value] if isinstance(value, str) else value
    if not isinstance(headers, list) or not 1 <= len(headers) <= PHONE_COLUMNS_MAX:
        raise ValueError(allowed)
    if any(not isinstance(one, str) or len(one) > HEADER_LENGTH_MAX for one in headers):
        raise ValueError(allowed)
    if isinstance(value, str):
        return value
    if not all(headers) or len(set(headers)) < len(headers):
        raise ValueError(f"{allowed}, each once")
    return tuple(headers)


def zone(value: Any) -> str:
    """Read the IANA name of a time zone."""
    if value not in available_timezones():
        raise ValueError('a zone is an IANA name such as "America/New_York"')
    return str(value)


def contact_or_zone(value: Any) -> str | None:
    """Read `contact`, which is None, or the IANA name of a time zone."""
    try:
        return None if value == CONTACT_ZONE else zone(value)
    except ValueError as error:
        raise ValueError(f'{error}, or "contact" for the contact\'s own') from None


def region(value: Any) -> str:
    """Read an ISO 3166 code of two letters that phone numbers are known for."""
    if value not in SUPPORTED_REGIONS:
        raise ValueError(
            'a region is an ISO 3166 code of two capital letters, such as "US" or "GB"'
        )
    return str(value)


def phone_number(value: Any) -> str:
    """Read a number in E.164."""
    allowed = 'a phone number is a text in E.164 form, such as "+14155550132"'
    try:
        return require_e164(_matching(r"\+\d+", value, allowed))
    except ValueError:
        raise ValueError(allowed) from None


def cron(value: Any) -> str:
    """Read a cron expression of five fields."""
    allowed = 'a schedule is a cron expression of five fields, such as "30 8 * * 1-6"'
    text = _matching(r"\s*(\S+\s+){4}\S+\s*", value, allowed)
    try:
        next(CronSim(text, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        raise ValueError(allowed) from None
    return text.strip()


def agent_url_template(value: Any) -> str:
    """Read a WebSocket URL; placeholders may stand behind its host, so that no row changes it."""
    parts = _url_parts(value, secure="wss", loopback_only="ws")
    text = str(value)
    if "{" in parts.netloc or "}" in parts.netloc:
        raise ValueError("a placeholder may stand only behind the host")
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        raise ValueError("a placeholder is written {contact.first_name}; no other braces may stand")
    if parts.fragment:
        raise ValueError("a WebSocket URL has no part after #")
    if ATTEMPT_PARAMETER in dict(parse_qsl(parts.query, keep_blank_values=True)):
        raise ValueError(f"the parameter {ATTEMPT_PARAMETER} is added to each call by inkbatch")
    return text


def webhook_url(value: Any) -> str:
    """Read an HTTPS URL."""
    _url_parts(value, secure="https", loopback_only="http")
    return str(value)


def _url_parts(value: Any, *, secure: str, loopback_only: str) -> SplitResult:
    allowed = f"write a URL that begins with {secure}:// ({loopback_only}:// only to this machine)"
    text = _matching(r"[^\s\x00-\x1f\x7f]+", value, allowed)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(allowed) from None
    if not host or parts.scheme not in (secure, loopback_only):
        raise ValueError(allowed)
    if parts.scheme == loopback_only and not is_this_machine(host):
        raise ValueError(allowed)
    return parts


def _matching(pattern: str, value: Any, allowed: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise ValueError(allowed)
    return value
