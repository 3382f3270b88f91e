"""What a forecast asks of the store is told alike by both databases."""

from datetime import timedelta

from inkbatch.domain.campaign_ahead import Cohort, EndedTry
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from tests.conformance.conftest import NEW_YORK, NOW

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def test_contacts_who_wait_are_counted_by_all_that_a_forecast_tells_apart(given, store):
    """Those alike once; a text of the state column, a deadline or tries used set others apart."""
    campaign = given.campaign()
    given.shift(campaign)
    rows = [
        given.row(2, fields={"state": "NY"}),
        given.row(3, fields={"state": "NY"}),
        given.row(4, fields={"state": "TX"}, priority=5, expires_at=NOW + HOUR),
        given.row(5, fields={}),
        given.row(6, fields={}),
    ]
    with store.transaction() as tx:
        tx.enroll(campaign.id, given.call_list(*rows), now=NOW)
        due = tx.due_contacts(campaign.id, zones=[NEW_YORK], now=NOW, limit=9)
        by_row = {each.row_number: each.id for each in due}
        tx.set_contact(by_row[6], ContactState.REACHED, until=NOW, why="answered")
        tx.set_contact(
            by_row[3], ContactState.WAITING, until=NOW + HOUR, why="again", attempts_used=2
        )
        told = tx.cohorts(campaign.id, state_column="state")
        without = tx.cohorts(campaign.id, state_column=None)
    alike = {"zones": NEW_YORK, "contacts": 1, "due_at": NOW, "enrolled_at": NOW}
    expected = [
        Cohort(**alike, place="NY"),
        Cohort(**{**alike, "due_at": NOW + HOUR}, place="NY", attempts_used=2),
        Cohort(**alike, place="TX", priority=5, deadline=NOW + HOUR),
        Cohort(**alike, place=""),
    ]
    assert sorted(told, key=repr) == sorted(expected, key=repr)
    assert {(each.place, each.contacts) for each in without} == {("", 1), ("", 2)}


def test_the_latest_ended_tries_are_told_the_newest_first(given, store):
    """With what they came to, their minutes, and how long they were in progress; none open."""
    campaign = given.campaign()
    given.shift(campaign)
    first, second, third = given.contacts(campaign, 2, 3, 4)
    given.ended(first, "old", given.answered_call("old", minutes=2.0), at=NOW)
    given.ended(second, "new", given.answered_call("new", minutes=1.0), at=NOW + HOUR)
    given.reserved(third, "open", at=NOW + 2 * HOUR)
    with store.reading() as tx:
        told = tx.ended_tries(campaign.id, limit=9)
        latest = tx.ended_tries(campaign.id, limit=1)
    assert [(each.disposition, each.talk_minutes) for each in told] == [
        (Disposition.ANSWERED, 1.0),
        (Disposition.ANSWERED, 2.0),
    ]
    assert latest == told[:1]
    assert all(isinstance(each, EndedTry) and each.held_minutes >= 0 for each in told)
