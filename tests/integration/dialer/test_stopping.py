"""What stops a run: failures in a row, a person, a refused number or key, a wrong clock."""

import json
import signal
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from inkbatch.cli.dialing import stopped_by_signals
from inkbatch.dialer.run import WATCHING, run_shift
from inkbatch.dialer.shift import place_together
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.errors import StoreError
from tests import faults
from tests.ledger_oracle import attempt_id
from tests.trial_campaigns import (
    FROM_NUMBERS,
    attempts_of,
    callees,
    contacts_of,
    numbers,
    say_state,
)

BATCH = {"calls_at_once": 4, "calls_per_minute": "unlimited"}
NOT_ACTIVE = faults.refuses(400, "from_number is not active")
NO_SUCH_KEY = faults.refuses(401, "Missing or invalid API key")


def one_by_one(action, *, after):
    """Place a batch in order, and do something else once so many calls were placed in all."""
    placed = []

    async def place(attempts, place_one):
        for attempt in attempts:
            placed.append(await place_one(attempt))
            if len(placed) == after:
                action()

    return place


async def test_failures_in_a_row_pause_the_campaign_and_are_named(campaign, rehearse, bounded):
    """Three dials without an answer: nobody else is dialed, and the reason names all three."""
    trial = await rehearse(
        campaign(numbers(6), breaker=3),
        dials=faults.always(faults.vanishes),
        population=callees(seed=5),
    )

    result = await trial.run(on_pass=bounded)

    lost = [each.id for each in attempts_of(trial)]
    assert trial.workplace.transport.dials_seen == 3
    assert trial.record().state is CampaignState.PAUSED
    assert all(each in result.problem for each in lost)
    assert result.problem == trial.record().state_reason
    assert trial.counts().contacts == {"review": 3, "due": 3}


async def test_a_success_in_between_breaks_the_row_of_failures(campaign, rehearse, bounded):
    """Two failures, a call, two failures: the breaker of three stays closed."""
    trial = await rehearse(
        campaign(numbers(6), breaker=3),
        dials=faults.only([1, 2, 4, 5], faults.vanishes),
        population=callees(seed=5),
    )

    result = await trial.run(on_pass=bounded)

    assert result.problem is None
    assert trial.record().state is CampaignState.ACTIVE
    assert trial.counts().contacts == {"review": 4, "reached": 2}


async def test_a_pause_counts_before_the_next_dial_of_a_batch(campaign, rehearse, bounded):
    """Another process pauses in the middle of a batch; the rest waits, and resumes as it was."""
    hook = one_by_one(lambda: say_state(trial, CampaignState.PAUSED), after=3)
    trial = await rehearse(
        campaign(numbers(8), pacing=BATCH), population=callees(seed=5), placing=hook
    )

    paused = await trial.run(on_pass=bounded)
    planned = [each.id for each in attempts_of(trial) if each.state == "planned"]
    placed_before = len(trial.sandbox.ledger())
    say_state(trial, CampaignState.ACTIVE)
    await trial.run(on_pass=bounded)

    assert (placed_before, paused.why) == (3, "the campaign is paused: lunch")
    assert planned
    ids = [attempt_id(call) for call in trial.sandbox.ledger()]
    assert set(planned) < set(ids)
    assert trial.counts().contacts == {"reached": 8}
    assert len(ids) == 8


async def test_a_hold_counts_before_the_next_dial_of_a_batch(campaign, rehearse, bounded):
    """Another shift of the organisation was told 429 in the middle of a batch: the rest waits."""
    held_until = []

    def hold():
        now, organisation = trial.clock.now(), trial.record().organisation
        held_until.append(now + timedelta(hours=1))
        with trial.desk.store.transaction() as tx:
            tx.hold(organisation, until=held_until[0], reason="told 429", now=now)

    hook = one_by_one(hold, after=3)
    folder = campaign(numbers(8), pacing=BATCH)
    trial = await rehearse(folder, population=callees(seed=5), placing=hook)

    await trial.run(on_pass=bounded)

    ledger = trial.sandbox.ledger()
    assert sum(call.created_at < held_until[0] for call in ledger) == 3
    assert len(ledger) == 8


