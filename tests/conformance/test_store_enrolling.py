"""Campaigns, their rows and their contacts, in SQLite and in PostgreSQL alike."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from inkbatch.adapters.store.tables import campaign_state
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.errors import StoreError
from inkbatch.domain.list_row import RowStatus
from inkbatch.domain.suppression import Suppression
from inkbatch.ports import Enrolled


def enroll(given, campaign, *rows, sha256="a" * 64) -> Enrolled:
    with given.store.transaction() as tx:
        return tx.enroll(campaign.id, given.call_list(*rows, sha256=sha256), now=given.now)


def counts(given, campaign, *, later=timedelta()):
    with given.store.reading() as tx:
        return tx.counts(campaign.id, now=given.now + later)


def suppress(given, number, **changes) -> int:
    suppression = Suppression(
        number=number, reason="opted out", source="dnc.csv", added_at=given.now, **changes
    )
    with given.store.transaction() as tx:
        return tx.suppress([suppression])


def test_a_campaign_is_found_again(given):
    """What was saved comes back by name, by id and in the list."""
    saved = given.campaign()
    with given.store.reading() as tx:
        assert tx.campaign("reminders") == saved
        assert tx.campaign("reminders", organisation="acme") == saved
        assert tx.campaign("reminders", organisation="other") is None
        assert tx.campaign_by_id(saved.id) == saved
        assert tx.campaigns() == [saved]
    assert saved.state is CampaignState.ACTIVE


def test_saving_a_campaign_again_keeps_its_state(given):
    """A changed campaign file does not set a paused campaign going."""
    first = given.campaign()
    later = given.now + timedelta(hours=1)
    with given.store.transaction() as tx:
        tx.set_campaign_state(first.id, CampaignState.PAUSED, reason="by hand", now=later)
        second = tx.save_campaign(
            given.rules(priority=7), organisation="acme", folder="/elsewhere", now=later
        )
    assert (second.id, second.state, second.state_reason) == (first.id, "paused", "by hand")
    assert (second.folder, second.changed_at) == ("/elsewhere", later)


def test_since_when_a_campaign_was_in_which_state_is_remembered(given):
    """So that the report knows of a pause that is over."""
    campaign = given.campaign()
    said = [
        (CampaignState.PAUSED, given.now),
        (CampaignState.ACTIVE, given.now + timedelta(hours=1)),
    ]
    for state, at in said:
        with given.store.transaction() as tx:
            tx.set_campaign_state(campaign.id, state, reason=None, now=at)
    history = select(campaign_state.c.state, campaign_state.c.at).order_by(campaign_state.c.id)
    with given.store.engine.connect() as connection:
        assert list(map(tuple, connection.execute(history))) == said


def test_a_name_without_organisation_means_the_campaign_changed_last(given):
    """Two organisations may use one name; the one last worked with is meant."""
    given.campaign(organisation="acme")
    other = given.campaign(organisation="other")
    with given.store.transaction() as tx:
        tx.set_campaign_state(
            other.id, CampaignState.ACTIVE, reason=None, now=given.now + timedelta(seconds=1)
        )
        found = tx.campaign("reminders")
        assert [record.organisation for record in tx.campaigns()] == ["acme", "other"]
    assert found is not None
    assert found.organisation == "other"


def test_an_unknown_campaign_is_an_error(given):
    """An id that is thought to exist and does not is never passed over."""
    with given.store.reading() as tx, pytest.raises(StoreError, match="campaign 999"):
        tx.campaign_by_id(999)


def test_every_row_is_kept_with_its_status(given):
    """No row is lost: the counts add up to the rows of the file, accepted ones to contacts."""
    campaign = given.campaign()
    suppress(given, "+14155550105")
    done = enroll(
        given,
        campaign,
        given.row(2),
        given.row(3, status=RowStatus.REPAIRED, reason="spaces taken out", column="phone"),
        given.row(4, status=RowStatus.DUPLICATE, number="+14155550102", duplicate_of=2),
        given.row(5),
        given.row(6, status=RowStatus.REJECTED, number=None, reason="too short", value="12"),
    )
    assert done == Enrolled(
        rows=5, known_rows=0, contacts_added=2, duplicates=1, suppressed=1, rejected=1
    )
    counted = counts(given, campaign)
    assert counted.rows == {
        "accepted": 1,
        "repaired": 1,
        "duplicate": 1,
        "suppressed": 1,
        "rejected": 1,
    }
    assert counted.contacts == {"due": 2}


def test_the_same_file_again_changes_nothing(given):
    """A second upload of a file reports the first and adds neither rows nor contacts."""
    campaign = given.campaign()
    rows = [given.row(2), given.row(3, status=RowStatus.REJECTED, number=None)]
    enroll(given, campaign, *rows)
    before = counts(given, campaign)
    again = enroll(given, campaign, *rows)
    assert (again.known_rows, again.contacts_added, again.rejected) == (2, 0, 0)
    assert counts(given, campaign) == before


def test_the_same_file_in_another_campaign_is_another_list(given):
    """Rows belong to one campaign each."""
    first, second = given.campaign("first"), given.campaign("second")
    assert enroll(given, first, given.row(2)).contacts_added == 1
    assert enroll(given, second, given.row(2)).contacts_added == 1


def test_a_number_of_an_earlier_file_becomes_a_duplicate(given):
    """A person on two lists of one campaign stays one contact, and the row says why."""
    campaign = given.campaign()
    enroll(given, campaign, given.row(2))
    done = enroll(given, campaign, given.row(9, number="+14155550102"), sha256="b" * 64)
    assert (done.contacts_added, done.duplicates) == (0, 1)
    with given.store.engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT status, reason, contact_id, duplicate_of FROM list_row WHERE row_number = 9"
        ).one()
        contact_id = connection.exec_driver_sql("SELECT id FROM contact").scalar_one()
    reason = "the campaign has this number from row 2 of an earlier file"
    assert tuple(row) == ("duplicate", reason, contact_id, None)
    assert counts(given, campaign).rows == {"accepted": 1, "duplicate": 1}


def test_a_number_twice_in_a_file_is_enrolled_once(given):
    """Even where the reader let a second one pass, one number is one contact."""
    campaign = given.campaign()
    done = enroll(given, campaign, given.row(2), given.row(3, number="+14155550102"))
    assert (done.contacts_added, done.duplicates) == (1, 1)


def test_enrolling_is_all_or_nothing(given):
    """A file that fails half way leaves no row behind, so it can simply be given again."""
    campaign = given.campaign()
    broken = given.row(3, number=None)
    with pytest.raises(ValueError, match="row 3"):
        enroll(given, campaign, given.row(2), broken)
    assert counts(given, campaign).rows == {}


def test_a_new_contact_waits_until_its_own_time(given):
    """`not_before` of the row is kept; without it the contact is due at once."""
    campaign = given.campaign()
    tomorrow = given.now + timedelta(days=1)
    enroll(given, campaign, given.row(2), given.row(3, not_before=tomorrow, expires_at=tomorrow))
    assert counts(given, campaign).contacts == {"due": 1, "waiting": 1}
    assert counts(given, campaign, later=timedelta(days=1)).contacts == {"due": 2}


def test_a_contact_keeps_what_its_row_told(given):
    """Fields, zones, priority and deadline come back as they were given."""
    campaign = given.campaign()
    zones = ("America/Denver", "America/Phoenix")
    deadline = given.now + timedelta(days=3)
    fields = {"first_name": "Zoë", "note": '"quoted", 100%'}
    row = given.row(2, zones=zones, priority=4, expires_at=deadline, fields=fields)
    enroll(given, campaign, row)
    with given.store.reading() as tx:
        (contact,) = tx.due_contacts(campaign.id, zones=[zones], now=given.now, limit=5)
        assert tx.contact(contact.id) == contact
    assert (contact.zones, contact.fields) == (zones, fields)
    assert (contact.priority, contact.expires_at, contact.attempts_used) == (4, deadline, 0)
    assert (contact.state, contact.why) == (ContactState.WAITING, "not called yet")


def test_an_expired_suppression_no_longer_holds(given):
    """A number suppressed until a time that has passed may be enrolled."""
    campaign = given.campaign()
    suppress(given, "+14155550102", expires_at=given.now - timedelta(seconds=1))
    assert enroll(given, campaign, given.row(2)).contacts_added == 1


def test_suppressing_twice_counts_once_and_the_longer_time_holds(given):
    """A shorter or earlier entry never takes a number off the list."""
    soon, late = given.now + timedelta(days=1), given.now + timedelta(days=9)
    assert suppress(given, "+14155550102", expires_at=soon) == 1
    assert suppress(given, "+14155550102") == 0
    assert suppress(given, "+14155550102", expires_at=late) == 0
    with given.store.reading() as tx:
        facts = tx.number_facts(["+14155550102"], since=given.now, now=late + timedelta(days=1))
    assert facts["+14155550102"].suppressed_because == "opted out"


def test_no_suppressions_are_no_work(given):
    """An empty suppression file adds nothing."""
    with given.store.transaction() as tx:
        assert tx.suppress([]) == 0


def test_thousands_of_rows_are_one_file(given):
    """A list longer than any one statement may be still adds up."""
    campaign = given.campaign()
    rows = [given.row(n, number=f"+44207946{n:05d}") for n in range(2, 20_502)]
    assert enroll(given, campaign, *rows).contacts_added == 20_500
    assert counts(given, campaign).contacts == {"due": 20_500}


def test_a_number_of_another_campaign_is_a_duplicate_where_that_is_wanted(given):
    """The scope is a choice: by itself a campaign cares for its own contacts alone."""
    enroll(given, given.campaign(), given.row(2))
    row, other, last = given.row(2), given.campaign("other"), given.campaign("last")
    with given.store.transaction() as tx:
        wanted = tx.enroll(other.id, given.call_list(row), now=given.now, organisation="acme")
        alone = tx.enroll(last.id, given.call_list(row), now=given.now)
    assert (wanted.contacts_added, wanted.duplicates) == (0, 1)
    assert alone.contacts_added == 1
    assert counts(given, other).rows == {"duplicate": 1}


def test_a_row_that_is_no_longer_rejected_becomes_a_contact(given):
    """Once the campaign's region was set right, the same file again calls whom it can."""
    campaign = given.campaign()
    rejected = given.row(2, status=RowStatus.REJECTED, number=None, reason="no country code")
    enroll(given, campaign, rejected, given.row(3))
    unchanged = enroll(given, campaign, rejected, given.row(3))
    corrected = enroll(given, campaign, given.row(2), given.row(3))
    assert (unchanged.known_rows, unchanged.rejected) == (2, 0)
    assert (corrected.known_rows, corrected.contacts_added) == (1, 1)
    assert counts(given, campaign).rows == {"accepted": 2}
