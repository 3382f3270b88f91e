"""Webhooks tell a shift of its calls at once; polling slows while they flow, and takes over."""

from datetime import timedelta
from itertools import count, pairwise

import httpx
import pytest

from inkbatch.dialer.run import look_only, pass_once
from inkbatch.dialer.webhooks import EVENTS_KEPT, sleep_until_due
from inkbatch.ports import CallEvent
from inkbatch.sandbox import Behaviour, Outcome, Script
from tests import faults
from tests.trial_campaigns import attempts_of, callees, numbers

HER, HIM = numbers(2)
HOOK = "https://inkbatch.example.com/webhooks/inkbox"
POLL = timedelta(seconds=20)
SECONDS = timedelta(seconds=1)
RING, TALK = 5 * SECONDS, 33 * SECONDS
SHORT_TALK = {
    "population": callees(
        script=Script(
            callees={HER: (Behaviour(outcome=Outcome.ANSWER, ring=RING, talk=TALK),)},
        )
    )
}
LONG_TALK = {"population": callees("talk_on", max_duration=timedelta(minutes=30))}
TOGETHER = {"pacing": {"calls_at_once": 5, "calls_per_minute": "unlimited"}}


class Inbox:
    """Stores events as the receiver does."""

    def __init__(self, trial):
        self.trial = trial
        self.ids = count()

    def told(self, call_id):
        """Store one more event of a call."""
        event = CallEvent(
            id=f"evt_{next(self.ids)}",
            call_id=str(call_id),
            received_at=self.trial.clock.now(),
            body="{}",
        )
        with self.trial.desk.store.transaction() as tx:
            assert tx.keep_event(event)

    def tell_all(self):
        """Store an event of every call of the ledger."""
        for call in self.trial.sandbox.ledger():
            self.told(call.call_id)

    def pending(self):
        """Count the events that nobody looked into."""
        with self.trial.desk.store.reading() as tx:
            return len(tx.pending_events(self.trial.record().id))


@pytest.fixture
def trial_of(campaign, rehearse):
    """Open a rehearsal of a campaign that asks for webhooks."""

    async def open_(people, *, webhook_url=HOOK, keys=None, **options):
        options = {"population": callees(seed=5), "poll_seconds": POLL.total_seconds()} | options
        folder = campaign(people, webhook_url=webhook_url, **(keys or {}))
        return await rehearse(folder, **options)

    return open_


def reads(trial):
    return trial.workplace.transport.reads_seen


async def test_an_event_in_the_inbox_ends_the_wait_for_the_next_poll(trial_of):
    """The next poll is many seconds away; the call is collected at once and by one pass."""
    trial = await trial_of([HER], poll_seconds=3600, **SHORT_TALK)
    async with trial.shift() as shift:
        result = await pass_once(shift)
        (call,) = trial.sandbox.ledger()
        ended = call.created_at + RING + TALK + SECONDS
        await trial.clock.sleep_until(ended)
        Inbox(trial).told(call.call_id)
        await sleep_until_due(shift, result.wake_at)
        assert trial.clock.now() == ended
        assert (await pass_once(shift)).collected == 1
    assert attempts_of(trial)[0].disposition == "answered"


async def test_an_event_costs_one_request_for_its_call(trial_of):
    """By its id, and not a page of the list; ten events of it are one look."""
    trial = await trial_of([HER], **LONG_TALK)
    async with trial.shift() as shift:
        await pass_once(shift)
        inbox = Inbox(trial)
        for _ in range(10):
            inbox.tell_all()
        before = reads(trial)
        await look_only(shift)
        assert reads(trial) - before == 1
        assert inbox.pending() == 0


async def test_an_event_says_nothing_but_which_call_to_fetch(trial_of):
    """Whatever its body claims, the call goes on until Inkbox itself says that it ended."""
    trial = await trial_of([HER], **LONG_TALK)
    async with trial.shift() as shift:
        await pass_once(shift)
        Inbox(trial).tell_all()
        assert await look_only(shift) == 0
    assert attempts_of(trial)[0].state == "placed"


