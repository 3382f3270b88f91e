"""The budget ledger, limits and holds, on both backends alike."""

from datetime import timedelta

import pytest

from inkbatch.domain.budget import DOCUMENTED_LIMITS, Limits, Need, Release, Usage
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.errors import StoreError
from inkbatch.ports import HoldRecord, Standing

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
NOTHING = Usage(calls=0, minutes=0.0)


@pytest.fixture
def attempt_ids(given):
    """Three reserved attempts that budget can be counted for."""
    campaign = given.campaign()
    given.shift(campaign)
    contacts = given.contacts(campaign, 2, 3, 4)
    return [given.reserved(contact, f"attempt-{contact.row_number}").id for contact in contacts]


def use(given, later=timedelta(), *, organisation="acme") -> Usage:
    with given.store.reading() as tx:
        return tx.usage(organisation, now=given.now + later)


def reserve(tx, given, attempt_id, *, minutes, minutes_max=10.0, campaign_id=None) -> None:
    tx.reserve_budget(
        "acme",
        attempt_id=attempt_id,
        campaign_id=campaign_id or tx.attempt(attempt_id).campaign_id,
        need=Need(minutes=minutes, minutes_max=minutes_max),
        now=given.now,
    )


def add_foreign(tx, given, call, *, minutes) -> bool:
    until = given.now + DAY
    return tx.add_foreign_call(
        "acme", call, minutes=minutes, calls_until=until, minutes_until=until
    )


def set_unplaced(given, calls, minutes, *, later=timedelta()) -> None:
    now = given.now + later
    with given.store.transaction(organisation="acme") as tx:
        tx.set_unplaced_foreign_use(
            "acme", Usage(calls=calls, minutes=minutes), until=now + DAY, now=now
        )


def test_limits_are_the_documented_ones_until_the_server_tells(given):
    """What the server says last is believed, for its organisation only."""
    with given.store.transaction(organisation="acme") as tx:
        assert tx.limits("acme") == DOCUMENTED_LIMITS
        tx.set_limits("acme", Limits(calls=200, minutes=50.0), now=given.now)
        tx.set_limits("acme", Limits(calls=300, minutes=60.5), now=given.now)
        assert tx.limits("acme") == Limits(calls=300, minutes=60.5)
        assert tx.limits("other") == DOCUMENTED_LIMITS


def test_a_reservation_counts_until_it_is_settled(given, attempt_ids):
    """However much later it is: what is not settled may be ringing."""
    with given.store.transaction(organisation="acme") as tx:
        for attempt_id in attempt_ids:
            reserve(tx, given, attempt_id, minutes=1.5)
    assert use(given, 100 * DAY) == Usage(calls=3, minutes=4.5)
    assert use(given, organisation="other") == NOTHING


def test_a_settled_call_and_its_minutes_leave_at_their_own_times(given, attempt_ids):
    """The call counts until a day after its answer, its real minutes until a day after its end."""
    with given.store.transaction(organisation="acme") as tx:
        reserve(tx, given, attempt_ids[0], minutes=5.0)
        tx.settle_call(attempt_ids[0], until=given.now + DAY)
        tx.settle_minutes(attempt_ids[0], minutes=2.25, until=given.now + DAY + HOUR)
    assert use(given, DAY - timedelta(microseconds=1)) == Usage(calls=1, minutes=2.25)
    assert use(given, DAY) == Usage(calls=0, minutes=2.25)
    assert use(given, DAY + HOUR) == NOTHING


def test_a_released_reservation_never_was(given, attempt_ids):
    """Nothing was placed, for certain, so the same attempt may reserve again."""
    with given.store.transaction(organisation="acme") as tx:
        reserve(tx, given, attempt_ids[0], minutes=5.0)
        tx.release_budget(attempt_ids[0])
        assert tx.usage("acme", now=given.now) == NOTHING
        reserve(tx, given, attempt_ids[0], minutes=1.0)
    assert use(given) == Usage(calls=1, minutes=1.0)


def test_an_attempt_reserves_budget_once(given, attempt_ids):
    """A second reservation is refused, and the transaction that asked for it leaves nothing."""

    def reserve_twice() -> None:
        with given.store.transaction(organisation="acme") as tx:
            reserve(tx, given, attempt_ids[0], minutes=1.0)
            reserve(tx, given, attempt_ids[0], minutes=1.0)

    with pytest.raises(StoreError, match="reserved already"):
        reserve_twice()
    assert use(given) == NOTHING


def test_releases_come_in_order_and_together(given, attempt_ids):
    """What comes back at one time is one release; what has no end is not promised."""
    first, second, third = attempt_ids
    with given.store.transaction(organisation="acme") as tx:
        for attempt_id in attempt_ids:
            reserve(tx, given, attempt_id, minutes=2.0)
        tx.settle_call(first, until=given.now + HOUR)
        tx.settle_minutes(first, minutes=3.0, until=given.now + 2 * HOUR)
        tx.settle_call(second, until=given.now + 2 * HOUR)
        tx.settle_minutes(second, minutes=0.0, until=given.now + 3 * HOUR)
        tx.settle_call(third, until=given.now)
        expected = [
            Release(at=given.now + HOUR, calls=1, minutes=0.0),
            Release(at=given.now + 2 * HOUR, calls=1, minutes=3.0),
        ]
        assert tx.releases("acme", now=given.now, limit=9) == expected
        assert tx.releases("acme", now=given.now, limit=1) == expected[:1]
        assert tx.releases("other", now=given.now, limit=9) == []


