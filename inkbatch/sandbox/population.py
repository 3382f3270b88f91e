"""Who picks up: seeded callees, each of whom meets its nth call in one certain way."""

import functools
import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone

from inkbatch.sandbox.call import CallStatus, HangupReason, Life
from inkbatch.sandbox.script import Behaviour, Outcome, Script

HOURS_PER_DAY = 24

# People sleep, are at work by day and at home in the evening.
_ANSWER_ODDS = tuple(
    share
    for share, hours in ((0.05, 8), (0.25, 1), (0.35, 8), (0.55, 4), (0.3, 1), (0.05, 2))
    for _ in range(hours)
)
_KEPT_SHARE = 0.5

_NEVER_RINGS = frozenset({Outcome.DIAL_FAILED, Outcome.DIAL_FAILED_KEPT})
_ENDS_AS = {
    Outcome.DIAL_FAILED: CallStatus.FAILED,
    Outcome.DIAL_FAILED_KEPT: CallStatus.FAILED,
    Outcome.BUSY: CallStatus.FAILED,
    Outcome.REJECT: CallStatus.FAILED,
    Outcome.NO_ANSWER: CallStatus.CANCELED,
    Outcome.VOICEMAIL: CallStatus.COMPLETED,
    Outcome.ANSWER: CallStatus.COMPLETED,
    Outcome.TALK_ON: CallStatus.COMPLETED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of one call; `is_kept` is False where Inkbox has no record of it."""

    outcome: Outcome
    life: Life

    @property
    def is_dialed(self) -> bool:
        """Whether the carrier took the call at all."""
        return self.life.rings_at is not None

    @property
    def is_kept(self) -> bool:
        """Whether the call is on the call list."""
        return self.outcome is not Outcome.DIAL_FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """All callees of a sandbox, made from a seed.

    What becomes of the nth call to a number depends on the seed, the number, n and the callee's
    local hour; never on who else is called, or in which order. Odds are shares from 0 to 1:
    `dial_failure_rate`, then `busy_odds` and `reject_odds` are taken off all calls,
    `answer_odds` (one for each local hour) off the rest, and `voicemail_odds` off those nobody
    answers. `durations` scales every length of time: 0.01 makes ten minutes six seconds.
    A script goes before all odds. `salt` keeps the call ids of one server's life apart from those
    of the next, for a database that outlives both.
    """

    seed: int = 1
    dial_failure_rate: float = 0.0
    busy_odds: float = 0.03
    reject_odds: float = 0.04
    answer_odds: tuple[float, ...] = _ANSWER_ODDS
    talk_on_odds: float = 0.01
    voicemail_odds: float = 0.5
    agent_hangs_up_odds: float = 0.6
    dial: timedelta = timedelta(seconds=1)
    ring_least: timedelta = timedelta(seconds=3)
    ring_most: timedelta = timedelta(seconds=25)
    ring_timeout: timedelta = timedelta(seconds=40)
    talk_median: timedelta = timedelta(seconds=45)
    talk_sigma: float = 0.7
    voicemail_talk: timedelta = timedelta(seconds=20)
    max_duration: timedelta = timedelta(minutes=10)
    durations: float = 1.0
    script: Script = field(default_factory=Script)
    salt: str = ""

    def __post_init__(self) -> None:
        if len(self.answer_odds) != HOURS_PER_DAY:
            raise ValueError(f"answer_odds has {len(self.answer_odds)} shares; a day has 24 hours")
        if self.durations <= 0:
            raise ValueError(f"durations is {self.durations}; a scale must be above 0")
        if not 0 <= self.dial_failure_rate <= 1:
            raise ValueError(f"dial_failure_rate is {self.dial_failure_rate}; a share is 0 to 1")

    def call_id(self, to_number: str, *, nth: int) -> UUID:
        """Return the id of the nth call to a number: the same whenever it is placed."""
        return uuid5(NAMESPACE_URL, f"call:{self.salt}:{self.seed}:{to_number}:{nth}")

    def fate(self, to_number: str, *, nth: int, at: datetime) -> Fate:
        """Return what becomes of the nth call (from 1) to a number, placed at a moment."""
        chance = random.Random(f"{self.seed}:{to_number}:{nth}")
        drawn = self._drawn(chance, self.answer_odds[local_hour(to_number, at)])
        behaviour = self.script.behaviour(to_number, nth=nth) or Behaviour(outcome=drawn)
        return Fate(outcome=behaviour.outcome, life=self._life(behaviour, chance, created_at=at))

    def _drawn(self, chance: random.Random, answer_odds: float) -> Outcome:
        dial, keep, refuse, answer, talk_on, voicemail = (chance.random() for _ in range(6))
        if dial < self.dial_failure_rate:
            return Outcome.DIAL_FAILED_KEPT if keep < _KEPT_SHARE else Outcome.DIAL_FAILED
        if refuse < self.busy_odds:
            return Outcome.BUSY
        if refuse < self.busy_odds + self.reject_odds:
            return Outcome.REJECT
        if answer < answer_odds:
            return Outcome.TALK_ON if talk_on < self.talk_on_odds else Outcome.ANSWER
        return Outcome.VOICEMAIL if voicemail < self.voicemail_odds else Outcome.NO_ANSWER

    def _life(self, behaviour: Behaviour, chance: random.Random, *, created_at: datetime) -> Life:
        agent_hangs_up = chance.random() < self.agent_hangs_up_odds
        ring = self._ring(behaviour, chance)
        talk = self._talk(behaviour, chance)
        rings_at = None if ring is None else created_at + self.dial * self.durations
        rung_at = created_at if ring is None else created_at + (self.dial + ring) * self.durations
        return Life(
            created_at=created_at,
            rings_at=rings_at,
            answered_at=None if talk is None else rung_at,
            ends_at=rung_at if talk is None else rung_at + talk * self.durations,
            ends_as=_ENDS_AS[behaviour.outcome],
            hangup_reason=self._hangup_reason(
                behaviour.outcome, talk, agent_hangs_up=agent_hangs_up
            ),
        )

    def _ring(self, behaviour: Behaviour, chance: random.Random) -> timedelta | None:
        drawn = self.ring_least + (self.ring_most - self.ring_least) * chance.random()
        if behaviour.outcome in _NEVER_RINGS:
            return None
        if behaviour.ring is not None:
            return behaviour.ring
        usual = {Outcome.NO_ANSWER: self.ring_timeout, Outcome.VOICEMAIL: self.ring_most}
        return usual.get(behaviour.outcome, drawn)

    def _talk(self, behaviour: Behaviour, chance: random.Random) -> timedelta | None:
        drawn = self.talk_median * math.exp(chance.gauss(0, self.talk_sigma))
        usual = {
            Outcome.ANSWER: drawn,
            Outcome.TALK_ON: timedelta.max,
            Outcome.VOICEMAIL: self.voicemail_talk,
        }.get(behaviour.outcome)
        if usual is None:
            return None
        return min(usual if behaviour.talk is None else behaviour.talk, self.max_duration)

    def _hangup_reason(
        self, outcome: Outcome, talk: timedelta | None, *, agent_hangs_up: bool
    ) -> HangupReason | None:
        if outcome is Outcome.REJECT:
            return HangupReason.REJECTED
        if talk is None:
            return None
        if outcome is Outcome.VOICEMAIL:
            return HangupReason.VOICEMAIL
        if talk == self.max_duration:
            return HangupReason.MAX_DURATION
        return HangupReason.LOCAL if agent_hangs_up else HangupReason.REMOTE


def local_hour(number: str, at: datetime) -> int:
    """Return the hour of day where an E.164 number lives; in UTC where its country is unknown."""
    return at.astimezone(_zone(number)).hour


@functools.lru_cache(maxsize=100_000)
def _zone(number: str) -> tzinfo:
    try:
        zones = timezone.time_zones_for_geographical_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return UTC
    return UTC if zones[0] == timezone.UNKNOWN_TIMEZONE else ZoneInfo(zones[0])
