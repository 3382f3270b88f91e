"""Dial, hold or skip: each decision, its reason, and the exact edges of the caps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkbatch.domain.calling_rules import strictest
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.eligibility import Dial, Hold, NumberFacts, Skip, decide
from inkbatch.domain.retry_policy import AttemptCap

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # Friday, 10:00 in New York
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
WINDOW = CallingWindow(weekdays=((Span(9 * 60, 17 * 60),),) * 5 + ((), ()))
SHUT = CallingWindow(weekdays=((),) * 7)


def contact(zones=("America/New_York",), expires_at=None):
    return Contact(
        id=1,
        campaign_id=1,
        number="+14155550132",
        zones=zones,
        row_number=2,
        waits_until=NOW,
        why="new",
        expires_at=expires_at,
    )


def decided(facts=None, *, window=WINDOW, caps=(), now=NOW, **changes):
    rules = strictest((), window=window, caps=caps)
    return decide(contact(**changes), facts or NumberFacts(), rules=rules, now=now)


def test_dials_when_nothing_speaks_against_it():
    """An open window, a free number and no cap mean: now."""
    assert decided() == Dial()


def test_a_suppressed_number_is_skipped_before_anything_else():
    """The suppression list outranks windows, deadlines and caps, and its reason is told."""
    facts = NumberFacts(suppressed_because="opted out", has_open_attempt=True)
    expected = Skip(ContactState.SUPPRESSED, "on the suppression list: opted out")
    assert decided(facts, window=SHUT, expires_at=NOW - DAY) == expected


@pytest.mark.parametrize("deadline", [None, NOW + 3 * DAY])
def test_a_suppressed_number_waits_for_the_end_of_its_suppression(deadline):
    """Who asked not to be called this week is called in the next one, and the list says why."""
    facts = NumberFacts(suppressed_because="away", suppressed_until=NOW + 2 * DAY)
    expected = Hold(NOW + 2 * DAY, "on the suppression list: away")
    assert decided(facts, expires_at=deadline) == expected


@pytest.mark.parametrize("deadline", [NOW - DAY, NOW + DAY, NOW + 2 * DAY])
def test_a_suppression_up_to_the_deadline_gives_the_contact_up(deadline):
    """Nobody waits for a moment at which it is too late to call."""
    facts = NumberFacts(suppressed_because="away", suppressed_until=NOW + 2 * DAY)
    expected = Skip(ContactState.SUPPRESSED, "on the suppression list: away")
    assert decided(facts, expires_at=deadline) == expected


@pytest.mark.parametrize(
    ("expires_at", "state"),
    [(NOW - TICK, "expired"), (NOW, "expired"), (NOW + TICK, None), (None, None)],
)
def test_a_contact_is_dialed_until_right_before_its_deadline(expires_at, state):
    """At the deadline itself it is too late."""
    decision = decided(expires_at=expires_at)
    assert (decision.state if isinstance(decision, Skip) else None) == state


@pytest.mark.parametrize(("used", "expected"), [(1, Dial), (2, Skip), (3, Skip)])
def test_a_maximum_that_was_lowered_holds_for_who_waits_already(used, expected):
    """The campaign file may have changed since the contact was sent to wait for its next try."""
    tried = replace(contact(), attempts_used=used)
    rules = strictest((), window=WINDOW)
    decision = decide(tried, NumberFacts(), rules=rules, attempts_max=2, now=NOW)
    assert isinstance(decision, expected)


def test_outside_its_window_a_contact_waits_for_the_next_opening():
    """After hours on a Friday the next opening is on Monday morning, in its own zone."""
    evening = NOW + timedelta(hours=8)
    monday = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    assert decided(now=evening) == Hold(monday, "outside its calling window")


def test_a_window_that_opens_only_after_the_deadline_is_not_waited_for():
    """The contact is expired now instead of on Monday."""
    evening = NOW + timedelta(hours=8)
    monday = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    assert decided(now=evening, expires_at=monday).state is ContactState.EXPIRED
    assert decided(now=evening, expires_at=monday + TICK) == Hold(
        monday, "outside its calling window"
    )


@pytest.mark.parametrize("zones", [(), ("Mars/Olympus",), ("America/New_York", "Mars/Olympus")])
def test_without_a_known_time_zone_nobody_is_called(zones):
    """It fails closed: the contact is given up with a reason, and never dialed."""
    decision = decided(zones=zones)
    assert isinstance(decision, Skip)
    assert decision.state is ContactState.EXHAUSTED


def test_a_window_that_never_opens_gives_up():
    """Nobody waits for ever without being told."""
    assert decided(window=SHUT) == Skip(ContactState.EXHAUSTED, "its calling window never opens")


def test_a_number_that_is_being_called_waits():
    """At most one open attempt per number, over all campaigns."""
    decision = decided(NumberFacts(has_open_attempt=True))
    assert isinstance(decision, Hold)
    assert decision.until > NOW


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (DAY - TICK, NOW + TICK),
        (DAY, None),
        (DAY + TICK, None),
        (timedelta(0), NOW + DAY),
    ],
)
def test_a_cap_frees_a_try_exactly_when_its_period_is_over(age, expected):
    """One microsecond early is still too often; at the full period the try is free."""
    caps = (AttemptCap(attempts=1, period=DAY),)
    decision = decided(NumberFacts(dialed_at=(NOW - age,)), caps=caps)
    assert decision == Dial() if expected is None else decision.until == expected


def test_the_longest_wait_of_several_caps_counts_and_names_itself():
    """3 in 24 hours and 4 in a week: whichever frees later."""
    caps = (AttemptCap(attempts=3, period=DAY), AttemptCap(attempts=4, period=7 * DAY))
    dialed = tuple(NOW - timedelta(hours=hours) for hours in (3, 2, 1, 100))
    decision = decided(NumberFacts(dialed_at=dialed), caps=caps)
    assert decision.until == NOW - timedelta(hours=100) + 7 * DAY
    assert "4 of 4 attempts" in decision.reason


def test_a_cap_that_was_passed_waits_until_enough_have_left():
    """After a cap was lowered, not the first to leave counts but the one that makes room."""
    caps = (AttemptCap(attempts=2, period=DAY),)
    dialed = tuple(NOW - timedelta(hours=hours) for hours in (20, 10, 5, 1))
    decision = decided(NumberFacts(dialed_at=dialed), caps=caps)
    assert decision.until == NOW - timedelta(hours=5) + DAY


ages = st.lists(st.integers(min_value=0, max_value=200), max_size=8)
cap_choices = st.lists(
    st.builds(
        lambda attempts, hours: AttemptCap(attempts=attempts, period=timedelta(hours=hours)),
        st.integers(min_value=1, max_value=4),
        st.sampled_from([1, 24, 168]),
    ),
    max_size=3,
)


@settings(max_examples=150, deadline=None)
@given(ages=ages, caps=cap_choices)
def test_the_caps_agree_with_counting_every_hour(ages, caps):
    """Brute force: the first hour at which every cap has room is the hour that is told."""
    dialed = tuple(NOW - timedelta(hours=age) for age in ages)
    always = CallingWindow(weekdays=((Span(0, 1440),),) * 7)

    def is_free(at):
        return all(sum(at - cap.period < one for one in dialed) < cap.attempts for cap in caps)

    decision = decided(NumberFacts(dialed_at=dialed), window=always, caps=caps)
    free_at = next(at for at in (NOW + timedelta(hours=hour) for hour in range(200)) if is_free(at))
    assert (NOW if decision == Dial() else decision.until) == free_at