async def test_calls_whose_turn_never_came_are_dialed_later(campaign, rehearse, bounded):
    """What runs the calls fails in the middle of a batch: nobody is left for a person to review."""

    async def fail(attempts, place_one):
        late.extend((place_one, attempt) for attempt in attempts[2:])
        await place_together(attempts[:2], place_one)
        if late:
            raise RuntimeError("the task runner broke")

    late = []
    trial = await rehearse(
        campaign(numbers(5), pacing=BATCH), population=callees(seed=5), placing=fail
    )
    with pytest.raises(RuntimeError):
        await trial.run()
    words = [await place_one(attempt) for place_one, attempt in late]
    placed_before = len(trial.sandbox.ledger())
    await replace(trial, desk=replace(trial.desk, placing=place_together)).run(on_pass=bounded)

    assert words == ["not dialed: its batch ended before its turn came"]
    assert (placed_before, len(trial.sandbox.ledger())) == (3, 5)
    assert trial.counts().contacts == {"reached": 5}


async def test_a_canceled_campaign_dials_nobody_and_collects_what_is_open(
    campaign, rehearse, bounded
):
    """Whoever is in a call is still followed to its end."""
    hook = one_by_one(lambda: say_state(trial, CampaignState.CANCELED), after=2)
    trial = await rehearse(
        campaign(numbers(6), pacing=BATCH), population=callees(seed=5), placing=hook
    )

    await trial.run(on_pass=bounded)
    await trial.run(on_pass=bounded)

    assert len(trial.sandbox.ledger()) == 2
    assert trial.counts().attempts == {"answered": 2}
    assert "placed" not in trial.counts().open_attempts


async def test_a_stopped_run_goes_on_where_it_stopped(campaign, rehearse, bounded):
    """Ctrl-C in the middle of a batch: nothing more goes out, and nobody is called again."""

    def stop():
        shift.stopping.set()

    hook = one_by_one(stop, after=3)
    trial = await rehearse(
        campaign(numbers(6), pacing=BATCH), population=callees(seed=5), placing=hook
    )
    async with trial.shift() as shift:
        stopped = await run_shift(shift, linger=None, on_pass=bounded)
    placed_before = len(trial.sandbox.ledger())

    await trial.run(on_pass=bounded)

    assert (placed_before, stopped.placed, stopped.passes) == (3, 3, 1)
    assert trial.counts().contacts == {"reached": 6}
    assert len(trial.sandbox.ledger()) == 6


class FailsAtTheLastLook:
    """A store whose read right before a dial is not answered."""

    def __init__(self, real):
        self._real = real
        self.fails = False

    def __getattr__(self, name):
        return getattr(self._real, name)

    def reading(self):
        """Read, or fail."""
        if self.fails:
            raise StoreError("the database is away")
        return self._real.reading()


async def test_a_database_that_is_away_right_before_a_dial_sends_nobody_to_review(
    campaign, rehearse, bounded
):
    """The request never left, which is known: the next run calls all of the batch."""
    trial = await rehearse(campaign(numbers(4), pacing=BATCH), population=callees(seed=5))
    store = FailsAtTheLastLook(trial.desk.store)

    async def place(attempts, place_one):
        store.fails = len(attempts) > 1
        await place_together(attempts, place_one)

    desk = replace(trial.desk, store=store, placing=place)
    with pytest.raises(StoreError):
        await replace(trial, desk=desk).run(on_pass=bounded)

    states = Counter(each.state for each in attempts_of(trial))
    assert states == {AttemptState.PLANNED: 3, AttemptState.PLACED: 1}
    await trial.run(on_pass=bounded)
    assert trial.counts().contacts == {"reached": 4}


class IsSignaled:
    """A store that is being written to when the process gets a signal, a batch being decided."""

    def __init__(self, real, sent):
        self._real = real
        self._sent = sent
        self.dialed = []

    def __getattr__(self, name):
        return getattr(self._real, name)

    @contextmanager
    def transaction(self, **options):
        """Write as ever."""
        with self._real.transaction(**options) as tx:
            yield tx
            if len(self.dialed) == 1 and tx.open_attempts(AttemptState.RESERVED):
                signal.raise_signal(self._sent)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_that_comes_while_the_database_is_waited_for_stops_the_next_dial(
    campaign, rehearse, bounded, sent
):
    """The process hears of it only after that, with a whole batch ready to go out."""
    trial = await rehearse(campaign(numbers(6), pacing=BATCH), population=callees(seed=5))
    store = IsSignaled(trial.desk.store, sent)

    async def place(attempts, place_one):
        store.dialed.append(attempts)
        await place_together(attempts, place_one)

    desk = replace(trial.desk, store=store, placing=place)
    async with replace(trial, desk=desk).shift() as shift:
        with stopped_by_signals(shift.stopping):
            stopped = await run_shift(shift, linger=None, on_pass=bounded)

    assert len(store.dialed) == 2, "the batch was ready"
    assert (stopped.placed, len(trial.sandbox.ledger())) == (1, 1)
    assert trial.counts().contacts == {"in_call": 1, "due": 5}


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (400, "from_number is not active"),
        (403, "from_number does not belong to your organization"),
    ],
)
async def test_a_refused_number_stops_and_the_other_goes_on(
    campaign, rehearse, bounded, status, detail
):
    """A number that was listed as active is refused: asked once, and no try is used up."""
    refused, other = FROM_NUMBERS
    asked = []

    async def look(inner, request):
        asked.append(json.loads(request.content)["from_number"])
        return await faults.refuses_number(refused, status, detail)(inner, request)

    trial = await rehearse(
        campaign(numbers(6), from_numbers=list(FROM_NUMBERS)),
        dials=faults.always(look),
        population=callees(seed=5),
    )

    result = await trial.run(on_pass=bounded)

    assert result.problem is None
    assert asked.count(refused) == 1
    assert {call.from_number for call in trial.sandbox.ledger()} == {other}
    assert trial.counts().attempts == {"refused": 1, "answered": 6}
    assert {each.attempts_used for each in contacts_of(trial)} == {1}


