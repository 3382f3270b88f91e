"""The client against the sandbox: two readings of one page, which share no code, agree.

The double that asks the sandbox's exchange without HTTP behaves as the client does.
"""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.adapters.clock import VirtualClock
from inkbatch.adapters.inkbox import InkboxTelephony
from inkbatch.domain.errors import (
    CallNotFound,
    DialFailed,
    FromNumberRefused,
    KeyRefused,
    RateLimited,
    RecipientBlocked,
    RequestRefused,
)
from inkbatch.ports import PlaceCall
from inkbatch.sandbox import (
    Behaviour,
    Organisation,
    Outcome,
    PhoneNumber,
    Population,
    Sandbox,
    SandboxOptions,
    Script,
    phone_number_id,
)
from inkbatch.testing import ExchangeTelephony
from inkbatch.wiring import in_process

START = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
OWN, SECOND, INACTIVE, FOREIGN = "+14155550100", "+14155550101", "+14155550102", "+12125550100"
CALLEE, BLOCKED, UNREACHABLE = "+442079460123", "+442079460199", "+442079460198"
URL = "wss://agent.example/talk?inkbatch_attempt=a1"


@pytest.fixture(params=["client", "double"], autouse=True)
def line_of(request):
    """Each way to the sandbox in turn, which `Line` takes."""
    Line.is_double = request.param == "double"


class Line:
    """A client, the sandbox it talks to, and the clock of both."""

    is_double = False

    def __init__(self, **options):
        self.clock = VirtualClock(START)
        script = {CALLEE: (talks(30),), UNREACHABLE: (Behaviour(outcome=Outcome.DIAL_FAILED),)}
        people = Population(script=Script(callees=script, blocked=frozenset({BLOCKED})))
        self.sandbox = Sandbox(
            SandboxOptions(**{"population": people, **options}), clock=self.clock
        )
        self.client = self.client_with("sandbox")

    def client_with(self, key):
        """Return a client with that key."""
        if self.is_double:
            return ExchangeTelephony(self.sandbox.exchange, key, clock=self.clock)
        return InkboxTelephony(
            "http://127.0.0.1/api/v1/phone",
            key,
            clock=self.clock,
            transport=in_process(self.sandbox.app),
        )

    async def place(self, to_number=CALLEE, **fields):
        """Place a call through the client."""
        request = {"from_number": OWN, "client_websocket_url": URL, "webhook_url": None, **fields}
        return await self.client.place_call(PlaceCall(to_number=to_number, **request))

    async def pass_time(self, **length):
        """Move both clocks on."""
        await self.clock.sleep_until(self.clock.now() + timedelta(**length))


def talks(seconds, outcome=Outcome.ANSWER):
    """Build a callee who rings for 4 seconds."""
    return Behaviour(outcome=outcome, ring=timedelta(seconds=4), talk=timedelta(seconds=seconds))


def id_of(number):
    return str(phone_number_id(number))


async def test_the_client_places_a_call_that_the_ledger_has_and_reads_its_usage():
    """What was asked for was dialed, once, and the snapshot is the sandbox's own."""
    line = Line()
    placed = await line.place(webhook_url="https://hooks.example/inkbox")
    (dialed,) = line.sandbox.ledger()
    assert placed.call.id == str(dialed.call_id)
    assert (dialed.from_number, dialed.to_number) == (OWN, CALLEE)
    assert dialed.client_websocket_url == placed.call.client_websocket_url == URL
    assert dialed.webhook_url == "https://hooks.example/inkbox"
    assert (placed.limit.calls_used, placed.limit.calls_limit) == (1, 100)
    assert (placed.limit.minutes_used, placed.limit.minutes_limit) == (0, 100)


async def test_the_client_reads_minutes_as_the_sandbox_counts_them():
    """Half a minute of talk is half a minute used."""
    line = Line()
    await line.place()
    await line.pass_time(minutes=5)
    assert (await line.place()).limit.minutes_used == 0.5


async def test_a_call_that_the_client_gives_no_url_goes_to_that_of_its_number():
    """The stored URL is the one that comes back and the one that own_numbers tells."""
    stored = "wss://agent.example/stored"
    number = PhoneNumber(number=OWN, client_websocket_url=stored)
    line = Line(organisations=(Organisation(name="A", api_key="sandbox", phone_numbers=(number,)),))
    placed = await line.place(client_websocket_url=None)
    (own,) = await line.client.own_numbers()
    assert placed.call.client_websocket_url == own.client_websocket_url == stored


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"from_number": INACTIVE}, FromNumberRefused),
        ({"from_number": FOREIGN}, FromNumberRefused),
        ({"to_number": BLOCKED}, RecipientBlocked),
        ({"to_number": "+0"}, RequestRefused),
        ({"to_number": UNREACHABLE}, DialFailed),
    ],
)
async def test_the_client_tells_the_refusals_of_the_sandbox_apart(fields, error):
    """400, 403, 403 recipient_blocked, 422 and 502; nothing is on the call list."""
    line = Line()
    with pytest.raises(error) as caught:
        await line.place(**fields)
    assert type(caught.value) is error
    assert line.sandbox.ledger() == ()


