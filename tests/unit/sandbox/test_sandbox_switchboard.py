"""What listeners are told of calls, in which order, and that nobody waits for a slow one."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkbatch.sandbox import (
    Behaviour,
    CallStatus,
    Exchange,
    Fate,
    HangupReason,
    Outcome,
    Population,
    RealClock,
    Sandbox,
    SandboxOptions,
    Script,
    Switchboard,
    phone_number_id,
)
from inkbatch.sandbox.call import Life
from inkbatch.sandbox.wire import PlaceCallRequest

START = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
FIRST, SECOND = "+442079460123", "+442079460124"
OWN = phone_number_id("+14155550100")


class Diary:
    """A listener that writes down what it is told."""

    def __init__(self):
        self.told = []

    def __call__(self, exchange):
        """Stand for the factory that a sandbox takes."""
        self.exchange = exchange
        return self

    async def status_changed(self, call):
        """Write the call down."""
        self.told.append(call)

    def lines(self):
        """Return the last digit of the callee, the status, and the second after the start."""
        return [
            (call.to_number[-1], str(call.status), (call.updated_at - START).total_seconds())
            for call in self.told
        ]


def people(**seconds):
    """Build callees `a` and `b` who ring and talk for so many seconds; None picks up never."""
    script = {
        {"a": FIRST, "b": SECOND}[name]: (
            Behaviour(
                outcome=Outcome.NO_ANSWER if talk is None else Outcome.ANSWER,
                ring=timedelta(seconds=ring),
                talk=None if talk is None else timedelta(seconds=talk),
            ),
        )
        for name, (ring, talk) in seconds.items()
    }
    return Population(script=Script(callees=script))


async def test_every_status_of_every_call_is_told_in_the_order_of_its_moment(open_line, clock):
    """Two calls are told as they interleave, however late the listener is told."""
    diary = Diary()
    line = await open_line(listeners=[diary], population=people(a=(4, 30), b=(9, None)))
    await line.place(FIRST)
    clock.advance(seconds=2)
    await line.place(SECOND)
    clock.advance(minutes=10)
    await line.a.get("/numbers")
    assert diary.lines() == [
        ("3", "initiated", 0),
        ("3", "ringing", 1),
        ("4", "initiated", 2),
        ("4", "ringing", 3),
        ("3", "answered", 5),
        ("4", "canceled", 12),
        ("3", "completed", 35),
    ]


async def test_a_call_is_told_as_it_stood_right_after_the_change(open_line, clock):
    """Statuses that share one moment are told one by one, none with the future of the next."""
    diary = Diary()
    line = await open_line(listeners=[diary], population=people(a=(0, 30)))
    await line.place(FIRST)
    clock.advance(minutes=10)
    await line.sandbox.catch_up()
    assert diary.lines()[1:3] == [("3", "ringing", 1), ("3", "answered", 1)]
    assert [(call.started_at is None, call.ended_at is None) for call in diary.told] == [
        (True, True),
        (True, True),
        (False, True),
        (False, False),
    ]


async def test_nothing_is_told_before_its_moment_or_twice(open_line, clock):
    """To the microsecond, and once."""
    diary = Diary()
    line = await open_line(listeners=[diary], population=people(a=(4, 30)))
    await line.place(FIRST)
    clock.advance(seconds=5, microseconds=-1)
    for _ in range(3):
        await line.sandbox.catch_up()
    assert [status for _, status, _ in diary.lines()] == ["initiated", "ringing"]
    clock.advance(microseconds=1)
    await line.sandbox.catch_up()
    assert [status for _, status, _ in diary.lines()] == ["initiated", "ringing", "answered"]


async def test_a_failed_dial_that_left_no_record_is_told_to_nobody(open_line):
    """A kept one is initiated and failed at once."""
    diary = Diary()
    script = Script.of({FIRST: ["dial_failed"], SECOND: ["dial_failed_kept"]})
    line = await open_line(listeners=[diary], population=Population(script=script))
    await line.place(FIRST)
    await line.place(SECOND)
    await line.sandbox.catch_up()
    assert diary.lines() == [("4", "initiated", 0), ("4", "failed", 0)]


async def test_a_cut_call_is_told_to_end_when_it_was_cut(open_line, clock):
    """What would have come later is never told."""
    diary = Diary()
    line = await open_line(listeners=[diary], population=people(a=(4, 30)))
    await line.place(FIRST)
    clock.advance(seconds=10)
    await line.sandbox.catch_up()
    (call_id,) = {call.call_id for call in diary.told}
    diary.exchange.end_call(call_id, at=clock.now(), reason=HangupReason.LOCAL)
    clock.advance(minutes=10)
    await line.sandbox.catch_up()
    assert diary.lines()[2:] == [("3", "answered", 5), ("3", "completed", 10)]
    assert diary.told[-1].hangup_reason is HangupReason.LOCAL


steps = st.lists(
    st.one_of(
        st.tuples(st.just("place"), st.integers(0, 30), st.integers(0, 60)),
        st.tuples(st.just("pass"), st.integers(0, 40), st.just(0)),
        st.tuples(st.just("cut"), st.integers(0, 5), st.integers(-10, 60)),
    ),
    max_size=40,
)


@given(steps=steps)
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_whatever_is_placed_and_cut_each_life_is_told_once_and_in_order(
    open_line, clock, steps
):
    """In the end every call was told as its life came to be, and moments never went back."""
    diary = Diary()
    line = await open_line(
        listeners=[diary], carrier=Scripted(steps), calls_limit=None, minutes_limit=None
    )
    placed = []
    for what, first, second in steps:
        if what == "place":
            placed.append(UUID((await line.place(FIRST)).json()["id"]))
        elif what == "pass":
            clock.advance(seconds=first)
            await line.sandbox.catch_up()
        elif placed:
            end = clock.now() + timedelta(seconds=second)
            diary.exchange.end_call(placed[first % len(placed)], at=end, reason=None)
    clock.advance(hours=1)
    await line.sandbox.catch_up()
    moments = [call.updated_at for call in diary.told]
    assert moments == sorted(moments)
    for call_id in placed:
        told = [(c.updated_at, c.status) for c in diary.told if c.call_id == call_id]
        assert told == list(diary.exchange.placed_call(call_id).life.changes())


class Scripted:
    """A carrier whose nth call rings and talks as the nth `place` of some steps says."""

    def __init__(self, steps):
        self.lengths = [lengths for what, *lengths in steps if what == "place"]

    def fate(self, to_number, *, nth, at):
        """Answer after the ring; talk; end."""
        assert to_number == FIRST
        ring, talk = (timedelta(seconds=length) for length in self.lengths[nth - 1])
        life = Life(
            created_at=at,
            rings_at=at,
            answered_at=at + ring,
            ends_at=at + ring + talk,
            ends_as=CallStatus.COMPLETED,
            hangup_reason=HangupReason.REMOTE,
        )
        return Fate(outcome=Outcome.ANSWER, life=life)


async def test_a_call_whose_end_is_lost_is_told_up_to_its_answer(open_line, clock):
    """Its record never changes again, until somebody hangs up."""
    diary = Diary()
    script = Script.of({FIRST: ["never_ends"]})
    line = await open_line(listeners=[diary], population=Population(script=script))
    call_id = (await line.place(FIRST)).json()["id"]
    clock.advance(minutes=2)
    await line.sandbox.catch_up()
    assert [status for _, status, _ in diary.lines()] == ["initiated", "ringing", "answered"]
    await line.a.post(f"/calls/{call_id}/hangup")
    await line.sandbox.catch_up()
    assert diary.lines()[3:] == [("3", "completed", 120)]


class HangsUp(Diary):
    """A listener that ends each call 7 seconds after its answer."""

    async def status_changed(self, call):
        """Hang up a little later than now, by the moment of the call."""
        await super().status_changed(call)
        if call.status == "answered":
            end = call.updated_at + timedelta(seconds=7)
            self.exchange.end_call(call.call_id, at=end, reason=HangupReason.LOCAL)


async def test_a_listener_that_is_told_late_still_ends_the_call_in_time(open_line, clock):
    """A virtual clock that jumps an hour at once costs a call none of its exactness."""
    diary = HangsUp()
    line = await open_line(listeners=[diary], population=people(a=(4, 300)))
    await line.place(FIRST)
    clock.advance(hours=1)
    usage = (await line.place(SECOND)).json()["rate_limit"]
    assert diary.lines()[2:4] == [("3", "answered", 5), ("3", "completed", 12)]
    assert usage["minutes_used"] == pytest.approx(7 / 60)


class Curious(Diary):
    """A listener that asks the sandbox itself, as who is sent a webhook may do."""

    async def status_changed(self, call):
        """Look the call up over HTTP before noting it."""
        answer = await self.client.get(f"/numbers/{OWN}/calls/{call.call_id}")
        assert answer.status_code == 200
        await super().status_changed(call)


async def test_a_listener_may_ask_the_sandbox_while_it_is_told(open_line, clock):
    """The catch-up that tells it does not wait for itself."""
    diary = Curious()
    line = await open_line(listeners=[diary], population=people(a=(4, 30)))
    diary.client = line.a
    await line.place(FIRST)
    clock.advance(minutes=1)
    await asyncio.gather(*(line.a.get("/numbers") for _ in range(3)))
    assert [status for _, status, _ in diary.lines()] == [
        "initiated",
        "ringing",
        "answered",
        "completed",
    ]


class Broken:
    """A listener that fails every time."""

    async def status_changed(self, call):
        """Fail."""
        raise RuntimeError(call.status)


async def test_a_listener_that_fails_is_logged_and_keeps_nobody_from_hearing(
    open_line, clock, caplog
):
    """Neither the request nor the next listener suffers."""
    diary = Diary()
    line = await open_line(listeners=[lambda _: Broken(), diary], population=people(a=(4, 30)))
    await line.place(FIRST)
    clock.advance(minutes=1)
    assert (await line.a.get("/numbers")).status_code == 200
    assert len(diary.told) == 4
    assert {record.message.split()[0] for record in caplog.records} == {"sandbox.listener_failed"}
    assert FIRST not in caplog.text


class StuckWith(Diary):
    """A listener that never gets done with one callee, and says when all others have ended."""

    def __init__(self, stuck_number):
        super().__init__()
        self.stuck_number = stuck_number
        self.others_ended = asyncio.Event()

    async def status_changed(self, call):
        """Wait for ever, or note."""
        if call.to_number == self.stuck_number:
            await asyncio.Event().wait()
        await super().status_changed(call)
        if call.ended_at is not None:
            self.others_ended.set()


async def test_a_served_sandbox_tells_by_itself_and_a_slow_listener_delays_no_other_call():
    """With a clock that runs, changes come without a request; the stuck call's stay its own."""
    stuck, diary = StuckWith(FIRST), Diary()
    population = people(a=(4, 30), b=(4, 30))
    sandbox = Sandbox(
        SandboxOptions(population=Population(script=population.script, durations=0.001)),
        listeners=[stuck, diary],
    )
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(sandbox.app),
        base_url="http://sandbox.test/api/v1/phone",
        headers={"X-API-Key": "sandbox"},
    )
    async with client, sandbox.app.router.lifespan_context(sandbox.app):
        for number in (FIRST, SECOND):
            body = {"from_number": "+14155550100", "to_number": number}
            assert (await client.post("/place-call", json=body)).status_code == 200
        await asyncio.wait_for(stuck.others_ended.wait(), 30)
    life = ["initiated", "ringing", "answered", "completed"]
    assert [str(call.status) for call in stuck.told] == life
    assert {call.to_number for call in stuck.told} == {SECOND}
    assert [str(call.status) for call in diary.told if call.to_number == FIRST][:3] == life[:3]


@pytest.mark.parametrize("turns", range(6))
async def test_it_ends_when_it_is_told_to_whatever_happens_at_that_moment(turns):
    """A call that is placed as the server ends, at any turn of the loop, keeps it from nothing."""
    exchange = Exchange(SandboxOptions(population=people(a=(4, 30))), clock=RealClock())
    serving = asyncio.create_task(Switchboard(exchange, [Diary()]).run(RealClock()))
    await asyncio.sleep(0)
    wanted = PlaceCallRequest(from_number="+14155550100", to_number=FIRST)
    exchange.place(exchange.accounts.by_key("sandbox"), wanted)
    for _ in range(turns):
        await asyncio.sleep(0)
    serving.cancel()
    done, _ = await asyncio.wait({serving}, timeout=2)
    assert done == {serving}
