"""The report's figures beside the same told row by row, on either database."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from inkbatch.adapters.reports import campaign_figures, packed
from inkbatch.adapters.store import SqlStore
from inkbatch.adapters.store.tables import attempt, attempt_result, campaign, contact, shift
from inkbatch.domain.disposition import RANG, Disposition
from inkbatch.domain.result import Effect
from inkbatch.ports import CampaignRecord

START = datetime(2026, 3, 6, 4, 10, tzinfo=UTC)  # two days before New York's clocks go forward
NOW = START + timedelta(days=30)
ZONES = (
    "America/New_York",
    "Asia/Kathmandu|UTC",
    "Australia/Lord_Howe",
    "Europe/London|Europe/Paris",
)
RULES = {
    "retry": {"attempts_max": 4},
    "budget": {"head_room": {"calls": 0, "minutes": 0.0}, "predicted_minutes": 1.0},
}
PEOPLE = 120


def people(random: Random, campaign_id: int) -> list[dict]:
    return [
        {
            "id": campaign_id * 1_000 + place,
            "campaign_id": campaign_id,
            "number": f"+1212555{campaign_id}{place:03d}",
            "zones": random.choice(ZONES),
            "fields": {},
            "row_number": place + 2,
            "priority": 0,
            "state": random.choice(["reached", "waiting", "exhausted"]),
            "waits_until": NOW,
            "why": "tried",
            "attempts_used": 1,
            "enrolled_at": START - timedelta(minutes=random.randrange(5_000)),
        }
        for place in range(PEOPLE)
    ]


def tries(random: Random, person: dict) -> list[dict]:
    at, made = START, []
    for ordinal in range(1, random.randrange(1, 5)):
        at += timedelta(seconds=random.randrange(60, 500_000), microseconds=random.randrange(10**6))
        outcome = random.choice(list(Disposition))
        minutes = random.choice([None, 0.0, round(random.uniform(0, 9), 3)])
        planned = ordinal == 4
        made.append(
            {
                "id": f"{person['id']}-{ordinal}",
                "campaign_id": person["campaign_id"],
                "contact_id": person["id"],
                "number": person["number"],
                "from_number": "+14155550100",
                "ordinal": ordinal,
                "state": "withdrawn" if planned else "ended",
                "shift_id": "shift",
                "predicted_minutes": 1.0,
                "created_at": at,
                "reserved_at": None if planned else at,
                "looks": 0,
                "disposition": None if planned else outcome,
                "talk_minutes": None if planned else minutes,
            }
        )
    return made


def said(random: Random, attempts: list[dict]) -> list[dict]:
    """Results in any order, several on many an attempt."""
    chosen = [random.choice(attempts) for _ in range(2 * PEOPLE)]
    return [
        {
            "attempt_id": each["id"],
            "result_id": f"result-{number}",
            "contact_id": each["contact_id"],
            "campaign_id": each["campaign_id"],
            "word": random.choice(["yes", "later on", "never ü", "two\nlines"]),
            "effect": random.choice(list(Effect)),
            "call_back_at": NOW,
            "fields": {},
            "transcript": [],
            "posted_at": START,
        }
        for number, each in enumerate(chosen)
    ]


@pytest.fixture
def stored(store: SqlStore) -> tuple[list[dict], list[dict], list[dict]]:
    """Two campaigns, so that rows of the other one would be seen."""
    random = Random(11)
    contacts = [each for number in (1, 2) for each in people(random, number)]
    attempts = [each for person in contacts for each in tries(random, person)]
    results = said(random, [each for each in attempts if each["disposition"]])
    with store.engine.begin() as connection:
        for number in (1, 2):
            row = {"id": number, "organisation": "acme", "name": f"campaign {number}"}
            row |= {"folder": ".", "state": "active", "priority": 0, "rules": RULES}
            connection.execute(insert(campaign), row | {"changed_at": START})
        owner = {"id": "shift", "campaign_id": 1, "lock_name": "acme", "host": "here", "pid": 1}
        connection.execute(insert(shift), owner | {"started_at": START})
        connection.execute(insert(contact), contacts)
        connection.execute(insert(attempt), attempts)
        connection.execute(insert(attempt_result), results)
    of_first = [[e for e in rows if e["campaign_id"] == 1] for rows in (contacts, attempts)]
    return of_first[0], of_first[1], results


def test_figures_agree_with_the_same_told_row_by_row(store: SqlStore, stored):
    """Hours through clock changes and half-hour zones, medians, times to reach, and results."""
    contacts, attempts, results = stored
    record = CampaignRecord(
        id=1,
        organisation="acme",
        name="campaign 1",
        folder=".",
        state="active",
        state_reason=None,
        changed_at=START,
    )
    figures = campaign_figures(store.engine, record, now=NOW)
    by_id = {each["id"]: each for each in contacts}
    made = [each for each in attempts if each["state"] == "ended"]

    hours, days = defaultdict(lambda: [0, 0]), set()
    for each in made:
        zone = ZoneInfo(by_id[each["contact_id"]]["zones"].partition("|")[0])
        local = each["reserved_at"].astimezone(zone)
        days.add(local.date())
        hours[local.weekday(), local.hour][0] += each["disposition"] == "answered"
        hours[local.weekday(), local.hour][1] += each["disposition"] in RANG
    told = {(h.weekday, h.hour): [h.answer_rate.hits, h.answer_rate.cases] for h in figures.hours}
    assert {cell: rate for cell, rate in told.items() if rate[1]} == {
        cell: rate for cell, rate in hours.items() if rate[1]
    }
    assert figures.calling_days == len(days)
    assert figures.dispositions == Counter(each["disposition"] for each in made)
    per_contact = Counter(Counter(each["contact_id"] for each in made).values())
    per_contact[0] = len(contacts) - per_contact.total()
    assert figures.attempts_per_contact == per_contact

    for length in figures.talk_lengths:
        talked = [e["talk_minutes"] for e in made if e["disposition"] == length.disposition]
        talked = [minutes for minutes in talked if minutes is not None]
        assert length.attempts == len(talked)
        assert length.mean_minutes == pytest.approx(sum(talked) / len(talked))
        assert length.median_minutes == pytest.approx(median(talked))

    took = {"enrolled": [], "first_attempt": []}
    for person in contacts:
        own = [each for each in made if each["contact_id"] == person["id"]]
        answered = [each["reserved_at"] for each in own if each["disposition"] == "answered"]
        if person["state"] == "reached" and answered:
            took["enrolled"].append(max(answered) - person["enrolled_at"])
            took["first_attempt"].append(max(answered) - min(e["reserved_at"] for e in own))
    hour = timedelta(hours=1)
    assert {each.since: (each.people, each.median_hours) for each in figures.times_to_reach} == {
        since: (len(times), pytest.approx(median(times) / hour)) for since, times in took.items()
    }

    standing = {}
    for each in results:
        before = standing.get(each["attempt_id"])
        if not before or before["effect"] != "do_not_call" or each["effect"] == "do_not_call":
            standing[each["attempt_id"]] = each
    own = {each["id"]: each for each in made}
    counts, minutes = Counter(), defaultdict(float)
    for attempt_id, each in standing.items():
        if attempt_id in own:
            word = each["word"].replace("\n", " ")
            counts[word, each["effect"]] += 1
            minutes[word, each["effect"]] += own[attempt_id]["talk_minutes"] or 0.0
    assert {(r.word, r.effect): r.count for r in figures.results} == counts
    assert {(r.word, r.effect): r.minutes for r in figures.results} == pytest.approx(dict(minutes))


def test_columns_are_the_same_in_however_many_parts(store: SqlStore, stored):
    """Parts by time or id miss no row and give none twice: not those without a time either."""
    _, attempts, _ = stored
    columns = {"ids": packed.texts(attempt.c.id), "ordinal": packed.whole(attempt.c.ordinal)}
    query = select().select_from(attempt).where(attempt.c.campaign_id == 1)
    with store.engine.connect() as connection:
        found = packed.read_packed(
            connection, columns, query, by=attempt.c.reserved_at, rows_at_once=7
        )
        whole = {"ids": packed.whole(contact.c.id)}
        every = select().select_from(contact)
        ids = packed.read_packed(connection, whole, every, by=contact.c.id, rows_at_once=7)["ids"]
    told = zip(found["ids"].to_pylist(), found["ordinal"].tolist(), strict=True)
    assert sorted(told) == sorted((each["id"], each["ordinal"]) for each in attempts)
    assert sorted(ids.tolist()) == sorted(
        number * 1_000 + n for number in (1, 2) for n in range(PEOPLE)
    )