async def test_a_wrong_key_is_refused_for_every_request():
    """401, whatever is asked."""
    line = Line()
    line.client = line.client_with("wrong")
    for asking in (
        line.place(),
        line.client.own_numbers(),
        line.client.list_calls(id_of(OWN), limit=1, offset=0),
        line.client.get_call(id_of(OWN), id_of(OWN)),
    ):
        with pytest.raises(KeyRefused):
            await asking


async def test_the_hold_of_a_429_ends_when_the_sandbox_has_room_again():
    """The client's hold is enough, and a second less is not."""
    line = Line(calls_limit=1)
    await line.place()
    await line.pass_time(hours=3, milliseconds=400)
    with pytest.raises(RateLimited) as caught:
        await line.place()
    hold_until = caught.value.hold_until
    await line.pass_time(seconds=(hold_until - line.clock.now()).total_seconds() - 1)
    with pytest.raises(RateLimited):
        await line.place()
    await line.pass_time(seconds=1)
    assert (await line.place()).limit.calls_used == 1


@pytest.mark.parametrize(
    ("outcome", "life", "reason"),
    [
        ("answer", ["initiated", "ringing", "answered", "completed"], {"local", "remote"}),
        ("talk_on", ["initiated", "ringing", "answered", "answered"], {None}),
        ("voicemail", ["initiated", "ringing", "answered", "completed"], {"voicemail"}),
        ("no_answer", ["initiated", "ringing", "canceled", "canceled"], {None}),
        ("reject", ["initiated", "ringing", "failed", "failed"], {"rejected"}),
        ("busy", ["initiated", "ringing", "failed", "failed"], {None}),
        ("invalid_number", ["initiated", "failed", "failed", "failed"], {None}),
    ],
)
async def test_the_client_follows_a_call_through_its_statuses(outcome, life, reason):
    """Every status that the sandbox tells is read, and an end is known as one."""
    seconds = 600 if outcome == "talk_on" else 30
    script = Script(callees={CALLEE: (talks(seconds, Outcome(outcome)),)})
    line = Line(population=Population(script=script))
    call, seen = (await line.place()).call, []
    for seconds in (0, 1, 5, 60):
        await line.pass_time(seconds=seconds)
        call = await line.client.get_call(id_of(OWN), call.id)
        seen.append(call.status)
    assert seen == life
    assert call.hangup_reason in reason
    assert call.has_ended == (outcome != "talk_on")
    assert (call.started_at is not None) == ("answered" in life)


async def test_a_call_at_its_maximum_duration_is_told_as_such():
    """hangup_reason max_duration, after ten minutes."""
    line = Line(population=Population(script=Script.of({CALLEE: ["talk_on"]})))
    call_id = (await line.place()).call.id
    await line.pass_time(hours=1)
    call = await line.client.get_call(id_of(OWN), call_id)
    assert (call.hangup_reason, call.talk_minutes) == ("max_duration", 10)


async def test_the_client_pages_through_a_numbers_calls_newest_first():
    """Pages of any size join to the whole list, which is the number's own."""
    line = Line()
    placed = [(await line.place()).call.id for _ in range(7)]
    await line.place(from_number=SECOND)
    pages = [
        await line.client.list_calls(id_of(OWN), limit=3, offset=offset) for offset in (0, 3, 6, 9)
    ]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert [call.id for page in pages for call in page] == placed[::-1]
    assert {call.phone_number_id for page in pages for call in page} == {id_of(OWN)}


async def test_calls_of_others_and_of_nobody_are_errors_to_the_client():
    """403 for another organisation's number, 404 for a call that nobody placed."""
    line = Line()
    call_id = (await line.place()).call.id
    with pytest.raises(CallNotFound):
        await line.client.get_call(id_of(SECOND), call_id)
    with pytest.raises(CallNotFound):
        await line.client.get_call(id_of(OWN), id_of(OWN))
    with pytest.raises(FromNumberRefused):
        await line.client.get_call(id_of(FOREIGN), call_id)
    with pytest.raises(FromNumberRefused):
        await line.client.list_calls(id_of(FOREIGN), limit=1, offset=0)


async def test_the_client_knows_which_of_its_numbers_may_call():
    """own_numbers tells the organisation's own, the inactive one as such."""
    numbers = await Line().client.own_numbers()
    assert [(number.number, number.id, number.is_active) for number in numbers] == [
        (OWN, id_of(OWN), True),
        (SECOND, id_of(SECOND), True),
        (INACTIVE, id_of(INACTIVE), False),
    ]


async def test_the_clocks_of_client_and_sandbox_agree_by_the_date_header():
    """Under one virtual clock there is no skew."""
    line = Line()
    await line.pass_time(days=3)
    await line.client.own_numbers()
    assert line.client.skew == timedelta()