def test_a_foreign_call_is_counted_once(given):
    """Told again it counts no second time, but its minutes are brought up to date."""
    talking = given.call(status="answered", started_at=given.now)
    with given.store.transaction(organisation="acme") as tx:
        assert add_foreign(tx, given, talking, minutes=0.0)
        assert not add_foreign(tx, given, given.answered_call(minutes=4.0), minutes=4.0)
    assert use(given) == Usage(calls=1, minutes=4.0)
    assert use(given, DAY) == NOTHING


def test_unplaced_use_is_counted_but_not_as_confirmed(given, attempt_ids):
    """What only the server's sums tell of must not be subtracted from those sums twice."""
    with given.store.transaction(organisation="acme") as tx:
        reserve(tx, given, attempt_ids[0], minutes=1.0)
        add_foreign(tx, given, given.answered_call(minutes=2.0), minutes=2.0)
    set_unplaced(given, 5, 7.5)
    with given.store.reading() as tx:
        assert tx.usage("acme", now=given.now) == Usage(calls=7, minutes=10.5)
        kinds = tx.kinds_of_usage("acme", now=given.now)
        assert kinds.settled == Usage(calls=1, minutes=2.0)
        assert kinds.reserved == Usage(calls=1, minutes=1.0)
        assert kinds.unplaced == Usage(calls=5, minutes=7.5)


def test_calls_that_go_on_may_have_talked_since_their_intent(given, attempt_ids):
    """The server may count so much of them, and never more than they may last."""
    first, second = attempt_ids[:2]
    with given.store.transaction(organisation="acme") as tx:
        reserve(tx, given, first, minutes=1.0, minutes_max=10.0)
        reserve(tx, given, second, minutes=1.0, minutes_max=3.0)
        add_foreign(tx, given, given.answered_call(minutes=2.0), minutes=2.0)
    set_unplaced(given, 5, 7.5)
    with given.store.reading() as tx:
        going_on = tx.going_on("acme")
        later = given.now + timedelta(minutes=4)
        assert sum(call.minutes_until(given.now - HOUR) for call in going_on) == 0.0
        assert sum(call.minutes_until(later) for call in going_on) == 4.0 + 3.0
    with given.store.transaction(organisation="acme") as tx:
        tx.settle_minutes(first, minutes=2.25, until=given.now + DAY)
        assert [call.minutes_until(later) for call in tx.going_on("acme")] == [3.0]


def test_more_unplaced_use_is_held_for_its_own_day(given):
    """What was known before leaves at its old time, the rest a day after it was noticed."""
    set_unplaced(given, 2, 3.0)
    set_unplaced(given, 5, 4.0, later=HOUR)
    assert use(given, HOUR) == Usage(calls=5, minutes=4.0)
    assert use(given, DAY) == Usage(calls=3, minutes=1.0)
    assert use(given, DAY + HOUR) == NOTHING


def test_less_unplaced_use_lets_the_newest_go(given):
    """The oldest leave at their time anyway, so the newest are taken away first."""
    set_unplaced(given, 2, 3.0)
    set_unplaced(given, 5, 4.0, later=HOUR)
    set_unplaced(given, 1, 3.5, later=2 * HOUR)
    assert use(given, 2 * HOUR) == Usage(calls=1, minutes=3.5)
    assert use(given, DAY) == Usage(calls=0, minutes=0.5)


def test_calls_may_rise_while_minutes_fall(given):
    """The two sums are kept apart."""
    set_unplaced(given, 2, 3.0)
    set_unplaced(given, 4, 1.0, later=HOUR)
    assert use(given, HOUR) == Usage(calls=4, minutes=1.0)
    set_unplaced(given, 0, 0.0, later=HOUR)
    assert use(given, HOUR) == NOTHING


def test_the_longest_hold_is_the_one_that_counts(given):
    """A shorter hold that comes later frees nobody."""
    with given.store.transaction(organisation="acme") as tx:
        assert tx.current_hold("acme", now=given.now) is None
        tx.hold("acme", until=given.now + 2 * HOUR, reason="429", now=given.now)
        tx.hold("acme", until=given.now + HOUR, reason="429 again", now=given.now)
        longest = HoldRecord(until=given.now + 2 * HOUR, reason="429")
        assert tx.current_hold("acme", now=given.now) == longest
        assert tx.current_hold("acme", now=given.now + 2 * HOUR) is None
        assert tx.current_hold("other", now=given.now) is None


def test_what_may_have_changed_before_a_dial_is_asked_at_once(given):
    """The campaign's state and the organisation's hold, of this campaign and organisation only."""
    campaign = given.campaign()
    with given.store.transaction(organisation="acme") as tx:
        tx.hold("other", until=given.now + HOUR, reason="not ours", now=given.now)
        assert tx.standing(campaign.id, organisation="acme", now=given.now) == Standing(
            state=CampaignState.ACTIVE, hold_reason=None
        )
        tx.hold("acme", until=given.now + HOUR, reason="429", now=given.now)
        tx.set_campaign_state(campaign.id, CampaignState.PAUSED, reason="by hand", now=given.now)
        assert tx.standing(campaign.id, organisation="acme", now=given.now) == Standing(
            state=CampaignState.PAUSED, hold_reason="429"
        )
        later = tx.standing(campaign.id, organisation="acme", now=given.now + HOUR)
    assert later.hold_reason is None
