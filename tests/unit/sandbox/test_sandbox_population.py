"""Callees: the odds of the population, the script that goes before them, and lengths of time."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.sandbox import Outcome, Population, Script
from inkbatch.sandbox.population import local_hour

EVENING_IN_CALIFORNIA = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
CALLEE = "+14155550132"


def outcomes(population, *, at=EVENING_IN_CALIFORNIA, count=2000):
    """Count what becomes of the first calls to so many numbers."""
    fates = (population.fate(f"+1415555{n:04d}", nth=1, at=at) for n in range(count))
    return Counter(fate.outcome for fate in fates)


@pytest.mark.parametrize(
    ("number", "hour"),
    [("+14155550132", 18), ("+12125550100", 21), ("+442079460123", 2), ("+999123456", 2)],
)
def test_the_hour_is_that_of_the_callee(number, hour):
    """Odds go by the clock on the callee's wall; UTC where nobody knows the country."""
    assert local_hour(number, EVENING_IN_CALIFORNIA) == hour


def test_odds_of_an_answer_go_by_the_local_hour():
    """At night hardly anybody answers."""
    evening = outcomes(Population())
    night = outcomes(Population(), at=EVENING_IN_CALIFORNIA + timedelta(hours=8))
    assert evening[Outcome.ANSWER] > 4 * night[Outcome.ANSWER]


def test_every_outcome_has_the_share_that_its_odds_say():
    """The odds are taken off one after the other."""
    shares = outcomes(
        Population(
            dial_failure_rate=0.1,
            busy_odds=0.1,
            reject_odds=0.1,
            answer_odds=(0.5,) * 24,
            talk_on_odds=0.5,
            voicemail_odds=0.5,
        ),
        count=4000,
    )
    expected = {
        Outcome.DIAL_FAILED: 0.05,
        Outcome.DIAL_FAILED_KEPT: 0.05,
        Outcome.BUSY: 0.09,
        Outcome.REJECT: 0.09,
        Outcome.ANSWER: 0.18,
        Outcome.TALK_ON: 0.18,
        Outcome.VOICEMAIL: 0.18,
        Outcome.NO_ANSWER: 0.18,
    }
    assert {name: count / 4000 for name, count in shares.items()} == pytest.approx(
        expected, abs=0.02
    )


def test_another_seed_is_another_population():
    """The seed, and nothing else, decides who does what."""
    one, same, other = (Population(seed=seed) for seed in (1, 1, 2))
    assert outcomes(one) == outcomes(same) != outcomes(other)
    assert one.call_id(CALLEE, nth=1) == same.call_id(CALLEE, nth=1)
    assert one.call_id(CALLEE, nth=1) != other.call_id(CALLEE, nth=1)


def test_a_script_meets_the_nth_call_and_its_last_line_repeats():
    """A scripted callee does exactly what was written down."""
    population = Population(script=Script.of({CALLEE: ["no_answer", "voicemail", "reject"]}))
    met = [
        population.fate(CALLEE, nth=nth, at=EVENING_IN_CALIFORNIA).outcome for nth in (1, 2, 3, 4)
    ]
    assert met == ["no_answer", "voicemail", "reject", "reject"]


@pytest.mark.parametrize(
    ("outcome", "ends_as", "hangup_reason", "is_answered"),
    [
        ("talk_on", "completed", "max_duration", True),
        ("voicemail", "completed", "voicemail", True),
        ("reject", "failed", "rejected", False),
        ("busy", "failed", None, False),
        ("no_answer", "canceled", None, False),
        ("invalid_number", "failed", None, False),
        ("dial_failed_kept", "failed", None, False),
    ],
)
def test_an_outcome_shows_in_status_and_hangup_reason(outcome, ends_as, hangup_reason, is_answered):
    """Each outcome is told by the documented fields."""
    population = Population(script=Script.of({CALLEE: [outcome]}))
    life = population.fate(CALLEE, nth=1, at=EVENING_IN_CALIFORNIA).life
    assert (life.ends_as, life.hangup_reason) == (ends_as, hangup_reason)
    assert (life.answered_at is not None) == is_answered


def test_somebody_who_talks_on_is_cut_off_at_the_maximum():
    """No call is longer than ten minutes, whoever talks."""
    population = Population(
        answer_odds=(1.0,) * 24, busy_odds=0, reject_odds=0, talk_on_odds=0.2, talk_sigma=3
    )
    lives = [
        population.fate(f"+1415555{n:04d}", nth=1, at=EVENING_IN_CALIFORNIA).life
        for n in range(300)
    ]
    talks = {life.ends_at - life.answered_at: life.hangup_reason for life in lives}
    assert max(talks) == timedelta(minutes=10)
    assert talks[timedelta(minutes=10)] == "max_duration"
    assert set(talks.values()) == {"max_duration", "local", "remote"}


def test_durations_scale_every_length_of_a_call():
    """A person can watch calls end quickly."""
    script = Script.of({CALLEE: ["talk_on"]})
    slow, quick = (
        Population(script=script, durations=scale).fate(CALLEE, nth=1, at=EVENING_IN_CALIFORNIA)
        for scale in (1, 0.01)
    )
    for moment in ("rings_at", "answered_at", "ends_at"):
        slowly = getattr(slow.life, moment) - EVENING_IN_CALIFORNIA
        quickly = getattr(quick.life, moment) - EVENING_IN_CALIFORNIA
        assert abs(slowly * 0.01 - quickly) < timedelta(milliseconds=1)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_number_that_nobody_has_is_invalid_every_time(nth):
    """The share is one of numbers, not of calls; such a call fails in a moment, without a ring."""
    population = Population(invalid_odds=0.2)
    fates = [
        population.fate(f"+1415555{n:04d}", nth=nth, at=EVENING_IN_CALIFORNIA) for n in range(1000)
    ]
    invalid = {n for n, fate in enumerate(fates) if fate.outcome is Outcome.INVALID_NUMBER}
    again = Population(invalid_odds=0.2)
    assert 150 < len(invalid) < 250
    for n in invalid:
        fate = again.fate(f"+1415555{n:04d}", nth=9, at=EVENING_IN_CALIFORNIA)
        assert fate.outcome is Outcome.INVALID_NUMBER
        assert (fate.is_dialed, fate.life.rings_at) == (True, None)
        assert fate.life.ends_at == EVENING_IN_CALIFORNIA + population.dial


def test_what_is_rare_changes_nobody_else():
    """With numbers that nobody has and ends that get lost, all others do what they did."""
    usual, rare = Population(), Population(invalid_odds=0.1, never_ends_odds=0.1)
    seen = Counter()
    for n in range(1000):
        was, now = (
            each.fate(f"+1415555{n:04d}", nth=1, at=EVENING_IN_CALIFORNIA) for each in (usual, rare)
        )
        seen[now.outcome] += 1
        assert now == was or now.outcome in {Outcome.INVALID_NUMBER, Outcome.NEVER_ENDS}
    assert seen[Outcome.INVALID_NUMBER] > 50
    assert seen[Outcome.NEVER_ENDS] > 10


@pytest.mark.parametrize(
    "wrong",
    [
        {"answer_odds": (0.5,)},
        {"answer_odds": (1.5,) * 24},
        {"durations": 0},
        {"dial_failure_rate": 1.1},
        {"busy_odds": -0.1},
        {"never_ends_odds": 2},
        {"ring_least": timedelta(minutes=1)},
    ],
)
def test_a_population_that_makes_no_sense_is_refused(wrong):
    """A wrong figure is named when the population is built."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Population(**wrong)
