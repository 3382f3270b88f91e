"""Of when the latest is that a database knows, in SQLite and in PostgreSQL alike."""

from datetime import timedelta

from inkbatch.adapters.store.latest import Latest
from inkbatch.domain.suppression import Suppression

HER, HIM, LONDON = "+14155550102", "+14155550103", "+442079460123"
HOUR = timedelta(hours=1)


def test_a_new_database_knows_of_nothing(given):
    """There is no latest where there is none at all."""
    assert given.store.latest() == Latest(dialed_at=None, suppressed_at=None, erased_at=None)


def test_the_latest_of_each_kind_is_told(given):
    """So a person sees what a copy of some age cannot know."""
    campaign = given.campaign()
    contact = given.contacts(campaign, 2)[0]
    given.shift(campaign)
    given.reserved(contact, at=given.now + HOUR)
    with given.store.transaction() as tx:
        tx.suppress([entry(HER, given.now + 3 * HOUR), entry(HIM, given.now + 2 * HOUR)])
        tx.erase(LONDON, now=given.now + 4 * HOUR)
    assert given.store.latest() == Latest(
        dialed_at=given.now + HOUR,
        suppressed_at=given.now + 3 * HOUR,
        erased_at=given.now + 4 * HOUR,
    )


def entry(number, at):
    """Return an entry of the suppression list that was made then."""
    return Suppression(number=number, reason="opted out", source="by hand", added_at=at)
