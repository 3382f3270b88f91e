"""What decides whether a number may be called, in SQLite and in PostgreSQL alike."""

from datetime import timedelta

from inkbatch.domain.eligibility import NumberFacts
from inkbatch.domain.suppression import Suppression

DAY = timedelta(days=1)
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
