"""Why a contact is not called now, and the first moment at which it may be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkbatch.domain.calling_rules import CallingRules, CoolDown, StrictestWindow
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.day_parts import HoursOfTries
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.eligibility import Dial, Ended, NumberFacts, Skip, decide
from inkbatch.domain.explanation import next_eligible, obstacles
from inkbatch.domain.moment import at_and_in, how_far
from inkbatch.domain.retry_policy import AttemptCap

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # Friday, 10:00 in New York
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WINDOW = CallingWindow(weekdays=((Span(9 * 60, 17 * 60),),) * 5 + ((), ()))
CAP = AttemptCap(attempts=1, period=20 * HOUR)


def contact(**changes):
    said = {
        "id": 1,
        "campaign_id": 1,
        "number": "+14155550132",
        "zones": ("America/New_York",),
        "row_number": 2,
        "waits_until": NOW,
        "why": "try 1 of 4 came to no_answer",
    }
    return Contact(**{**said, **changes})


def asked(caps=(), **more):
    return CallingRules(window=StrictestWindow(windows=(WINDOW,)), caps=tuple(caps), **more)


def held(facts=None, *, caps=(CAP,), now=NOW, **changes):
    rules = asked(caps)
    found = obstacles(contact(**changes), facts or NumberFacts(), rules=rules, now=now)
    return {each.rule: (each.until, each.why) for each in found}


def test_nothing_holds_back_who_may_be_called():
    """The explanation of a contact that is due has no line."""
    assert held() == {}


def test_every_rule_that_says_no_is_told_and_not_only_the_first():
    """On the list, at night, called before, in call and waiting: all five, with figures."""
    night = NOW + 10 * HOUR
    facts = NumberFacts(
        suppressed_because="away",
        suppressed_until=NOW + 9 * DAY,
        has_open_attempt=True,
        dialed_at=(night - HOUR,),
    )
    rules = held(facts, now=night, waits_until=night + 4 * HOUR)
    assert rules["its own wait"][0] == night + 4 * HOUR
    assert rules["suppression list"] == (NOW + 9 * DAY, "on the suppression list: away")
    assert rules["calling window"][0] == NOW + 2 * DAY + 23 * HOUR
    assert rules["open attempt"][1] == "another attempt to this number is open"
    assert rules["cap"] == (night + 19 * HOUR, "1 per 20 h: last at 00:00 UTC 1 h ago")


def test_a_cool_down_and_another_hour_of_the_day_are_told():
    """Peace after a talk, and the part of the day that was tried already, each with its end."""
    talk = Ended(disposition=Disposition.ANSWERED, ended_at=NOW - DAY)
    rules = asked(cool_downs=(CoolDown(disposition=Disposition.ANSWERED, period=7 * DAY),))
    tries = HoursOfTries(dialed_at=(NOW - DAY,))
    facts = NumberFacts(ended=(talk,))
    found = obstacles(contact(), facts, rules=rules, tries=tries, now=NOW)
    assert [(each.rule, each.until) for each in found] == [
        ("cool-down", NOW + 6 * DAY),
        ("another hour of the day", NOW + 2 * HOUR),
    ]
    following = next_eligible(contact(), facts, rules=rules, tries=tries, after=NOW)
    assert following == NOW + 6 * DAY + 2 * HOUR


@pytest.mark.parametrize(
    ("facts", "changes", "rule"),
    [
        (NumberFacts(suppressed_because="opted out"), {}, "suppression list"),
        (NumberFacts(), {"expires_at": NOW}, "deadline"),
        (NumberFacts(), {"zones": ()}, "calling window"),
    ],
)
def test_a_rule_without_end_has_none(facts, changes, rule):
    """For good is not a time."""
    assert held(facts, **changes)[rule][0] is None


facts_of_all_kinds = st.builds(
    NumberFacts,
    suppressed_because=st.sampled_from([None, "away"]),
    suppressed_until=st.sampled_from([NOW + HOUR, NOW + 3 * DAY]),
    has_open_attempt=st.booleans(),
    dialed_at=st.lists(st.integers(1, 60).map(lambda hours: NOW - hours * HOUR), max_size=4).map(
        lambda times: tuple(sorted(times))
    ),
)


@settings(max_examples=40)
@given(
    facts_of_all_kinds,
    st.integers(-5, 90).map(lambda hours: NOW + hours * HOUR),
    st.sampled_from([None, NOW + 2 * DAY, NOW + 9 * DAY]),
    st.lists(
        st.builds(
            AttemptCap,
            attempts=st.integers(1, 3),
            period=st.sampled_from([20 * HOUR, 7 * DAY]),
        ),
        max_size=2,
    ),
)
def test_the_next_time_is_the_first_at_which_the_decision_is_to_dial(
    facts, waits_until, deadline, caps
):
    """Brute force over hours finds no earlier one, and there it is to dial."""
    who = contact(waits_until=waits_until, expires_at=deadline)
    following = next_eligible(who, facts, rules=asked(caps), after=NOW)

    def decided(at):
        ended = facts.suppressed_until is not None and facts.suppressed_until <= at
        known = NumberFacts(
            suppressed_because=None if ended else facts.suppressed_because,
            suppressed_until=None if ended else facts.suppressed_until,
            dialed_at=facts.dialed_at,
        )
        return decide(who, known, rules=asked(caps), now=at)

    first = max(NOW, waits_until)
    until = first + 12 * DAY if isinstance(following, Skip) else following
    at = first
    while at < until:
        assert not isinstance(decided(at), Dial)
        at += HOUR
    if not isinstance(following, Skip):
        assert isinstance(decided(following), Dial)


def test_who_cannot_be_called_in_time_is_told_why():
    """The suppression outlasts the deadline, so there is no next time."""
    facts = NumberFacts(suppressed_because="away", suppressed_until=NOW + 3 * DAY)
    who = contact(expires_at=NOW + 2 * DAY)
    following = next_eligible(who, facts, rules=asked(), after=NOW)
    assert following == Skip(ContactState.SUPPRESSED, "on the suppression list: away")


@pytest.mark.parametrize(
    ("away", "told"),
    [
        (timedelta(seconds=12 * 60 + 5), "15:12 UTC in 12 min"),
        (timedelta(seconds=9), "15:00 UTC in 9 s"),
        (timedelta(hours=3, minutes=5), "18:05 UTC in 3 h 5 min"),
        (timedelta(days=1), "Sat 15:00 UTC in 24 h"),
        (timedelta(days=9), "2026-11-29 15:00 UTC in 9 days"),
        (timedelta(minutes=-2), "14:58 UTC 2 min ago"),
        (timedelta(), "15:00 UTC now"),
    ],
)
def test_a_time_is_told_on_the_clock_and_by_how_far_it_is(away, told):
    """Nobody should have to subtract times in their head."""
    assert at_and_in(NOW + away, now=NOW) == told


def test_far_is_told_in_days():
    """Hours of next week say nothing."""
    assert how_far(timedelta(days=4, hours=3)) == "in 4 days"