async def test_an_event_that_comes_before_the_answer_to_the_dial_is_not_lost(trial_of):
    """The webhook overtakes the 200; the call is looked at as soon as it is known."""

    async def tell_first(inner, request):
        answer = await inner.handle_async_request(request)
        Inbox(trial).tell_all()
        return answer

    trial = await trial_of([HER], dials=faults.only([1], tell_first), **LONG_TALK)
    async with trial.shift() as shift:
        result = await pass_once(shift)
        assert Inbox(trial).pending() == 1
        before = trial.clock.now()
        await sleep_until_due(shift, result.wake_at)
        assert trial.clock.now() == before
        await pass_once(shift)
        assert Inbox(trial).pending() == 0


async def test_events_of_unknown_calls_do_no_harm(trial_of):
    """Somebody else's call, or one that never was: stored, and no reason to look."""
    trial = await trial_of([HER], **LONG_TALK)
    async with trial.shift() as shift:
        result = await pass_once(shift)
        Inbox(trial).told("00000000-0000-4000-8000-000000000000")
        before = reads(trial)
        await sleep_until_due(shift, result.wake_at)
        assert trial.clock.now() == result.wake_at
        assert reads(trial) == before


async def test_an_event_that_was_stored_while_no_shift_lived_is_looked_into_by_the_next(trial_of):
    """Its call's next poll is an hour off; the next shift's first pass collects it."""
    trial = await trial_of([HER], poll_seconds=3600, **SHORT_TALK)
    async with trial.shift() as shift:
        await pass_once(shift)
    (call,) = trial.sandbox.ledger()
    await trial.clock.sleep_until(call.created_at + RING + TALK + SECONDS)
    Inbox(trial).tell_all()
    async with trial.shift() as shift:
        assert (await pass_once(shift)).collected == 1


async def test_an_event_waits_while_inkbox_cannot_be_reached(trial_of, bounded):
    """It is looked into once the back-off is over, without asking again and again before."""
    trial = await trial_of([HER])
    inbox = Inbox(trial)

    def tell(result):
        bounded(result)
        if len(bounded) == 1:
            inbox.tell_all()
            back_at = trial.clock.now() + timedelta(minutes=3)
            down = faults.until(trial.clock, back_at, faults.refuses(503, "down"))
            trial.workplace.transport.reads = down

    await trial.run(on_pass=tell)

    assert any("503" in result.why for result in bounded)
    assert inbox.pending() == 0
    assert attempts_of(trial)[0].disposition == "answered"
    assert len(bounded) < 20


def looks(passes):
    """Return the lengths between the looks of a run at calls in progress."""
    return [later - earlier for earlier, later in pairwise(passes)]


async def test_polling_slows_down_while_webhooks_flow_and_takes_over_when_they_stop(trial_of):
    """Six times slower from the first event on; a call that ended untold makes it quick again."""
    trial = await trial_of(
        [HER, HIM],
        keys=TOGETHER,
        population=callees("talk_on", max_duration=timedelta(minutes=12)),
    )
    async with trial.shift() as shift:
        passes = [trial.clock.now()]

        async def next_pass():
            result = await pass_once(shift)
            if result.wake_at is not None:
                await sleep_until_due(shift, result.wake_at)
                passes.append(trial.clock.now())
            return result

        await next_pass()
        await next_pass()
        assert max(looks(passes)) == POLL
        Inbox(trial).tell_all()
        await next_pass()
        assert shift.webhooks.flow
        passes[:] = [trial.clock.now()]
        while shift.webhooks.flow:
            await next_pass()
        # slow to the end of the calls, which polling finds and no event tells
        assert max(looks(passes)) == 6 * POLL
    assert {attempt.disposition for attempt in attempts_of(trial)} == {"answered"}


