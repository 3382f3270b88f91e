"""The ledger against a list of entries that is added up by hand, on both backends."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inkbatch.domain.budget import BUDGET_WINDOW, Need, Release, Spending, Usage, total

MILLISECOND = timedelta(milliseconds=1)
ORGANISATIONS = (f"ledger-{number}" for number in count())
ATTEMPTS = 4

quarters = st.integers(0, 20).map(lambda quarter: quarter / 4)
moments = st.integers(0, 3 * 86_400_000).map(lambda milliseconds: milliseconds * MILLISECOND)
attempts = st.integers(0, ATTEMPTS - 1)
steps = st.one_of(
    st.tuples(st.just("reserve"), attempts, moments, quarters, quarters),
    st.tuples(st.just("settle_call"), attempts, moments),
    st.tuples(st.just("settle_minutes"), attempts, moments, quarters),
    st.tuples(st.just("grow"), attempts, quarters),
    st.tuples(st.just("keep"), attempts, moments),
    st.tuples(st.just("release"), attempts),
    st.tuples(st.just("foreign"), moments, moments, quarters),
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of the list; an end of None never comes by itself."""

    campaign_id: int | None
    minutes: float
    minutes_max: float
    calls_until: datetime | None = None
    minutes_until: datetime | None = None

    def spent(self, now):
        """Return what of it counts at a moment."""
        counts_call = self.calls_until is None or self.calls_until > now
        counts_minutes = self.minutes_until is None or self.minutes_until > now
        worst = max(self.minutes, self.minutes_max if self.minutes_until is None else 0.0)
        return Spending(
            calls=int(counts_call),
            minutes=self.minutes if counts_minutes else 0.0,
            minutes_at_worst=worst if counts_minutes else 0.0,
        )

    def releases(self):
        """Return what it gives back, and when."""
        if self.calls_until is not None:
            yield Release(at=self.calls_until, calls=1, minutes=0.0)
        if self.minutes_until is not None and self.minutes > 0:
            yield Release(at=self.minutes_until, calls=0, minutes=self.minutes)


class Ledgers:
    """The store's ledger and the list side by side; every step is done to both."""

    def __init__(self, world, attempts_by_campaign):
        self.world, self.attempts = world, attempts_by_campaign
        self.organisation = next(ORGANISATIONS)
        self.entries, self.foreign = {}, count()

    def do(self, tx, name, *values):
        """Do one step, where it is possible."""
        if name == "foreign":
            self._foreign(tx, *values)
        elif (name == "reserve") is (values[0] not in self.entries):
            getattr(self, f"_{name}")(tx, *values)

    def forget(self, tx):
        """Let the attempts be reserved again by the next example."""
        for place in [each for each in self.entries if isinstance(each, int)]:
            tx.release_budget(self.attempts[place][0])

    def at(self, later):
        """Return a moment of the example."""
        return self.world.now + later

    def _reserve(self, tx, place, at, minutes, more):
        attempt_id, campaign_id = self.attempts[place]
        need = Need(minutes=minutes, minutes_max=minutes + more)
        tx.reserve_budget(
            self.organisation,
            attempt_id=attempt_id,
            campaign_id=campaign_id,
            need=need,
            now=self.at(at),
        )
        self.entries[place] = Entry(
            campaign_id=campaign_id, minutes=minutes, minutes_max=minutes + more
        )

    def _settle_call(self, tx, place, at):
        until = self.at(at) + BUDGET_WINDOW
        tx.settle_call(self.attempts[place][0], until=until)
        self._change(place, calls_until=until)

    def _settle_minutes(self, tx, place, at, minutes):
        until = self.at(at) + BUDGET_WINDOW
        tx.settle_minutes(self.attempts[place][0], minutes=minutes, until=until)
        self._change(place, minutes=minutes, minutes_until=until)

    def _grow(self, tx, place, minutes):
        tx.grow_minutes(self.attempts[place][0], minutes=minutes)
        entry = self.entries[place]
        if entry.minutes_until is None:
            self._change(place, minutes=max(entry.minutes, minutes))

    def _keep(self, tx, place, at):
        until = self.at(at) + BUDGET_WINDOW
        tx.keep_minutes(self.attempts[place][0], until=until)
        self._change(place, minutes_until=until)

    def _release(self, tx, place):
        tx.release_budget(self.attempts[place][0])
        del self.entries[place]

    def _foreign(self, tx, at, ends_at, minutes):
        call = self.world.call(f"{self.organisation}-{next(self.foreign)}")
        calls_until, minutes_until = (self.at(each) + BUDGET_WINDOW for each in (at, ends_at))
        assert tx.add_foreign_call(
            self.organisation,
            call,
            minutes=minutes,
            calls_until=calls_until,
            minutes_until=minutes_until,
        )
        self.entries[call.id] = Entry(
            campaign_id=None,
            minutes=minutes,
            minutes_max=minutes,
            calls_until=calls_until,
            minutes_until=minutes_until,
        )

    def _change(self, place, **changes):
        self.entries[place] = replace(self.entries[place], **changes)


