"""Agents on real WebSockets of loopback, and sandboxes that call them by a real or still clock."""

import asyncio
import json
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from inkbatch.sandbox import (
    Behaviour,
    MediaMode,
    MediaOptions,
    Outcome,
    Population,
    RealClock,
    Sandbox,
    SandboxOptions,
    Script,
    phone_number_id,
)

CALLEE = "+442079460123"
BOTH = {"X-Use-Inkbox-Text-To-Speech": "true", "X-Use-Inkbox-Speech-To-Text": "true"}
NEITHER = {"X-Use-Inkbox-Text-To-Speech": "false", "X-Use-Inkbox-Speech-To-Text": "false"}


class Agent:
    """An agent written by nobody here: it keeps what it is told, and `reacts` to messages."""

    def __init__(self, reacts, *, headers):
        self._reacts = reacts
        self._headers = headers
        self.handshakes = []
        self.heard = []
        self.socket = None
        self.hung_up = asyncio.Event()

    def events(self, name):
        """Return the messages of one kind."""
        return [message for message in self.heard if message["event"] == name]

    async def send(self, **message):
        """Send a message of JSON."""
        await self.socket.send(json.dumps(message))

    async def say(self, text):
        """Let Inkbox speak a text."""
        await self.send(event="text", delta=text)
        await self.send(event="text", done=True)

    def answer_handshake(self, _, request, response):
        """Keep the headers of the request and choose the pipelines."""
        self.handshakes.append(request.headers)
        for name, value in self._headers.items():
            response.headers[name] = value

    async def handle(self, socket):
        """Live through one call."""
        self.socket = socket
        try:
            async for raw in socket:
                message = json.loads(raw)
                self.heard.append(message)
                await self._reacts(self, message)
        except ConnectionClosed:
            pass
        finally:
            self.hung_up.set()


class Ends:
    """A listener that waits for calls to end."""

    def __init__(self):
        self._ended = asyncio.Queue()

    def __call__(self, _):
        """Stand for the factory that a sandbox takes."""
        return self

    async def status_changed(self, call):
        """Note a call that is over."""
        if call.ended_at is not None:
            await self._ended.put(call)

    async def next(self):
        """Return the next call that ends."""
        return await self._ended.get()


class StillClock:
    """Stands still until a test moves it."""

    def __init__(self):
        self.moment = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)

    def now(self):
        """Return the moment it stands at."""
        return self.moment


@dataclass
class Line:
    """A sandbox with one caller."""

    sandbox: Sandbox
    client: httpx.AsyncClient
    ends: Ends
    clock: object

    async def place(self, url, to_number=CALLEE):
        """Place a call and return its id."""
        body = {"from_number": "+14155550100", "to_number": to_number, "client_websocket_url": url}
        response = await self.client.post("/place-call", json=body)
        return response.json()["id"]

    async def call(self, call_id):
        """Return the call as the API tells it."""
        number = phone_number_id("+14155550100")
        return (await self.client.get(f"/numbers/{number}/calls/{call_id}")).json()

    async def transcript(self, call_id):
        """Return the stream as the sandbox's own endpoint tells it."""
        url = f"http://sandbox.test/sandbox/calls/{call_id}/transcript"
        return (await self.client.get(url)).json()

    async def said(self, call_id):
        """Return who said what."""
        entries = (await self.transcript(call_id))["entries"]
        return [f"{entry['party']}: {entry['text']}" for entry in entries]

    async def pass_time(self, **length):
        """Move a clock that stands still, and let the sandbox live through that time."""
        self.clock.moment += timedelta(**length)
        await self.sandbox.catch_up()


@pytest.fixture
def unused_tcp_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
async def stack():
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def start_agent(stack):
    """Start as many agents as a test wants; returns the agent and its URL."""

    async def start(reacts, *, headers=BOTH):
        agent = Agent(reacts, headers=headers)
        server = await stack.enter_async_context(
            serve(agent.handle, "127.0.0.1", 0, process_response=agent.answer_handshake)
        )
        port = server.sockets[0].getsockname()[1]
        return agent, f"ws://127.0.0.1:{port}/call?inkbatch_attempt=7"

    return start


@pytest.fixture
async def open_line(stack):
    """Open a sandbox whose callee has these lines; it runs unless its clock stands still."""

    async def open_(
        dialogue=None,
        *,
        outcome=Outcome.ANSWER,
        clock=None,
        ring=timedelta(),
        talk=None,
        media=(),
        **population,
    ):
        behaviour = Behaviour(outcome=outcome, ring=ring, talk=talk, dialogue=dialogue)
        options = SandboxOptions(
            media=replace(MediaOptions(mode=MediaMode.REAL), **dict(media)),
            population=Population(
                dial=timedelta(), script=Script(callees={CALLEE: (behaviour,)}), **population
            ),
            calls_limit=None,
            minutes_limit=None,
        )
        ends, clock = Ends(), clock or RealClock()
        sandbox = Sandbox(options, clock=clock, listeners=[ends])
        await stack.enter_async_context(sandbox.app.router.lifespan_context(sandbox.app))
        client = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(sandbox.app),
                base_url="http://sandbox.test/api/v1/phone",
                headers={"X-API-Key": "sandbox"},
            )
        )
        return Line(sandbox=sandbox, client=client, ends=ends, clock=clock)

    return open_


@pytest.fixture
async def open_still_line(open_line):
    """Open a sandbox whose time stands still, so that talks are over at once."""

    async def open_(*args, **options):
        return await open_line(*args, clock=StillClock(), **options)

    return open_
