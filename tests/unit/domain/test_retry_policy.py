"""What follows each outcome of an attempt."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.retry_policy import AttemptCap, RetryPolicy, after_attempt

ENDED_AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
HOURS = timedelta(hours=1)
POLICY = RetryPolicy(
    attempts_max=3,
    delays={
        Disposition.NO_ANSWER: 4 * HOURS,
        Disposition.VOICEMAIL: 20 * HOURS,
        Disposition.FAILED: 1 * HOURS,
        Disposition.REJECTED: None,
    },
)


def ended(disposition, ended_at=ENDED_AT):
    return Attempt(
        id="a1",
        campaign_id=1,
        contact_id=2,
        number="+14155550132",
        from_number="+14155550100",
        ordinal=1,
        state=AttemptState.ENDED,
        shift_id="s1",
        predicted_minutes=1.0,
        created_at=ENDED_AT,
        ended_at=ended_at,
        disposition=disposition,
    )


@pytest.mark.parametrize(
    ("disposition", "used", "state", "wait"),
    [
        (Disposition.ANSWERED, 1, ContactState.REACHED, 0 * HOURS),
        (Disposition.ANSWERED, 3, ContactState.REACHED, 0 * HOURS),
        (Disposition.NO_ANSWER, 1, ContactState.WAITING, 4 * HOURS),
        (Disposition.NO_ANSWER, 2, ContactState.WAITING, 4 * HOURS),
        (Disposition.NO_ANSWER, 3, ContactState.EXHAUSTED, 0 * HOURS),
        (Disposition.NO_ANSWER, 4, ContactState.EXHAUSTED, 0 * HOURS),
        (Disposition.VOICEMAIL, 1, ContactState.WAITING, 20 * HOURS),
        (Disposition.FAILED, 1, ContactState.WAITING, 1 * HOURS),
        (Disposition.REJECTED, 1, ContactState.EXHAUSTED, 0 * HOURS),
        (Disposition.DIAL_FAILED, 1, ContactState.EXHAUSTED, 0 * HOURS),
        (Disposition.INVALID, 1, ContactState.EXHAUSTED, 0 * HOURS),
        (Disposition.BLOCKED, 1, ContactState.SUPPRESSED, 0 * HOURS),
        (Disposition.UNKNOWN, 1, ContactState.REVIEW, 0 * HOURS),
        (Disposition.UNKNOWN, 3, ContactState.REVIEW, 0 * HOURS),
        (Disposition.REFUSED, 0, ContactState.WAITING, 0 * HOURS),
        (Disposition.REFUSED, 3, ContactState.WAITING, 0 * HOURS),
    ],
)
def test_each_disposition_leads_to_its_state(disposition, used, state, wait):
    """Reached, waiting for as long as the campaign says, or given up with a reason."""
    following = after_attempt(POLICY, ended(disposition), attempts_used=used)
    assert (following.state, following.until) == (state, ENDED_AT + wait)
    assert following.why


@pytest.mark.parametrize("disposition", Disposition)
def test_every_disposition_is_followed_by_something(disposition):
    """No outcome leaves a contact in a call that is over."""
    following = after_attempt(POLICY, ended(disposition), attempts_used=1)
    assert following.state not in (ContactState.IN_CALL, ContactState.DUE)


def test_a_campaign_says_itself_what_counts_as_reached():
    """A message on a machine is enough for some campaigns."""
    policy = RetryPolicy(attempts_max=3, delays={}, reached=frozenset({Disposition.VOICEMAIL}))
    assert after_attempt(policy, ended(Disposition.VOICEMAIL), attempts_used=1).state == "reached"
    assert after_attempt(policy, ended(Disposition.ANSWERED), attempts_used=1).state == "exhausted"


def test_an_unknown_fate_is_reviewed_even_if_a_campaign_counts_it_as_reached():
    """Nobody but a person closes an attempt of which nobody knows whether it rang."""
    policy = RetryPolicy(attempts_max=3, delays={}, reached=frozenset(Disposition))
    assert after_attempt(policy, ended(Disposition.UNKNOWN), attempts_used=1).state == "review"
    assert after_attempt(policy, ended(Disposition.BLOCKED), attempts_used=1).state == "suppressed"


@pytest.mark.parametrize("lasting", [ended(None), ended(Disposition.ANSWERED, ended_at=None)])
def test_an_attempt_that_lasts_is_followed_by_nothing(lasting):
    """Asking too early is a mistake of the caller."""
    with pytest.raises(ValueError, match="has not ended"):
        after_attempt(POLICY, lasting, attempts_used=1)


@pytest.mark.parametrize(("attempts", "hours"), [(0, 24), (-1, 24), (3, 0), (3, -1)])
def test_a_cap_that_allows_nothing_or_never_ends_cannot_be_built(attempts, hours):
    """A cap means «at most one or more within some time»."""
    with pytest.raises(ValueError, match="a cap"):
        AttemptCap(attempts=attempts, period=hours * HOURS)