async def test_calls_that_are_polled_rarely_are_looked_at_together(trial_of):
    """Two calls that began a minute apart are read by one page every six polls, not by two."""
    trial = await trial_of(
        [HER, HIM], keys={"pacing": {"calls_at_once": 2, "calls_per_minute": 1}}, **LONG_TALK
    )
    read_at = []
    async with trial.shift() as shift:
        while len(read_at) < 6:
            before = reads(trial)
            result = await pass_once(shift)
            if len(trial.sandbox.ledger()) == 2 and reads(trial) > before:
                read_at.append(result.at)
            if not shift.webhooks.flow:
                Inbox(trial).tell_all()
            await sleep_until_due(shift, result.wake_at)
        assert shift.webhooks.flow
    assert set(looks(read_at)[2:]) == {6 * POLL}


async def test_when_webhooks_stop_calls_in_progress_are_polled_at_the_ordinary_pace(trial_of):
    """One call ended untold: the look at the other one, minutes away, is brought forward."""
    trial = await trial_of([HER, HIM], keys=TOGETHER, poll_seconds=60, **LONG_TALK)
    async with trial.shift() as shift:
        await pass_once(shift)
        await pass_once(shift)
        Inbox(trial).tell_all()
        await pass_once(shift)
        first, second = attempts_of(trial)
        with trial.desk.store.transaction() as tx:
            due = tx.attempt(first.id).look_again(at=trial.clock.now() + timedelta(minutes=50))
            tx.look_again(due)
            tx.look_again(tx.attempt(second.id).look_again(at=due.look_at + timedelta(minutes=9)))
            # the second one belongs to a longer call
        await trial.clock.sleep_until(due.look_at)
        trial.workplace.transport.reads = faults.always(still_talking(second.call_id))
        assert shift.webhooks.flow
        assert await look_only(shift) == 1
        assert not shift.webhooks.flow
        with trial.desk.store.reading() as tx:
            look_at = tx.attempt(second.id).look_at
    assert look_at == trial.clock.now() + timedelta(seconds=60)


def still_talking(call_id):
    """Make a fault of reads in which one call has not ended."""

    async def tell(inner, request):
        answer = await inner.handle_async_request(request)
        told = httpx.Response(200, content=await answer.aread()).json()
        for call in told if isinstance(told, list) else [told]:
            if call["id"] == call_id:
                call |= {"status": "answered", "ended_at": None, "hangup_reason": None}
        return httpx.Response(200, json=told, headers={"Date": answer.headers["Date"]})

    return tell


async def test_a_campaign_without_a_webhook_url_sleeps_to_its_next_poll(trial_of):
    """It looks into no inbox, so nothing gets slower for those who use no webhooks."""
    trial = await trial_of([HER], webhook_url=None, **LONG_TALK)
    async with trial.shift() as shift:
        result = await pass_once(shift)
        Inbox(trial).tell_all()
        await sleep_until_due(shift, result.wake_at)
        assert trial.clock.now() == result.wake_at


async def test_a_run_with_a_short_linger_does_not_leave_calls_that_are_polled_rarely(
    trial_of, bounded
):
    """Webhooks make the next poll far off, but not the end of the calls."""
    trial = await trial_of([HER])
    inbox = Inbox(trial)

    def tell(result):
        bounded(result)
        if len(bounded) == 1:
            inbox.tell_all()

    await trial.run(on_pass=tell, linger=POLL * 2)

    assert attempts_of(trial)[0].state == "ended"


async def test_old_events_are_forgotten_by_the_next_shift(trial_of):
    """They hold what was talked, so they stay a week and no longer."""
    trial = await trial_of([HER], **LONG_TALK)
    async with trial.shift() as shift:
        await pass_once(shift)
        Inbox(trial).tell_all()
    (call,) = trial.sandbox.ledger()
    await trial.clock.sleep_until(trial.clock.now() + EVENTS_KEPT + timedelta(seconds=1))
    async with trial.shift():
        with trial.desk.store.reading() as tx:
            assert tx.event_told_at(str(call.call_id)) is None
