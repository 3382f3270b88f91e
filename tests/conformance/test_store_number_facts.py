"""What decides whether a number may be called, in SQLite and in PostgreSQL alike."""

from contextlib import suppress
from datetime import timedelta

from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.eligibility import NumberFacts
from inkbatch.domain.suppression import Suppression
from inkbatch.ports import Try

DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)
FOR_GOOD, FOR_A_DAY, OVER, FREE = (f"+141555501{line}" for line in ("02", "03", "04", "05"))


def test_the_facts_of_a_number_tell_when_its_suppression_ends(given):
    """A contact waits for that moment; a suppression without an end or over has none."""

    def entry(number, end):
        return Suppression(
            number=number, reason="away", source="f", added_at=given.now, expires_at=end
        )

    ends = {FOR_GOOD: None, FOR_A_DAY: given.now + DAY, OVER: given.now}
    with given.store.transaction() as tx:
        tx.suppress([entry(number, end) for number, end in ends.items()])
        facts = tx.number_facts([*ends, FREE], since=given.now - DAY, now=given.now)
    assert facts == {
        FOR_GOOD: NumberFacts(suppressed_because="away"),
        FOR_A_DAY: NumberFacts(suppressed_because="away", suppressed_until=given.now + DAY),
        OVER: NumberFacts(),
        FREE: NumberFacts(),
    }


def test_a_cool_down_is_told_as_long_as_it_lasts(given):
    """At its end, to the millisecond, the number is free, whoever's rule it was."""
    end = given.now + DAY
    with given.store.transaction() as tx:
        tx.cool_down(FOR_A_DAY, until=end, why="talked")
    told = NumberFacts(cooling_until=end, cooling_because="talked")
    for now, facts in ((end - MILLISECOND, told), (end, NumberFacts())):
        with given.store.reading() as tx:
            assert tx.number_facts([FOR_A_DAY, FREE], since=now, now=now) == {
                FOR_A_DAY: facts,
                FREE: NumberFacts(),
            }


def test_of_two_cool_downs_the_longer_stays(given):
    """In whichever order they come, with its own reason."""
    short, long = given.now + DAY, given.now + 7 * DAY
    with given.store.transaction() as tx:
        for number, ends in ((FOR_A_DAY, (short, long)), (FOR_GOOD, (long, short))):
            for end in ends:
                tx.cool_down(number, until=end, why="long" if end == long else "short")
    with given.store.reading() as tx:
        facts = tx.number_facts([FOR_A_DAY, FOR_GOOD], since=given.now, now=given.now)
    told = NumberFacts(cooling_until=long, cooling_because="long")
    assert facts == {FOR_A_DAY: told, FOR_GOOD: told}


def test_a_cool_down_is_undone_with_its_transaction(given):
    """It stands or falls with the outcome that began it."""
    with suppress(RuntimeError), given.store.transaction() as tx:
        tx.cool_down(FREE, until=given.now + DAY, why="talked")
        raise RuntimeError
    with given.store.reading() as tx:
        assert tx.number_facts([FREE], since=given.now, now=given.now)[FREE] == NumberFacts()


def test_the_tries_of_contacts_are_told_in_order(given):
    """Those that used one up: none that is open, nor one that Inkbox refused to the from_number."""
    campaign = given.campaign()
    given.shift(campaign)
    first, second, third = given.contacts(campaign, 2, 3, 4)
    given.ended(first, "late", given.answered_call("c2"), at=given.now - DAY)
    given.ended(first, "early", given.answered_call("c1"), at=given.now - 3 * DAY)
    given.reserved(second, "open")
    refused = given.reserved(third, "refused").refuse(
        Disposition.REFUSED, at=given.now, reason="not active"
    )
    with given.store.transaction() as tx:
        tx.advance(refused, from_state=AttemptState.RESERVED)
        tries = tx.tries([first, second, third])
    answered = Disposition.ANSWERED
    assert tries == {
        first.id: [
            Try(dialed_at=given.now - 3 * DAY, disposition=answered),
            Try(dialed_at=given.now - DAY, disposition=answered),
        ],
        second.id: [],
        third.id: [],
    }