@pytest.fixture
def reserved(given):
    """Attempts of two campaigns, each with the id of its campaign."""
    first, second = given.campaign("one"), given.campaign("two")
    given.shift(first)
    contacts = [*given.contacts(first, 2, 3), *given.contacts(second, 4, 5)]
    made = [given.reserved(contact, f"attempt-{contact.row_number}") for contact in contacts]
    return [(attempt.id, attempt.campaign_id) for attempt in made]


def edges(ledgers):
    """Return the moments to ask about: each end, a millisecond either side, and some others."""
    ends = {
        end
        for entry in ledgers.entries.values()
        for end in (entry.calls_until, entry.minutes_until)
        if end is not None
    }
    near = {end + late for end in ends for late in (-MILLISECOND, timedelta(), MILLISECOND)}
    return sorted({*near, ledgers.at(timedelta(days=-1)), ledgers.at(timedelta(days=9))})


def by_campaign(ledgers, now):
    """Add the list up."""
    entries = ledgers.entries.values()
    return {
        campaign_id: total(
            entry.spent(now) for entry in entries if entry.campaign_id == campaign_id
        )
        for campaign_id in {entry.campaign_id for entry in entries}
    }


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(done=st.lists(steps, max_size=14))
@example(
    done=[
        ("reserve", 0, timedelta(), 1.0, 0.0),
        ("settle_minutes", 0, timedelta(), 1.0),
        ("keep", 0, timedelta()),
        ("settle_minutes", 0, MILLISECOND, 2.0),
    ]
)
def test_the_ledger_counts_as_a_list_does_to_the_millisecond(given, reserved, done):
    """Also at exactly 24 hours and a millisecond either side, and it never shrinks going back."""
    ledgers = Ledgers(given, reserved)
    with given.store.transaction(organisation=ledgers.organisation) as tx:
        for step in done:
            ledgers.do(tx, *step)
        usages = []
        for now in edges(ledgers):
            expected = by_campaign(ledgers, now)
            found = tx.spending(ledgers.organisation, now=now)
            assert all(found.get(each, Spending()) == spent for each, spent in expected.items())
            usages.append(tx.usage(ledgers.organisation, now=now))
            assert usages[-1] == total(expected.values()).usage
            _assert_releases(tx, ledgers, now)
        assert all(
            earlier.calls >= later.calls and earlier.minutes >= later.minutes
            for earlier, later in pairwise(usages)
        )
        ledgers.forget(tx)


def _assert_releases(tx, ledgers, now):
    releases = tx.releases(ledgers.organisation, now=now, limit=100)
    expected = [
        each for entry in ledgers.entries.values() for each in entry.releases() if each.at > now
    ]
    assert [each.at for each in releases] == sorted({each.at for each in expected})
    assert sum(each.calls for each in releases) == sum(each.calls for each in expected)
    assert sum(each.minutes for each in releases) == sum(each.minutes for each in expected)


def test_what_is_unsettled_is_told_apart(given, reserved):
    """A call without an answer, and the minutes of calls that have not ended."""
    ledgers = Ledgers(given, reserved)
    with given.store.transaction(organisation=ledgers.organisation) as tx:
        for step in (
            ("reserve", 0, timedelta(), 1.5, 0.0),
            ("reserve", 1, timedelta(), 2.0, 0.0),
            ("reserve", 2, timedelta(), 4.0, 0.0),
            ("settle_call", 1, timedelta()),
            ("settle_call", 2, timedelta()),
            ("settle_minutes", 2, timedelta(), 3.0),
        ):
            ledgers.do(tx, *step)
        kinds = tx.kinds_of_usage(ledgers.organisation, now=given.now)
        assert kinds.reserved == Usage(calls=1, minutes=3.5)
        nobody = tx.kinds_of_usage("nobody", now=given.now)
        assert nobody.reserved == Usage(calls=0, minutes=0.0)


def test_releases_of_one_campaign_are_told_apart(given, reserved):
    """For a ceiling only the campaign's own use comes back."""
    ledgers = Ledgers(given, reserved)
    campaign_id = reserved[0][1]
    with given.store.transaction(organisation=ledgers.organisation) as tx:
        for place in (0, 2):
            ledgers.do(tx, "reserve", place, timedelta(), 1.0, 0.0)
            ledgers.do(tx, "settle_call", place, place * MILLISECOND)
        all_of_them = tx.releases(ledgers.organisation, now=given.now, limit=9)
        own = tx.releases(ledgers.organisation, now=given.now, limit=9, campaign_id=campaign_id)
    assert (len(all_of_them), own) == (2, all_of_them[:1])
