"""When a contact is due, and how long a suppression holds."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.suppression import Suppression

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize("state", ContactState)
@pytest.mark.parametrize("waits_until", [NOW - TICK, NOW, NOW + TICK])
def test_due_is_waiting_whose_time_has_come(state, waits_until):
    """Only a waiting contact becomes due, at the very instant it waits for."""
    contact = Contact(
        id=1,
        campaign_id=1,
        number="+14155550132",
        zones=("America/New_York",),
        row_number=2,
        state=state,
        waits_until=waits_until,
        why="new",
    )
    is_due = state is ContactState.WAITING and waits_until <= NOW
    assert contact.state_at(NOW) is (ContactState.DUE if is_due else state)


@pytest.mark.parametrize(
    ("expires_at", "holds"), [(None, True), (NOW + TICK, True), (NOW, False), (NOW - TICK, False)]
)
def test_a_suppression_holds_until_it_expires_or_for_ever(expires_at, holds):
    """Without an end nobody is ever called again."""
    suppression = Suppression(
        number="+14155550132",
        reason="opted out",
        source="by hand",
        added_at=NOW - timedelta(days=1),
        expires_at=expires_at,
    )
    assert suppression.holds_at(NOW) is holds
