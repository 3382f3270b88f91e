"""What one seed draws: its faults, its campaigns with their lists, and who picks up."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256

from inkbatch.domain.call_list import CallList, Columns
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.campaign import BudgetRules, Campaign, FromNumber
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.domain.pacing import Pacing
from inkbatch.domain.retry_policy import AttemptCap, RetryPolicy
from inkbatch.domain.row_batch import PlainRows, RowBatch
from inkbatch.sandbox import Population, phone_number_id

ORGANISATION = "simulated"
START = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ODDS = 0.25
FAULTS = (
    "connect_error",
    "lost_reply",
    "half_response",
    "gateway_502",
    "garbage_200",
    "rate_limited",
    "request_vanishes",
    "arrives_late",
    "slow_answer",
    "list_down",
    "list_stale",
    "webhook_lost",
    "webhook_twice",
    "webhook_late",
    "database_busy",
    "commit_fails",
    "commit_unknown",
    "kill",
    "stop",
    "clock_step",
    "foreign_use",
    "said_by_a_person",
    "suppressed_midway",
    "file_changed",
    "database_hangs",
    "told_to_end",
)
"""Each is switched on with odds of a quarter, by itself."""

LATEST = 2
"""So many came last; they are drawn apart, so that all else of a seed is as it was before."""

ZONES = {
    "212": "America/New_York",
    "312": "America/Chicago",
    "303": "America/Denver",
    "602": "America/Phoenix",
    "808": "Pacific/Honolulu",
}
FROM_NUMBERS = ("+14155550100", "+14155550101")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A campaign's rules in the oracle's own words: minutes of the day, hours, counts."""

    spans: tuple[tuple[tuple[int, int], ...], ...]  # of each weekday, Monday first
    attempts_max: int
    per: tuple[tuple[int, float], ...]  # so many within so many hours
    wait_hours: dict[str, float]  # by outcome; what is not named is not tried again


