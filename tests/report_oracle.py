"""What a report says, told row by row in plain Python, to set beside the figures.

Rows are mappings of the columns' names, as they were written into the tables.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from statistics import mean, median, quantiles
from zoneinfo import ZoneInfo

from inkbatch.adapters.reports.figures import BudgetPoint
from inkbatch.domain.disposition import RANG

HOUR = timedelta(hours=1)
MADE = ("reserved", "placed", "unconfirmed", "ended")
TALKED = ("answered", "voicemail", "failed")


def made(attempts):
    """Return those neither planned only nor withdrawn."""
    return [each for each in attempts if each["state"] in MADE]


def local_times(contacts, attempts):
    """Return the attempts made, each with its time in the contact's first zone."""
    zones = {each["id"]: ZoneInfo(each["zones"].partition("|")[0]) for each in contacts}
    return [
        (each, each["reserved_at"].astimezone(zones[each["contact_id"]])) for each in made(attempts)
    ]


def answers(attempts, key):
    """Return the answered and the rung of each key; none of whom nobody rang."""
    counted = defaultdict(lambda: (0, 0))
    for each in attempts:
        hits, cases = counted[key(each)]
        is_answered, has_rung = each["disposition"] == "answered", each["disposition"] in RANG
        counted[key(each)] = hits + is_answered, cases + has_rung
    return dict(counted)


def hours_of_week(contacts, attempts):
    """Return answered and rung by weekday and hour, where anybody's phone rang."""
    at = {
        each["id"]: (local.weekday(), local.hour) for each, local in local_times(contacts, attempts)
    }
    counted = answers(made(attempts), lambda each: at[each["id"]])
    return {hour: rate for hour, rate in counted.items() if rate[1]}


def try_hours(contacts, attempts):
    """Return answered and rung by try and hour, of every hour in which one was made."""
    at = {each["id"]: local.hour for each, local in local_times(contacts, attempts)}
    return answers(made(attempts), lambda each: (each["ordinal"], at[each["id"]]))


def talk_lengths(attempts):
    """Return attempts, mean and median minutes of each outcome on which something picked up."""
    minutes = defaultdict(list)
    for each in attempts:
        if each["disposition"] in TALKED and each["talk_minutes"] is not None:
            minutes[each["disposition"]].append(each["talk_minutes"])
    return {word: (len(each), mean(each), median(each)) for word, each in minutes.items()}


def times_to_reach(contacts, attempts):
    """Return the hours of everybody reached on an answered attempt, from either beginning."""
    own = defaultdict(list)
    for each in made(attempts):
        own[each["contact_id"]].append(each)
    took = {"enrolled": [], "first_attempt": []}
    for person in contacts:
        answered = [e["reserved_at"] for e in own[person["id"]] if e["disposition"] == "answered"]
        if person["state"] == "reached" and answered:
            first = min(each["reserved_at"] for each in own[person["id"]])
            took["enrolled"].append((max(answered) - person["enrolled_at"]) / HOUR)
            took["first_attempt"].append((max(answered) - first) / HOUR)
    return {since: _told(hours) for since, hours in took.items()}


def _told(hours):
    """Return people, median, the longest of the quickest nine in ten, and the curve."""
    cuts = quantiles(hours, n=20, method="inclusive")
    return len(hours), median(hours), cuts[17], (*cuts, max(hours))


def standing(results):
    """Return the result that stands of each attempt: the last, but an opt-out for good."""
    stands = {}
    for each in results:
        before = stands.get(each["attempt_id"])
        if not before or before["effect"] != "do_not_call" or each["effect"] == "do_not_call":
            stands[each["attempt_id"]] = each
    return stands


def results(attempts, said):
    """Return count, minutes and median minutes of each word and effect."""
    minutes, counts = defaultdict(list), Counter()
    stands = standing(said)
    for each in attempts:
        if each["id"] in stands:
            told = stands[each["id"]]
            key = told["word"], told["effect"]
            counts[key] += 1
            minutes[key] += [each["talk_minutes"]] if each["talk_minutes"] is not None else []
    return {
        key: (count, sum(minutes[key]), median(minutes[key]) if minutes[key] else None)
        for key, count in counts.items()
    }


def call_backs(contacts, attempts, said):
    """Return who waits to be called back and was not called since, the earliest first."""
    waiting = {each["id"]: each for each in contacts if each["state"] == "waiting"}
    by_id = {each["id"]: each for each in attempts}
    asked = []
    for attempt_id, told in standing(said).items():
        of = by_id.get(attempt_id)
        if told["effect"] != "call_back" or not of or of["contact_id"] not in waiting:
            continue
        since = [e for e in made(attempts) if e["contact_id"] == of["contact_id"]]
        if of["state"] == "ended" and all(e["reserved_at"] <= of["reserved_at"] for e in since):
            asked.append((told["call_back_at"], of["contact_id"]))
    return sorted(asked)


def budget_points(entries, *, since, now):
    """Return the use at every instant of change from `since` to `now`: looked at one by one.

    An entry counts from its beginning until just before its end.
    """
    ends = ("counts_from", "calls_until", "minutes_until")
    instants = {each[name] for each in entries for name in ends if each[name] is not None}
    return tuple(
        BudgetPoint(
            at=at,
            calls=sum(e["calls"] for e in entries if _counts(e, "calls_until", at)),
            minutes=round(sum(e["minutes"] for e in entries if _counts(e, "minutes_until", at)), 6),
        )
        for at in sorted(instants)
        if since <= at <= now
    )


def _counts(entry, end, at):
    return entry["counts_from"] <= at and (entry[end] is None or at < entry[end])
