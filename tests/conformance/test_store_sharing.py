"""Who shares a budget, what the server counted, and who could be called, on both backends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from inkbatch.adapters.store.rules import after_a_call_from, window_from
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.budget import Drift, Usage
from inkbatch.domain.calling_rules import RuleSet
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.expiry import Expiry
from inkbatch.domain.retry_policy import AttemptCap
from inkbatch.ports import Snapshot, Snapshots

HOUR = timedelta(hours=1)
NEW_YORK = ("America/New_York",)


def snapshot(given, calls, minutes, *, later=timedelta()):
    return Snapshot(
        at=given.now + later,
        told=Usage(calls=50, minutes=40.5),
        drift=Drift(calls=calls, minutes=minutes),
    )


def test_active_campaigns_of_the_organisation_share_its_budget(given):
    """With the rules they were last run by; who is paused or somebody else's has no part."""
    first, second = given.campaign("one"), given.campaign("two")
    paused = given.campaign("three")
    given.campaign("four", organisation="other")
    given.shift(second)
    with given.store.transaction() as tx:
        tx.set_campaign_state(paused.id, CampaignState.PAUSED, reason="lunch", now=given.now)
        sharers = tx.sharers("acme")
        assert tx.budget_rules(first.id) == sharers[0].budget
    assert [(each.campaign_id, each.is_at_work) for each in sharers] == [
        (first.id, False),
        (second.id, True),
    ]
    assert sharers[0].window.is_open(given.now, NEW_YORK) in (True, False)


def test_what_rule_sets_say_is_known_of_other_campaigns_too(given):
    """Their hours where they hold for everybody, and what follows a call, as it was saved."""
    house = RuleSet(
        name="house",
        title="House",
        window=CallingWindow(weekdays=((Span(600, 720),),) * 7, zone="UTC"),
        caps=(AttemptCap(attempts=1, period=HOUR),),
        cool_downs={Disposition.ANSWERED: 9 * HOUR},
    )
    state = replace(house, name="state", state="FL", window=None)
    shut = replace(state, window=CallingWindow(weekdays=((),) * 7))
    rules = given.rules(
        rules=(house, state),
        cool_downs={Disposition.ANSWERED: HOUR, Disposition.REJECTED: 2 * HOUR},
        expiry=Expiry(last_day=given.now.date(), after=5 * HOUR),
    )
    given.save(rules)
    sharer = given.save(replace(rules, rules=(house, shut), state_column="state"))
    with given.store.transaction() as tx:
        (known,) = tx.sharers("acme")
        after = tx.after_a_call(sharer.id)
    at = datetime(2026, 11, 4, 17, tzinfo=UTC)
    assert known.window.next_open(at, NEW_YORK) is None  # eight in New York is after noon in UTC
    assert known.window.windows[1] == house.window
    assert after == replace(rules, rules=(house, shut), state_column="state").after_a_call
    answered = after.cool_down(Disposition.ANSWERED, {"state": "Texas"})
    assert (answered.period, after.cool_down(Disposition.NO_ANSWER, {})) == (9 * HOUR, None)


def test_what_an_earlier_release_did_not_save_is_as_if_nothing_was_said():
    """Campaigns of an upgraded database were saved without rule sets, cool-downs and an end."""
    window = {"weekdays": [[]] * 7, "zone": None, "exceptions": {}}
    retry = {"attempts_max": 3, "delays": {}, "reached": [], "caps": []}
    saved = {"window": window, "retry": retry}
    assert after_a_call_from(saved).expiry == Expiry()
    assert after_a_call_from(saved).cool_down(Disposition.ANSWERED, {}) is None
    assert len(window_from(saved).windows) == 1


def test_the_latest_snapshot_and_the_largest_drift_are_kept(given):
    """Calls and minutes each have their own largest, whichever way it went."""
    told = [
        snapshot(given, 0, 0.0),
        snapshot(given, -3, 1.0, later=HOUR),
        snapshot(given, 2, -4.0, later=2 * HOUR),
        snapshot(given, 1, 0.5, later=3 * HOUR),
    ]
    with given.store.transaction(organisation="acme") as tx:
        assert tx.snapshots("acme") is None
        for each in told:
            tx.keep_snapshot("acme", each)
        assert tx.snapshots("acme") == Snapshots(
            latest=told[3], most_calls=told[1], most_minutes=told[2]
        )
        assert tx.snapshots("other") is None


def test_waiting_people_are_counted_no_further_than_asked(given):
    """By zones and time where that is asked, of one campaign only."""
    campaign, other = given.campaign(), given.campaign("other")
    contacts = given.contacts(campaign, 2, 3, 4, 5)
    given.contacts(other, 6)
    with given.store.transaction() as tx:
        later = given.now + HOUR
        tx.set_contact(contacts[0].id, ContactState.WAITING, until=later, why="", priority=4)
        tx.set_contact(contacts[1].id, ContactState.REACHED, until=later, why="")
        assert [tx.count_waiting(campaign.id, limit=limit) for limit in (1, 2, 9)] == [1, 2, 3]

        def due(before, *, limit=9, zones=(NEW_YORK,)):
            return tx.count_due(campaign.id, zones=zones, before=before, limit=limit)

        soon = given.now + timedelta(microseconds=1)
        assert (due(given.now), due(soon), due(later), due(later + HOUR)) == (0, 2, 2, 3)
        assert due(later + HOUR, limit=2) == 2
        assert due(later + HOUR, zones=()) == 0


def test_due_contacts_come_by_priority_over_zones_and_priorities(given):
    """A lower priority is read only where the higher ones do not suffice."""
    campaign = given.campaign()
    contacts = given.contacts(campaign, *range(2, 8))
    with given.store.transaction() as tx:
        for contact, priority in zip(contacts, (1, 5, 1, 5, 9, 9), strict=True):
            later = given.now + (HOUR if contact.row_number == 7 else timedelta())
            tx.set_contact(contact.id, ContactState.WAITING, until=later, why="", priority=priority)
        due = tx.due_contacts(campaign.id, zones=[NEW_YORK], now=given.now, limit=4)
        assert [contact.row_number for contact in due] == [6, 3, 5, 2]


def test_campaigns_with_attempts_to_look_at_are_found_over_the_organisation(given):
    """Only those whose look is due, of this organisation."""
    campaign, other = given.campaign(), given.campaign("other")
    given.shift(campaign)
    soon, later = given.contacts(campaign, 2)[0], given.contacts(other, 3)[0]
    with given.store.transaction() as tx:
        for contact, wait in ((soon, timedelta()), (later, HOUR)):
            attempt = given.planned(contact, f"attempt-{contact.row_number}").reserve(
                at=given.now, shift_id="shift-1", from_number="+14155550100"
            )
            call = given.call(f"call-{contact.row_number}")
            assert tx.add_attempts([attempt])
            placed = attempt.accept(call, at=given.now, look_at=given.now + wait)
            assert tx.advance(placed, from_state=AttemptState.RESERVED)
        due = tx.campaigns_to_look_at("acme", now=given.now)
        assert due == {AttemptState.PLACED: [campaign.id], AttemptState.UNCONFIRMED: []}
        due = tx.campaigns_to_look_at("acme", now=given.now + HOUR)
        assert due[AttemptState.PLACED] == sorted((campaign.id, other.id))
        due = tx.campaigns_to_look_at("somebody", now=given.now + HOUR)
        assert not any(due.values())