@dataclass(frozen=True, kw_only=True)
class CampaignPlan:
    """One campaign: its rules, and whom each row of its list is about."""

    name: str
    rules: Rules
    calls_at_once: int
    calls_per_minute: int | None
    webhooks: bool
    priority: int
    minutes_max: float
    rows: tuple[Row, ...]
    breaker: int = 8
    shifts_at_once: int = 1

    @property
    def seats(self):
        """A name for each of the shifts that may work at it at once."""
        return tuple(f"{self.name} {place}" for place in range(1, self.shifts_at_once + 1))

    @cached_property
    def zones_of(self):
        """The zones of each number on its list."""
        return {row.number: row.zones for row in reversed(self.rows)}

    @cached_property
    def campaign(self):
        """The campaign as the dialer knows it."""
        rules = self.rules
        delays = {Disposition(name): timedelta(hours=h) for name, h in rules.wait_hours.items()}
        return Campaign(
            name=self.name,
            call_list=f"{self.name}.csv",
            columns=Columns(),
            default_region="US",
            from_numbers=tuple(
                FromNumber(number=each, id=str(phone_number_id(each))) for each in FROM_NUMBERS
            ),
            client_websocket_url="wss://agent.example.com/talk",
            webhook_url="https://hooks.example.com/inkbox" if self.webhooks else None,
            window=CallingWindow(
                weekdays=tuple(tuple(Span(*span) for span in day) for day in rules.spans)
            ),
            retry=RetryPolicy(
                attempts_max=rules.attempts_max,
                delays=delays,
                caps=tuple(
                    AttemptCap(attempts=count, period=timedelta(hours=hours))
                    for count, hours in rules.per
                ),
            ),
            pacing=Pacing(
                calls_at_once=self.calls_at_once,
                calls_per_minute=self.calls_per_minute,
                shifts_at_once=self.shifts_at_once,
            ),
            budget=BudgetRules(minutes_max=self.minutes_max),
            breaker=self.breaker,
            priority=self.priority,
        )

    @cached_property
    def call_list(self):
        """The list as a reader tells it."""
        plain = [row for row in self.rows if row.status is RowStatus.ACCEPTED]
        others = [row for row in self.rows if row.status is not RowStatus.ACCEPTED]
        batch = RowBatch(
            plain=PlainRows(
                row_numbers=[row.row_number for row in plain],
                numbers=[row.number for row in plain],
                number_types=["mobile"] * len(plain),
                zones=[row.zones for row in plain],
            ),
            others=others,
        )
        told = repr([(row.row_number, row.number, row.status) for row in self.rows])
        return CallList(
            name=f"{self.name}.csv",
            sha256=sha256(told.encode()).hexdigest(),
            columns=(),
            batches=[batch],
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that a seed draws before anything happens."""

    seed: int
    faults: frozenset[str]
    campaigns: tuple[CampaignPlan, ...]
    population: Population
    calls_limit: int
    minutes_limit: float
    limits_known: bool
    poll_seconds: int
    ends_within: timedelta = timedelta(days=120)


def draw(seed):
    """Return the plan of a seed."""
    chance = random.Random(f"plan {seed}")
    latest = random.Random(f"latest faults {seed}")
    faults = frozenset(
        fault
        for drawn, among in ((chance, FAULTS[:-LATEST]), (latest, FAULTS[-LATEST:]))
        for fault in among
        if drawn.random() < ODDS
    )
    minutes_max = chance.choice((2.0, 5.0))
    people = [
        f"+1{area}55501{tail:02d}" for area in ZONES for tail in range(chance.choice((3, 10, 30)))
    ]
    chance.shuffle(people)
    shifts = random.Random(f"shifts {seed}")
    campaigns = tuple(
        replace(
            _campaign(chance, f"campaign-{ordinal}", people, minutes_max=minutes_max),
            shifts_at_once=shifts.choice((1, 1, 2, 3)),
        )
        for ordinal in range(1, chance.choice((1, 2, 2, 3)) + 1)
    )
    return Plan(
        seed=seed,
        faults=faults,
        campaigns=campaigns,
        population=Population(
            seed=seed,
            answer_odds=(chance.uniform(0.2, 0.7),) * 24,
            dial_failure_rate=chance.choice((0, 0, 0.02)),
            never_ends_odds=chance.choice((0, 0, 0, 0.02)),
            talk_median=timedelta(seconds=chance.choice((20, 45))),
            max_duration=timedelta(minutes=minutes_max),
        ),
        calls_limit=chance.choice((25, 100, 100, 300)),
        minutes_limit=chance.choice((60.0, 100.0, 400.0)),
        limits_known=chance.random() < 0.5,
        poll_seconds=chance.choice((10, 60, 60, 60)),
    )


def _campaign(chance, name, people, *, minutes_max):
    numbers = chance.sample(people, min(len(people), chance.choice((3, 8, 15, 15, 40, 100))))
    rows = [
        Row(ordinal, RowStatus.ACCEPTED, number, _zones(number))
        for ordinal, number in enumerate(numbers, start=2)
    ]
    last = rows[-1].row_number
    rows.append(Row(last + 1, RowStatus.REJECTED, reason="no number", value="n/a"))
    rows.append(
        Row(
            last + 2,
            RowStatus.DUPLICATE,
            numbers[0],
            _zones(numbers[0]),
            reason="the same number as row 2",
            duplicate_of=2,
        )
    )
    return CampaignPlan(
        name=name,
        rules=_rules(chance),
        calls_at_once=chance.choice((1, 10, 30, 50, 100)),
        calls_per_minute=chance.choice((None, None, None, 10)),
        webhooks=chance.random() < 0.5,
        priority=chance.choice((0, 0, 5)),
        minutes_max=minutes_max,
        rows=tuple(rows),
    )


def _rules(chance):
    opens = chance.choice((0, 8, 9)) * 60
    shuts = chance.choice((20, 21, 24)) * 60
    weekday = chance.choice((((opens, shuts),), ((9 * 60, 12 * 60 + 30), (14 * 60, 19 * 60))))
    weekend = chance.choice(((), weekday, ((10 * 60, 16 * 60),)))
    return Rules(
        spans=(weekday,) * 5 + (weekend,) * 2,
        attempts_max=chance.choice((1, 2, 4)),
        per=chance.choice(((), ((1, 12.0),), ((2, 24.0), (3, 72.0)))),
        wait_hours={
            "no_answer": chance.choice((1.0, 4.0, 20.0)),
            "voicemail": chance.choice((4.0, 24.0)),
            "failed": 2.0,
            "dial_failed": 1.0,
        },
    )


def _zones(number):
    return (ZONES[number[2:5]],)


def changed(plan, chance, people=()):
    """Return a campaign whose file somebody edited: other rules, and perhaps a longer list."""
    rows = plan.rows
    if people:
        last = max(row.row_number for row in rows)
        rows += tuple(
            Row(ordinal, RowStatus.ACCEPTED, number, _zones(number))
            for ordinal, number in enumerate(people, start=last + 1)
        )
    return replace(plan, rules=_rules(chance), calls_at_once=chance.choice((1, 10, 50)), rows=rows)