async def test_the_last_number_refused_stops_the_campaign(campaign, rehearse, bounded):
    """No number is left to call from: one sentence says so, and the list is not burnt."""
    trial = await rehearse(
        campaign(numbers(6)), dials=faults.from_the(3, NOT_ACTIVE), population=callees(seed=5)
    )

    result = await trial.run(on_pass=bounded)

    assert "Activate the number at Inkbox" in result.problem
    assert trial.workplace.transport.dials_seen == 3
    assert trial.counts().contacts == {"reached": 2, "due": 4}


@pytest.mark.parametrize("reads_too", [False, True], ids=["dials", "dials and reads"])
async def test_a_refused_key_stops_everything(campaign, rehearse, bounded, reads_too):
    """The key is taken back in the middle of a run: nothing more is dialed, and it says why."""
    trial = await rehearse(
        campaign(numbers(6), pacing={"calls_at_once": 2}), population=callees(seed=5)
    )
    line = trial.workplace.transport

    def take_back():
        line.reads = faults.always(NO_SUCH_KEY) if reads_too else line.reads

    line.dials = faults.from_the(3, faults.meanwhile(take_back, NO_SUCH_KEY))
    result = await trial.run(on_pass=bounded)

    assert "INKBATCH_API_KEY" in result.problem
    assert len(trial.sandbox.ledger()) == 2
    assert trial.counts().attempts["refused"] <= 2
    assert {each.attempts_used for each in contacts_of(trial)} <= {0, 1}


async def test_a_machine_whose_clock_is_wrong_dials_nobody(campaign, rehearse, bounded):
    """Beyond sixty seconds of difference neither budget nor window can be trusted."""
    ahead = faults.always(faults.clock_ahead(timedelta(seconds=90)))
    trial = await rehearse(
        campaign(numbers(2)), dials=ahead, reads=ahead, population=callees(seed=5)
    )

    result = await trial.run(on_pass=bounded)

    assert "90 s apart" in result.problem
    assert "clock" in result.problem
    assert trial.sandbox.ledger() == ()


@pytest.mark.parametrize(("server_too", "dialed"), [(False, 1), (True, 2)])
async def test_a_clock_that_is_set_between_two_calls_is_compared_first(
    campaign, rehearse, bounded, server_too, dialed
):
    """Nobody is dialed at a time that only this machine believes in; else the run goes on."""
    was_set = []
    behind = faults.clock_ahead(timedelta() if server_too else -timedelta(hours=8))
    trial = await rehearse(
        campaign(numbers(2, areas=("212", "808")), calling_window={"weekdays": ["09:00-20:00"]}),
        dials=lambda _: behind if was_set else None,
        reads=lambda _: behind if was_set else None,
        population=callees(seed=5),
    )

    def set_clock(result):
        bounded(result)
        if not was_set and result.why != WATCHING:  # New York is done, Honolulu asleep
            was_set.append(trial.clock.now())
            trial.clock.set_to(trial.clock.now() + timedelta(hours=8))

    result = await trial.run(on_pass=set_clock)

    assert len(was_set) == 1
    assert len(trial.sandbox.ledger()) == dialed
    assert (result.problem is None) is server_too
    assert server_too or "clock and the server's are 28" in result.problem


async def test_a_small_difference_of_clocks_is_no_reason_to_stop(campaign, rehearse, bounded):
    """Within the minute everything goes on."""
    ahead = faults.always(faults.clock_ahead(timedelta(seconds=45)))
    trial = await rehearse(
        campaign(numbers(2)), dials=ahead, reads=ahead, population=callees(seed=5)
    )

    result = await trial.run(on_pass=bounded)

    assert (result.problem, result.placed) == (None, 2)
