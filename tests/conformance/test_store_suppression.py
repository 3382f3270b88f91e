"""The suppression list and who else has a number, in SQLite and in PostgreSQL alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.errors import StoreError
from inkbatch.domain.suppression import Suppression, on_the_list

DAY = timedelta(days=1)
HER, HIM, LONDON = "+14155550102", "+14155550103", "+442079460123"


@pytest.fixture
def entry(given):
    """An entry of the list that a test may change."""

    def make(number=HER, **changes):
        plain = Suppression(number=number, reason="opted out", source="dnc.csv", added_at=given.now)
        return replace(plain, **changes)

    return make


@pytest.fixture
def suppress(given):
    """Put entries on the list, and tell how many were new."""

    def add(*entries):
        with given.store.transaction() as tx:
            return tx.suppress(entries)

    return add


@pytest.fixture
def listed(given):
    """Read the list."""

    def read(**wanted):
        with given.store.reading() as tx:
            return tx.suppressions(**wanted)

    return read


def test_an_entry_is_kept_as_it_was_given(given, entry, suppress, listed):
    """Reason, source, time and end come back, of one number and in the list by number."""
    first, second = entry(LONDON, expires_at=given.now + DAY), entry(HER, source="by hand")
    assert suppress(first, second) == 2
    assert listed() == [second, first]
    with given.store.reading() as tx:
        assert tx.suppression(LONDON) == first
        assert tx.suppression(HIM) is None


@pytest.mark.parametrize(
    ("days_before", "days_after", "is_replaced"),
    [
        (1, 2, True),
        (1, None, True),
        (2, 1, False),
        (2, 2, False),
        (None, 1, False),
        (None, None, False),
    ],
)
def test_the_entry_that_lasts_longer_stays_whole(
    given, entry, suppress, listed, days_before, days_after, is_replaced
):
    """Adding a number again never shortens its time, and no entry is a mixture of two."""

    def ends(days):
        return None if days is None else given.now + days * DAY

    before = entry(expires_at=ends(days_before))
    after = Suppression(
        number=HER,
        reason="asked again",
        source="by hand",
        added_at=given.now + timedelta(hours=1),
        expires_at=ends(days_after),
    )
    assert (suppress(before), suppress(after)) == (1, 0)
    assert listed() == [after if is_replaced else before]


def test_of_a_number_twice_in_one_go_the_longer_lasting_counts(given, entry, suppress, listed):
    """A file may have somebody twice; the order of its rows does not matter."""
    forever, for_a_day = entry(), entry(expires_at=given.now + DAY)
    assert suppress(for_a_day, forever, for_a_day) == 1
    assert listed() == [forever]


def test_a_number_whose_entry_had_expired_is_new_again(given, entry, suppress, listed):
    """Nobody is told «on the list already» of somebody who could have been called."""
    suppress(entry(expires_at=given.now + DAY))
    again = entry(added_at=given.now + 2 * DAY)
    assert suppress(again, entry(HIM)) == 2
    assert listed() == [again, entry(HIM)]


def test_what_is_taken_off_the_list_is_told_and_no_longer_holds(given, entry, suppress, listed):
    """The entry is returned for the person to read; a number without one is nothing."""
    suppress(entry(), entry(HIM))
    with given.store.transaction() as tx:
        assert tx.unsuppress(HER) == entry()
        assert tx.unsuppress(HER) is None
        facts = tx.number_facts([HER, HIM], since=given.now, now=given.now)
    assert [facts[number].suppressed_because for number in (HER, HIM)] == [None, "opted out"]
    assert listed() == [entry(HIM)]


def test_who_waits_for_the_end_of_an_entry_is_due_once_it_is_taken_off(given, entry, suppress):
    """Whoever waits for something else goes on waiting for it."""
    campaign = given.campaign()
    hers, his = given.contacts(campaign, 2, 3)
    end, waits = given.now + DAY, ((hers, on_the_list("opted out")), (his, "outside its window"))
    suppress(*(entry(contact.number, expires_at=end) for contact, _ in waits))
    with given.store.transaction() as tx:
        for contact, why in waits:
            tx.set_contact(contact.id, ContactState.WAITING, until=end, why=why)
            tx.unsuppress(contact.number)
    with given.store.reading() as tx:
        due = tx.due_contacts(campaign.id, zones=[hers.zones], now=given.now, limit=9)
    assert [contact.id for contact in due] == [hers.id]


def test_a_transaction_that_reads_takes_nothing_off(given, entry, suppress, listed):
    """Looking at the list never changes it."""
    suppress(entry())
    with given.store.reading() as tx, pytest.raises(StoreError, match="only reads"):
        tx.unsuppress(HER)
    assert listed() == [entry()]


@pytest.mark.parametrize(
    ("matching", "found"),
    [
        ("", [HER, HIM, LONDON]),
        (" ", [HER, HIM, LONDON]),
        ("555-0102", [HER]),
        ("(415) 555", [HER, HIM]),
        ("+1 415", [HER, HIM]),
        ("020 7946", [LONDON]),
        ("000", []),
        ("MOVED", [HIM]),
        ("Ärger", [LONDON]),
        ("100%", [LONDON]),
        ("100_", []),
        ("dnc", [HER, HIM]),
        ("nobody", []),
    ],
)
def test_the_list_is_searched_by_any_part(entry, suppress, listed, matching, found):
    """A number in any writing, a reason or a source: whatever the person remembers."""
    suppress(
        entry(HER),
        entry(HIM, reason="Moved away"),
        entry(LONDON, reason="Ärger, 100% sure", source="by hand"),
    )
    assert [each.number for each in listed(matching=matching)] == found


@pytest.mark.parametrize(
    ("matching", "found"),
    [
        ("0102", [HER]),
        ("010", [HER, HIM]),
        ("01", [HER, HIM, LONDON]),
        ("+1 (415) 555-0102", [HER]),
        ("9 0102", [HER]),
        ("415", []),
        ("55501", []),
        ("1_", []),
        ("opted", [HER, HIM, LONDON]),
    ],
)
def test_who_sees_masks_finds_numbers_by_the_digits_that_masks_show(
    entry, suppress, listed, matching, found
):
    """The last of the digits given are looked for among the last four, whatever stands before."""
    suppress(entry(HER), entry(HIM), entry(LONDON))
    assert [each.number for each in listed(matching=matching, shown_digits_only=True)] == found


def test_so_many_entries_are_returned_at_most(entry, suppress, listed):
    """A long list need not be read whole to show its beginning."""
    suppress(*(entry(f"+1415555{last:04d}") for last in range(100, 130)))
    assert [each.number[-4:] for each in listed(limit=2)] == ["0100", "0101"]


def test_numbers_that_another_campaign_has_are_told_with_its_name(given):
    """Deduplication over campaigns: those of the organisation, in any state but canceled."""
    own, first, second, dropped = map(given.campaign, ("own", "first", "second", "dropped"))
    foreign = given.campaign("foreign", organisation="other")
    for campaign, rows in ((own, (2,)), (second, (2, 3)), (first, (3,)), (dropped, (4,))):
        given.contacts(campaign, *rows)
    given.contacts(foreign, 5)
    with given.store.transaction() as tx:
        tx.set_campaign_state(dropped.id, CampaignState.CANCELED, reason=None, now=given.now)
        tx.set_campaign_state(second.id, CampaignState.PAUSED, reason=None, now=given.now)
        numbers = [given.row(row).number for row in (2, 3, 4, 5, 6)]
        found = tx.numbers_in_other_campaigns(numbers, campaign_id=own.id, organisation="acme")
        assert tx.numbers_in_other_campaigns([], campaign_id=own.id, organisation="acme") == {}
    assert found == {HER: "second", HIM: "second"}
