"""Calls that end before their time, and what the media stream negotiated."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from inkbatch.sandbox import CallStatus, HangupReason, phone_number_id
from tests.unit.sandbox.callees import CALLEE, picks_up

OWN = phone_number_id("+14155550100")


class Ended:
    """A line with one call that a test ends, and the sandbox's exchange."""

    def __init__(self, line, exchange, call_id):
        self.line = line
        self.exchange = exchange
        self.call_id = call_id

    async def look(self):
        """Return the call as the API tells it."""
        return (await self.line.a.get(f"/numbers/{OWN}/calls/{self.call_id}")).json()

    def end(self, at, *, reason=HangupReason.LOCAL, **options):
        """End the call from inside."""
        self.exchange.end_call(self.call_id, at=at, reason=reason, **options)


@pytest.fixture
async def dialed(open_line):
    """Place a call on a line of its own."""

    async def open_(**options):
        exchanges = []
        line = await open_line(
            listeners=[lambda exchange: exchanges.append(exchange) or Deaf()],
            **{"population": picks_up(), **options},
        )
        call_id = UUID((await line.place(CALLEE)).json()["id"])
        return Ended(line, exchanges[0], call_id)

    return open_


class Deaf:
    """A listener that does nothing."""

    async def status_changed(self, call):
        """Hear nothing."""


async def test_a_call_cut_while_talking_ends_then_and_with_that_reason(dialed, clock):
    """The record says when it really ended, and why."""
    call = await dialed()
    clock.advance(seconds=15)
    call.end(clock.now() + timedelta(seconds=2), reason=HangupReason.REMOTE)
    assert (await call.look())["status"] == "answered"
    clock.advance(seconds=2)
    seen = await call.look()
    assert (seen["status"], seen["hangup_reason"]) == ("completed", "remote")
    assert (seen["started_at"], seen["ended_at"]) == (
        "2026-03-02T18:00:05Z",
        "2026-03-02T18:00:17Z",
    )


async def test_a_call_cut_before_an_answer_was_never_started(dialed, clock):
    """It ends as told, without the ring and the answer that were to come."""
    call = await dialed()
    call.end(clock.now(), ends_as=CallStatus.CANCELED)
    seen = await call.look()
    assert (seen["status"], seen["started_at"]) == ("canceled", None)
    assert seen["ended_at"] == seen["updated_at"] == "2026-03-02T18:00:00Z"


@pytest.mark.parametrize("late", [timedelta(), timedelta(seconds=1), timedelta(days=1)])
async def test_a_cut_at_or_after_the_end_changes_nothing(dialed, clock, late):
    """No call grows longer, and an ended call stays as it is."""
    call = await dialed()
    whole = clock.now() + timedelta(seconds=95)
    call.end(whole + late, reason=HangupReason.REJECTED)
    clock.advance(seconds=95)
    before = await call.look()
    call.end(clock.now(), reason=HangupReason.REJECTED)
    assert await call.look() == before
    assert (before["ended_at"], before["hangup_reason"] != "rejected") == (
        "2026-03-02T18:01:35Z",
        True,
    )


async def test_a_cut_in_the_past_is_a_cut_now(dialed, clock):
    """What has been told of a call stays true."""
    call = await dialed()
    clock.advance(seconds=20)
    call.end(clock.now() - timedelta(seconds=10))
    assert (await call.look())["ended_at"] == "2026-03-02T18:00:20Z"


async def test_minutes_of_a_cut_call_are_free_again_and_retry_after_is_true(dialed, clock):
    """The rolling limits count what was talked, not what would have been."""
    call = await dialed(population=picks_up(talk_seconds=600), minutes_limit=1)
    clock.advance(seconds=5 + 70)
    refused = await call.line.place(CALLEE)
    call.end(clock.now())
    wait = int((await call.line.place(CALLEE)).headers["Retry-After"])
    assert (refused.status_code, wait) == (429, 24 * 3600 - 70 + 10 + 1)
    clock.advance(seconds=wait - 1)
    assert (await call.line.place(CALLEE)).status_code == 429
    clock.advance(seconds=1)
    assert (await call.line.place(CALLEE)).status_code == 200


async def test_a_call_cut_before_an_answer_costs_no_minutes(dialed, clock):
    """Its talk never happens, but the call counts as one."""
    call = await dialed()
    call.end(clock.now(), ends_as=CallStatus.CANCELED)
    clock.advance(minutes=5)
    usage = (await call.line.place(CALLEE)).json()["rate_limit"]
    assert (usage["calls_used"], usage["minutes_used"]) == (2, 0)


async def test_what_was_negotiated_shows_on_the_call(dialed):
    """Null until then, as the page says."""
    call = await dialed()
    before = await call.look()
    call.exchange.negotiate(call.call_id, tts=True, stt=False)
    after = await call.look()
    assert (before["use_inkbox_tts"], before["use_inkbox_stt"]) == (None, None)
    assert (after["use_inkbox_tts"], after["use_inkbox_stt"]) == (True, False)


async def test_a_call_that_nobody_placed_cannot_be_ended(dialed, clock):
    """A mistake of the sandbox itself shows at once."""
    call = await dialed()
    with pytest.raises(KeyError):
        call.exchange.end_call(uuid4(), at=clock.now(), reason=None)
