"""The carrier behind the exchange: another than the population, and calls that go wrong in it."""

from datetime import timedelta

from inkbatch.sandbox import (
    CallStatus,
    Fate,
    HangupReason,
    Outcome,
    Population,
    Script,
    phone_number_id,
)
from inkbatch.sandbox.call import Life

CALLEE = "+442079460123"
OWN = phone_number_id("+14155550100")


class OneLine:
    """A carrier that lets everybody talk for a minute, and keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def fate(self, to_number, *, nth, at):
        """Answer at once."""
        self.asked.append((to_number, nth, at))
        life = Life(
            created_at=at,
            rings_at=at,
            answered_at=at,
            ends_at=at + timedelta(minutes=1),
            ends_as=CallStatus.COMPLETED,
            hangup_reason=HangupReason.REMOTE,
        )
        return Fate(outcome=Outcome.ANSWER, life=life)


async def test_the_exchange_asks_the_carrier_it_was_given(open_line, clock):
    """Once a dial, with how many times that number was dialed before."""
    carrier = OneLine()
    line = await open_line(carrier=carrier)
    answers = [(await line.place(CALLEE)).json() for _ in range(2)]
    assert carrier.asked == [(CALLEE, 1, clock.now()), (CALLEE, 2, clock.now())]
    assert [call["status"] for call in answers] == ["answered", "answered"]


async def test_a_refused_call_never_reaches_the_carrier(open_line):
    """Blocked, beyond the limit, from a number that may not: nothing is dialed."""
    carrier = OneLine()
    blocked = Population(script=Script(blocked=frozenset({"+442079460199"})))
    line = await open_line(carrier=carrier, population=blocked, calls_limit=1)
    statuses = [
        (await line.place(CALLEE, from_number="+14155550102")).status_code,
        (await line.place("+442079460199")).status_code,
        (await line.place(CALLEE)).status_code,
        (await line.place(CALLEE)).status_code,
    ]
    assert statuses == [400, 403, 200, 429]
    assert len(carrier.asked) == 1


async def test_a_call_whose_end_is_lost_stays_answered_for_good(open_line, clock):
    """Its record never ends, and its minutes count up to the maximum duration."""
    line = await open_line(population=Population(script=Script.of({CALLEE: ["never_ends"]})))
    path = f"/numbers/{OWN}/calls/{(await line.place(CALLEE)).json()['id']}"
    clock.advance(hours=2)
    call = (await line.a.get(path)).json()
    clock.advance(hours=20)
    assert (await line.a.get(path)).json() == call
    assert (call["status"], call["ended_at"], call["hangup_reason"]) == ("answered", None, None)
    assert (await line.place()).json()["rate_limit"]["minutes_used"] == 10


async def test_a_call_that_would_never_end_can_be_hung_up_in_time(open_line, clock):
    """Our own side knows when it hangs up."""
    line = await open_line(population=Population(script=Script.of({CALLEE: ["never_ends"]})))
    call_id = (await line.place(CALLEE)).json()["id"]
    clock.advance(minutes=2)
    call = (await line.a.post(f"/calls/{call_id}/hangup")).json()
    assert (call["status"], call["hangup_reason"]) == ("completed", "local")
    assert call["ended_at"] == "2026-03-02T18:02:00Z"


async def test_a_number_that_nobody_has_is_a_call_that_fails_without_a_ring(open_line, clock):
    """Place-call accepts it; the record says failed a moment later."""
    line = await open_line(population=Population(script=Script.of({CALLEE: ["invalid_number"]})))
    placed = await line.place(CALLEE)
    path = f"/numbers/{OWN}/calls/{placed.json()['id']}"
    assert (placed.status_code, placed.json()["status"]) == (200, "initiated")
    clock.advance(seconds=1)
    call = (await line.a.get(path)).json()
    assert (call["status"], call["started_at"]) == ("failed", None)
    assert call["ended_at"] == "2026-03-02T18:00:01Z"
