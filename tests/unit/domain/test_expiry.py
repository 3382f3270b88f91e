"""A campaign's end, and a contact's: the earlier one counts, at its exact instant."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from inkbatch.domain.calling_rules import strictest
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.eligibility import Dial, NumberFacts, Skip, decide
from inkbatch.domain.expiry import Expiry, in_time
from inkbatch.domain.retry_policy import Following

NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"
ALWAYS = strictest((), window=CallingWindow(weekdays=((Span(0, 1440),),) * 7))
IMPORTED_AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
MS = timedelta(milliseconds=1)


def contact(*, zones=(NEW_YORK,), expires_at=None):
    return Contact(
        id=1, campaign_id=1, number="+14155550132", zones=zones, row_number=2,
        waits_until=IMPORTED_AT, why="new", expires_at=expires_at, enrolled_at=IMPORTED_AT,
    )  # fmt: skip


def decided(expiry, *, now, **changes):
    return decide(contact(**changes), NumberFacts(), rules=ALWAYS, expiry=expiry, now=now)


def test_the_last_day_is_whole_on_the_contacts_own_clock():
    """At midnight where the contact lives it is over, and not a millisecond before."""
    midnight = datetime(2026, 12, 25, tzinfo=ZoneInfo(NEW_YORK))
    expiry = Expiry(last_day=date(2026, 12, 24))
    assert decided(expiry, now=midnight - MS) == Dial()
    assert decided(expiry, now=midnight) == Skip(
        ContactState.EXPIRED, "the campaign calls nobody after 2026-12-24"
    )


def test_of_several_candidate_zones_the_first_midnight_counts():
    """Whoever may live farther east is not called on the day after."""
    expiry = Expiry(last_day=date(2026, 12, 24))
    midnight = datetime(2026, 12, 25, tzinfo=ZoneInfo(NEW_YORK))
    assert expiry.deadline(contact(zones=(CHICAGO, NEW_YORK))).at == midnight


@pytest.mark.parametrize(("late", "is_dialed"), [(-MS, True), (0 * MS, False), (MS, False)])
def test_so_long_after_the_import_is_an_instant(late, is_dialed):
    """Fourteen days are fourteen times 24 hours."""
    decision = decided(
        Expiry(after=timedelta(days=14)), now=IMPORTED_AT + timedelta(days=14) + late
    )
    assert (decision == Dial()) is is_dialed
    assert is_dialed or decision.reason == "it was not reached within 14 days of its import"


def test_a_contacts_own_deadline_stays_if_it_is_earlier():
    """And its own reason is told."""
    own = IMPORTED_AT + timedelta(days=1)
    deadline = Expiry(after=timedelta(days=14)).deadline(contact(expires_at=own))
    assert (deadline.at, deadline.why) == (own, "its deadline passed before it was reached")
    assert Expiry().deadline(contact()) is None


@pytest.mark.parametrize(
    ("until", "state"), [(-MS, "waiting"), (0 * MS, "expired"), (MS, "expired")]
)
def test_a_retry_that_would_be_too_late_is_not_waited_for(until, state):
    """The contact is expired when its attempt ends, and says so."""
    deadline = Expiry(after=timedelta(days=1)).deadline(contact())
    waits = Following(
        state=ContactState.WAITING, until=deadline.at + until, why="try 1 of 4 came to voicemail"
    )
    following = in_time(waits, deadline)
    assert following.state == state
    assert (following.why == waits.why) is (state == "waiting")


def test_who_is_reached_stays_reached_past_the_deadline():
    """Only waiting ends by a deadline."""
    deadline = Expiry(after=timedelta(days=1)).deadline(contact())
    reached = Following(state=ContactState.REACHED, until=deadline.at + MS, why="answered")
    assert in_time(reached, deadline) is reached
