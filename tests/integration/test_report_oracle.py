"""The report's figures beside the same told row by row, on either database."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import insert, select

from inkbatch.adapters.reports import campaign_figures, packed, packed_reading
from inkbatch.adapters.reports.figures import Figures
from inkbatch.adapters.store import SqlStore
from inkbatch.adapters.store.tables import (
    attempt,
    attempt_result,
    budget_entry,
    campaign,
    contact,
    shift,
)
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.rate import Rate
from inkbatch.domain.result import Effect
from inkbatch.ports import CampaignRecord
from tests import report_oracle as oracle

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
DAY = timedelta(days=1)


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
        is_open = ordinal == 3 and random.random() < 0.2
        ended = not planned and not is_open
        made.append(
            {
                "id": f"{person['id']}-{ordinal}",
                "campaign_id": person["campaign_id"],
                "contact_id": person["id"],
                "number": person["number"],
                "from_number": "+14155550100",
                "ordinal": ordinal,
                "state": "withdrawn" if planned else "reserved" if is_open else "ended",
                "shift_id": "shift",
                "predicted_minutes": 1.0,
                "created_at": at,
                "reserved_at": None if planned else at,
                "looks": 0,
                "disposition": outcome if ended else None,
                "talk_minutes": minutes if ended else None,
            }
        )
        if is_open:
            break
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
            "call_back_at": NOW + timedelta(minutes=random.randrange(10**6)),
            "fields": {},
            "transcript": [],
            "posted_at": START,
        }
        for number, each in enumerate(chosen)
    ]


def used(random: Random, attempts: list[dict]) -> list[dict]:
    """Entries of every age, some unsettled, with releases at the instant of other reservations."""
    entries = []
    for number, each in enumerate(each for each in attempts if each["reserved_at"]):
        begin = each["reserved_at"] - timedelta(days=random.choice([0, 0, 0, 3]))
        begin = begin.replace(microsecond=0, second=0, minute=begin.minute // 10 * 10)
        settled = begin + DAY + timedelta(minutes=random.choice([0, 10, 30]))
        entry = {"organisation": random.choice(["acme", "acme", "other"]), "source": "attempt"}
        entry |= {"attempt_id": each["id"] if number % 4 else None}
        entry |= {"calls": random.choice([0, 1, 1, 3]), "minutes": random.choice([0.0, 0.7, 9.25])}
        entry |= {"counts_from": begin, "calls_until": random.choice([begin + DAY, None])}
        entries.append(entry | {"minutes_until": random.choice([settled, settled, None])})
    return entries


@dataclass
class Stored:
    """The rows of the first campaign as they were written, and its figures."""

    contacts: list[dict]
    attempts: list[dict]
    results: list[dict]
    entries: list[dict]
    figures: Figures


@pytest.fixture
def stored(store: SqlStore) -> Stored:
    """Two campaigns and organisations, so that rows of the other one would be seen."""
    random = Random(11)
    contacts = [each for number in (1, 2) for each in people(random, number)]
    attempts = [each for person in contacts for each in tries(random, person)]
    results = said(random, [each for each in attempts if each["reserved_at"]])
    entries = used(random, attempts)
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
        connection.execute(insert(budget_entry), entries)
    record = CampaignRecord(
        id=1,
        organisation="acme",
        name="campaign 1",
        folder=".",
        state="active",
        state_reason=None,
        changed_at=START,
    )
    return Stored(
        contacts=[each for each in contacts if each["campaign_id"] == 1],
        attempts=[each for each in attempts if each["campaign_id"] == 1],
        results=results,
        entries=[each for each in entries if each["organisation"] == "acme"],
        figures=campaign_figures(store.engine, record, now=NOW),
    )


def rate(told: Rate) -> tuple[int, int]:
    return told.hits, told.cases


def test_hours_are_those_where_people_live(stored: Stored):
    """Through changes of the clocks and half-hour zones: by week, by try, and days of calling."""
    told = stored.figures
    week = {(each.weekday, each.hour): rate(each.answer_rate) for each in told.hours}
    assert len(week) == 168
    expected = oracle.hours_of_week(stored.contacts, stored.attempts)
    assert {hour: cell for hour, cell in week.items() if cell[1]} == expected
    by_try = {(each.ordinal, each.hour): rate(each.rate) for each in told.try_hours}
    assert by_try == oracle.try_hours(stored.contacts, stored.attempts)
    local = oracle.local_times(stored.contacts, stored.attempts)
    assert told.calling_days == len({at.date() for _, at in local})


def test_attempts_are_counted_by_outcome_try_and_person(stored: Stored):
    """Counts, minutes and rates; open ones apart, withdrawn ones nowhere."""
    told, made = stored.figures, oracle.made(stored.attempts)
    assert told.dispositions == Counter(e["disposition"] for e in made if e["disposition"])
    assert told.open_attempts["reserved"] > 0
    assert told.open_attempts == Counter(e["state"] for e in made if not e["disposition"])
    minutes = {
        word: sum(e["talk_minutes"] or 0.0 for e in made if e["disposition"] == word)
        for word in told.dispositions
    }
    assert told.minutes == pytest.approx(minutes)
    per_contact = Counter(Counter(each["contact_id"] for each in made).values())
    per_contact[0] = len(stored.contacts) - per_contact.total()
    assert told.attempts_per_contact == per_contact
    tries = oracle.answers(made, lambda each: each["ordinal"])
    assert {each.ordinal: rate(each.answer_rate) for each in told.tries} == tries
    for each in told.tries:
        of_try = [e for e in made if e["ordinal"] == each.ordinal]
        assert each.attempts == len(of_try)
        counts = Counter(e["disposition"] for e in of_try if e["disposition"])
        assert each.dispositions == counts


def test_how_long_calls_lasted_and_people_took_to_reach(stored: Stored):
    """Means, medians, the quickest nine in ten and the whole curve, from either beginning."""
    told = stored.figures
    lengths = {
        each.disposition: (each.attempts, each.mean_minutes, each.median_minutes)
        for each in told.talk_lengths
    }
    expected = oracle.talk_lengths(stored.attempts)
    assert len(expected) == 3
    assert lengths == {word: pytest.approx(each) for word, each in expected.items()}
    took = {
        each.since: (each.people, each.median_hours, each.p90_hours, each.curve)
        for each in told.times_to_reach
    }
    expected = oracle.times_to_reach(stored.contacts, stored.attempts)
    assert len(expected) == 2
    for since, (people, middle, slow, curve) in expected.items():
        assert took.pop(since) == (
            people,
            pytest.approx(middle),
            pytest.approx(slow),
            pytest.approx(curve),
        )
    assert not took


def test_results_and_call_backs_are_of_what_stands(stored: Stored):
    """Count, minutes and median of each word; who asked to be called back and was not since."""
    told = stored.figures
    results = {
        (each.word, each.effect): (each.count, each.minutes, each.median_minutes)
        for each in told.results
    }
    expected = oracle.results(stored.attempts, stored.results)
    assert len(expected) > 10
    assert results == {key: pytest.approx(each) for key, each in expected.items()}
    expected = oracle.call_backs(stored.contacts, stored.attempts, stored.results)
    assert len(expected) > 3
    assert [(each.at, each.contact_id) for each in told.call_backs] == expected


def test_the_budget_is_that_of_every_instant(stored: Stored):
    """Each change and the peaks, as by counting all entries anew at every instant."""
    use = stored.figures.budget
    reserved = [each["reserved_at"] for each in oracle.made(stored.attempts)]
    points = oracle.budget_points(stored.entries, since=min(reserved), now=NOW)
    assert len(points) > 100
    assert use.points == points
    assert use.peak_calls == max(each.calls for each in points)
    assert use.peak_minutes == pytest.approx(max(each.minutes for each in points))


def test_columns_are_the_same_in_however_many_parts(store: SqlStore, stored):
    """Parts by time or id miss no row and give none twice: not those without a time either."""
    attempts = stored.attempts
    columns = {"ids": packed.texts(attempt.c.id), "ordinal": packed.whole(attempt.c.ordinal)}
    query = select().select_from(attempt).where(attempt.c.campaign_id == 1)
    with store.engine.connect() as connection:
        found = packed_reading.read_packed(
            connection, columns, query, by=attempt.c.reserved_at, rows_at_once=7
        )
        whole = {"ids": packed.whole(contact.c.id)}
        every = select().select_from(contact)
        ids = packed_reading.read_packed(connection, whole, every, by=contact.c.id, rows_at_once=7)[
            "ids"
        ]
    told = zip(found["ids"].to_pylist(), found["ordinal"].tolist(), strict=True)
    assert sorted(told) == sorted((each["id"], each["ordinal"]) for each in attempts)
    assert sorted(ids.tolist()) == sorted(
        number * 1_000 + n for number in (1, 2) for n in range(PEOPLE)
    )
