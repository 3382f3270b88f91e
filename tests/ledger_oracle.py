"""What a campaign may never do, judged from the sandbox's ledger alone, with rules of its own.

Nothing here is taken from the code that is judged: it reads the campaign's folder by tomllib and
csv, asks zoneinfo for local times, and adds calls and minutes up itself.
"""

import csv
import tomllib
from bisect import bisect_right
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

DAY = timedelta(hours=24)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def breaches(sandbox, folder, *, calls_limit, minutes_limit, by_hand=(), refused_by_hand=0):
    """Return a sentence for each rule that the campaign in this folder broke.

    Calls to the numbers `by_hand` are not the campaign's; they use up the same budget, and so many
    more of them were refused.
    """
    rules = tomllib.loads((folder / "campaign.toml").read_text("utf-8"))
    with (folder / "call_list.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["Phone"]: row for row in csv.DictReader(stream)}
    every_call = sandbox.ledger()
    ledger = [call for call in every_call if call.to_number not in by_hand]
    return [
        *_refused(sandbox, refused_by_hand),
        *over_budget(every_call, calls_limit=calls_limit, minutes_limit=minutes_limit),
        *_at_a_wrong_hour(ledger, rows, rules["calling_window"]),
        *_dialed_twice(ledger),
        *_too_often(ledger, rules["attempts"]),
        *_too_soon(ledger, rules["attempts"]["retry"]),
        *_not_to_be_called(ledger, rows, folder, rules),
    ]


def most_minutes(ledger):
    """Return the most minutes talked in any rolling 24 hours."""
    talks = [call for call in ledger if call.ended_at is not None]
    return max(
        sum((_talk(call, moment.ended_at) for call in talks), timedelta()) / timedelta(minutes=1)
        for moment in talks
    )


def attempt_id(call):
    """Return the attempt that a call of the ledger was placed for."""
    return parse_qs(urlsplit(call.client_websocket_url or "").query)["inkbatch_attempt"][0]


def by_number(ledger):
    """Return the calls to each number, in the order in which they were placed."""
    calls = defaultdict(list)
    for call in ledger:
        calls[call.to_number].append(call)
    return calls


def _refused(sandbox, refused_by_hand):
    answered = sandbox.answers_by_status().get(429, 0) - refused_by_hand
    return [f"{answered} requests were answered with 429"] if answered else []


def over_budget(ledger, *, calls_limit, minutes_limit):
    """Yield a sentence for each moment whose last 24 hours hold more than the limits."""
    ledger = sorted(ledger, key=lambda call: call.created_at)
    longest = max(map(_length_of, ledger), default=DAY)
    for moment in sorted(set(_moments(ledger))):
        first = bisect_right(ledger, moment - DAY - longest, key=lambda call: call.created_at)
        end = bisect_right(ledger, moment, key=lambda call: call.created_at)
        near = ledger[first:end]
        calls = sum(moment - DAY < call.created_at for call in near)
        minutes = sum((_talk(call, moment) for call in near), timedelta()) / timedelta(minutes=1)
        if calls > calls_limit or minutes > minutes_limit + 1e-6:
            yield f"{calls} calls and {minutes:.2f} minutes in the 24 hours before {moment}"


def _moments(ledger):
    """Return every instant at which a sum over 24 hours can be at its highest."""
    for call in ledger:
        edges = (call.created_at, call.started_at, call.ended_at)
        yield from (edge + ahead for edge in edges if edge for ahead in (timedelta(), DAY))


def _length_of(call):
    return 365 * DAY if call.ended_at is None else call.ended_at - call.created_at


def _talk(call, moment):
    if call.started_at is None:
        return timedelta()
    ended_at = min(call.ended_at or moment, moment)
    return max(ended_at - max(call.started_at, moment - DAY), timedelta())


def _at_a_wrong_hour(ledger, rows, window):
    for call in ledger:
        local = call.created_at.astimezone(ZoneInfo(rows[call.to_number]["Time zone"]))
        days = window["weekends" if local.weekday() >= DAYS.index("saturday") else "weekdays"]
        spans = window.get(DAYS[local.weekday()], days)
        clock = f"{local:%H:%M}"
        if not any(start <= clock < end for start, end in (span.split("-") for span in spans)):
            yield f"{call.to_number} was called at {local}"


def _dialed_twice(ledger):
    ids = [attempt_id(call) for call in ledger]
    return [f"attempt {each} was dialed twice" for each in set(ids) if ids.count(each) > 1]


def _too_often(ledger, attempts):
    for number, calls in by_number(ledger).items():
        if len(calls) > attempts["max"]:
            yield f"{number} was called {len(calls)} times"
        for cap in attempts["per"]:
            for first, beyond in zip(calls, calls[cap["attempts"] :], strict=False):
                if beyond.created_at - first.created_at < _length(cap["period"]):
                    yield f"{number} was called beyond {cap}"


def _too_soon(ledger, waits):
    for number, calls in by_number(ledger).items():
        for call, following in pairwise(calls):
            wait = waits.get(_came_to(call), "stop")
            if wait == "stop":
                yield f"{number} was called again after {_came_to(call)}"
            elif following.created_at - call.ended_at < _length(wait):
                yield f"{number} was called {following.created_at - call.ended_at} after its end"


def _came_to(call):
    if call.hangup_reason in ("voicemail", "rejected"):
        return str(call.hangup_reason)
    if call.started_at is not None:
        return "answered"
    return "failed" if call.status == "failed" else "no_answer"


def _not_to_be_called(ledger, rows, folder, rules):
    never = set()
    for name in rules.get("suppression_files", []):
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            never |= {row["Phone"] for row in csv.DictReader(stream)}
    for call in ledger:
        if call.to_number in never or call.to_number not in rows:
            yield f"{call.to_number} was not to be called"


def _length(text):
    return timedelta(**{UNITS[text[-1]]: float(text[:-1])})
