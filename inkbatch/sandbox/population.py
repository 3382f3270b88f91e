"""Who picks up: seeded callees, each of whom meets its nth call in one certain way."""

import functools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone

from inkbatch.sandbox.call import CallStatus, HangupReason, Life
from inkbatch.sandbox.carrier import REFUSED_BY_CARRIER, Fate
from inkbatch.sandbox.script import Behaviour, Outcome, Script

HOURS_PER_DAY = 24

# People sleep, are at work by day and at home in the evening.
_ANSWER_ODDS = tuple(
    share
    for share, hours in ((0.05, 8), (0.25, 1), (0.35, 8), (0.55, 4), (0.3, 1), (0.05, 2))
    for _ in range(hours)
)
_KEPT_SHARE = 0.5

_NEVER_RINGS = REFUSED_BY_CARRIER | {Outcome.INVALID_NUMBER}
_ENDS_AS = {
    Outcome.DIAL_FAILED: CallStatus.FAILED,
    Outcome.DIAL_FAILED_KEPT: CallStatus.FAILED,
    Outcome.INVALID_NUMBER: CallStatus.FAILED,
    Outcome.BUSY: CallStatus.FAILED,
    Outcome.REJECT: CallStatus.FAILED,
    Outcome.NO_ANSWER: CallStatus.CANCELED,
    Outcome.VOICEMAIL: CallStatus.COMPLETED,
    Outcome.ANSWER: CallStatus.COMPLETED,
    Outcome.TALK_ON: CallStatus.COMPLETED,
    Outcome.NEVER_ENDS: CallStatus.COMPLETED,
}

DURATIONS_MAX = 1_000.0
"""Longer calls would outlast every limit that a client may set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """The simulated carrier: all callees of a sandbox, made from a seed.

    What becomes of the nth call to a number depends on the seed, the number, n and the callee's
    local hour; never on who else is called, or in which order. Odds are shares from 0 to 1:
    `dial_failure_rate`, then `busy_odds` and `reject_odds` are taken off all calls,
    `answer_odds` (one for each local hour) off the rest, and `voicemail_odds` off those nobody
    answers. `invalid_odds` is the share of numbers that nobody has, `never_ends_odds` the share
    of answered calls whose end is lost. A script goes before all odds.

    `durations` scales every length of time: 0.01 makes ten minutes six seconds. `salt` keeps the
    call ids of one server's life apart from those of the next, for a database that outlives both.
    """

    seed: int = 1
    dial_failure_rate: float = 0.0
    busy_odds: float = 0.03
    reject_odds: float = 0.04
    invalid_odds: float = 0.0
    answer_odds: tuple[float, ...] = _ANSWER_ODDS
    talk_on_odds: float = 0.01
    never_ends_odds: float = 0.0
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
        if not 0 < self.durations <= DURATIONS_MAX:
            raise ValueError(
                f"durations is {self.durations}; a scale must be above 0, at most {DURATIONS_MAX:g}"
            )
        for name, share in self._shares():
            if not 0 <= share <= 1:
                raise ValueError(f"{name} is {share}; a share is 0 to 1")
        if self.ring_least > self.ring_most:
            raise ValueError(f"ring_least is {self.ring_least}; ring_most is {self.ring_most}")

    def _shares(self) -> Iterator[tuple[str, float]]:
        yield "dial_failure_rate", self.dial_failure_rate
        for name in ("busy", "reject", "invalid", "talk_on", "never_ends", "voicemail"):
            yield f"{name}_odds", getattr(self, f"{name}_odds")
        yield "agent_hangs_up_odds", self.agent_hangs_up_odds
        yield from (("answer_odds", share) for share in self.answer_odds)

    def call_id(self, to_number: str, *, nth: int) -> UUID:
        """Return the id of the nth call to a number: the same whenever it is placed."""
        return uuid5(NAMESPACE_URL, f"call:{self.salt}:{self.seed}:{to_number}:{nth}")

    def fate(self, to_number: str, *, nth: int, at: datetime) -> Fate:
        """Return what becomes of the nth call (from 1) to a number, placed at a moment."""
        chance = random.Random(f"{self.seed}:{to_number}:{nth}")
        drawn = self._drawn(chance, self.answer_odds[local_hour(to_number, at)])
        drawn = self._rarity(drawn, to_number, nth=nth)
        behaviour = self.script.behaviour(to_number, nth=nth) or Behaviour(outcome=drawn)
        life = self._life(behaviour, chance, created_at=at)
        return Fate(
            outcome=behaviour.outcome,
            life=life,
            talked_life=self._talked_life(life, behaviour),
            dialogue=behaviour.dialogue,
        )

    def _talked_life(self, life: Life, behaviour: Behaviour) -> Life | None:
        """Return the life with room for a real talk: a length only by script, no drawn hang-up."""
        if behaviour.outcome is not Outcome.ANSWER or life.answered_at is None:
            return None
        if behaviour.talk is not None:
            is_of_agent = life.hangup_reason is HangupReason.LOCAL
            return replace(life, hangup_reason=HangupReason.REMOTE) if is_of_agent else life
        return replace(
            life,
            ends_at=life.answered_at + self.max_duration * self.durations,
            hangup_reason=HangupReason.MAX_DURATION,
        )

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

    def _rarity(self, drawn: Outcome, to_number: str, *, nth: int) -> Outcome:
        """Replace what was drawn by what is rare, without touching any other chance."""
        if _happens(self.invalid_odds, f"invalid:{self.seed}:{to_number}"):
            return Outcome.INVALID_NUMBER
        if drawn is Outcome.ANSWER and _happens(
            self.never_ends_odds, f"never_ends:{self.seed}:{to_number}:{nth}"
        ):
            return Outcome.NEVER_ENDS
        return drawn

    def _life(self, behaviour: Behaviour, chance: random.Random, *, created_at: datetime) -> Life:
        agent_hangs_up = chance.random() < self.agent_hangs_up_odds
        ring = self._ring(behaviour, chance)
        talk = self._talk(behaviour, chance)
        rings_at = None if ring is None else created_at + self.dial * self.durations
        rung_at = created_at + self._until_rung(behaviour.outcome, ring) * self.durations
        return Life(
            created_at=created_at,
            rings_at=rings_at,
            answered_at=None if talk is None else rung_at,
            ends_at=rung_at if talk is None else rung_at + talk * self.durations,
            ends_as=_ENDS_AS[behaviour.outcome],
            hangup_reason=self._hangup_reason(
                behaviour.outcome, talk, agent_hangs_up=agent_hangs_up
            ),
            is_end_lost=behaviour.outcome is Outcome.NEVER_ENDS,
        )

    def _until_rung(self, outcome: Outcome, ring: timedelta | None) -> timedelta:
        if outcome in REFUSED_BY_CARRIER:
            return timedelta()
        return self.dial + (ring or timedelta())

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
            Outcome.NEVER_ENDS: timedelta.max,
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


def _happens(odds: float, which: str) -> bool:
    return odds > 0 and random.Random(which).random() < odds


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
