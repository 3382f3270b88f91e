"""Calling windows, deadlines and caps, looked at once more right before the dial."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from inkbatch.dialer.shift import place_together
from tests import faults
from tests.ledger_oracle import by_number
from tests.trial_campaigns import attempts_of, callees, contacts_of, numbers

HER = numbers(1)[0]
NEW_YORK = ZoneInfo("America/New_York")
CLOSES_AT = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
"""Ten in the morning in New York."""

IN_TWO_ZONES = "+12085550100"
"""Idaho: Boise and Los Angeles are an hour apart."""


def slow(rehearsals, *, seconds):
    """Let this time pass between the first intent and its dial."""
    held_up = []

    async def place(attempts, place_one):
        clock = rehearsals[0].clock
        if not held_up:
            held_up.append(True)
            await clock.sleep_until(clock.now() + timedelta(seconds=seconds))
        for attempt in attempts:
            await place_one(attempt)

    return place


async def test_a_window_that_closes_before_the_dial_stops_it(campaign, rehearse, bounded):
    """Chosen at 9:59:55 and sent at 10:00:05 would be too late: it waits for the next morning."""
    rehearsals = []
    folder = campaign([HER], calling_window={"weekdays": ["09:00-10:00"]})
    trial = await rehearse(
        folder,
        start=CLOSES_AT - timedelta(seconds=5),
        placing=slow(rehearsals, seconds=10),
        population=callees(seed=5),
    )
    rehearsals.append(trial)

    await trial.run(on_pass=bounded)

    (call,) = trial.sandbox.ledger()
    assert call.created_at == CLOSES_AT + timedelta(hours=23)
    assert [each.ordinal for each in attempts_of(trial)] == [1]


async def test_a_rule_sets_window_is_looked_at_right_before_the_dial_too(
    campaign, rehearse, bounded
):
    """Chosen at 19:59:55 and sent at 20:00:05 breaks a law that ends at eight, whoever's hours."""
    rehearsals = []
    eight = datetime(2026, 11, 3, 1, 0, tzinfo=UTC)
    trial = await rehearse(
        campaign([HER], rules=["us-florida"]),
        start=eight - timedelta(seconds=5),
        placing=slow(rehearsals, seconds=10),
        population=callees(seed=5),
    )
    rehearsals.append(trial)

    await trial.run(on_pass=bounded)

    (call,) = trial.sandbox.ledger()
    assert call.created_at == eight + timedelta(hours=12)


async def test_an_intent_that_grew_old_is_not_sent(campaign, rehearse, bounded):
    """The process was held up for a minute: it decides anew before it dials."""
    rehearsals, reasons = [], []
    trial = await rehearse(
        campaign([HER]), placing=slow(rehearsals, seconds=60), population=callees(seed=5)
    )
    rehearsals.append(trial)

    async def note(inner, request):
        reasons.extend(each.created_at for each in attempts_of(trial))
        return await faults.pass_on(inner, request)

    trial.workplace.transport.dials = faults.always(note)
    await trial.run(on_pass=bounded)

    (call,) = trial.sandbox.ledger()
    (attempt,) = attempts_of(trial)
    assert attempt.reserved_at - attempt.created_at == timedelta(seconds=60)
    assert call.created_at == attempt.reserved_at


class HangsBeforeTheDial:
    """A database whose last answer before a dial takes three hours, once."""

    def __init__(self, real, clock):
        self._real = real
        self._clock = clock
        self.hangs = False

    def __getattr__(self, name):
        return getattr(self._real, name)

    @contextmanager
    def reading(self):
        """Read as ever."""
        with self._real.reading() as tx:
            yield tx
        if self.hangs:
            self.hangs = False
            self._clock.set_to(self._clock.now() + timedelta(hours=3))


async def test_nothing_is_sent_by_what_was_looked_at_before_a_read_that_hung(
    campaign, rehearse, bounded
):
    """The machine slept, or the server of the database did, between two looks at the time."""
    folder = campaign(numbers(3), calling_window={"weekdays": ["09:00-10:20"]})
    trial = await rehearse(folder, population=callees(seed=5))
    store = HangsBeforeTheDial(trial.desk.store, trial.clock)

    async def place(attempts, place_one):
        store.hangs = not bounded
        await place_together(attempts, place_one)

    desk = replace(trial.desk, store=store, placing=place)
    await replace(trial, desk=desk).run(on_pass=bounded)

    hours = {call.created_at.astimezone(NEW_YORK).hour for call in trial.sandbox.ledger()}
    assert hours <= {9, 10}
    assert trial.counts().contacts == {"reached": 3}


async def test_a_window_that_never_opens_gives_the_contact_up(campaign, rehearse, bounded):
    """Half an hour a day is never open in two zones at once; the others are called all the same."""
    folder = campaign([IN_TWO_ZONES, HER], calling_window={"weekdays": ["10:00-10:30"]})
    trial = await rehearse(folder, population=callees(seed=5))

    await trial.run(on_pass=bounded)

    given_up, reached = contacts_of(trial)
    assert (given_up.state, given_up.why) == ("exhausted", "its calling window never opens")
    assert reached.state == "reached"
    assert [call.to_number for call in trial.sandbox.ledger()] == [HER]


async def test_whoever_cannot_be_called_before_the_deadline_expires(campaign, rehearse, bounded):
    """One's window opens after it, the other's next try would come after it."""
    late, once = numbers(2)
    rows = [
        {"Phone": late, "Time zone": "Pacific/Honolulu", "Deadline": "2026-11-02 08:30"},
        {"Phone": once, "Time zone": "America/New_York", "Deadline": "2026-11-02 12:00"},
    ]
    folder = campaign(
        rows,
        calling_window={"weekdays": ["09:00-20:00"]},
        attempts={"retry": {"no_answer": "4h"}},
    )
    trial = await rehearse(folder, population=callees("no_answer"))

    await trial.run(on_pass=bounded)

    assert trial.counts().contacts == {"expired": 2}
    assert [call.to_number for call in trial.sandbox.ledger()] == [once]
    assert all("deadline" in each.why for each in contacts_of(trial))


async def test_a_cap_holds_until_exactly_its_end(campaign, rehearse, bounded):
    """The retry delay is over sooner, but one attempt in seven hours means seven hours."""
    attempts = {
        "max": 2,
        "per": [{"attempts": 1, "period": "7h"}],
        "retry": {"no_answer": "1h"},
    }
    trial = await rehearse(campaign([HER], attempts=attempts), population=callees("no_answer"))

    await trial.run(on_pass=bounded)

    first, second = by_number(trial.sandbox.ledger())[HER]
    assert second.created_at - first.created_at == timedelta(hours=7)
    assert trial.counts().contacts == {"exhausted": 1}
