"""An agent within a program that does more: it leaves signals alone, and can be waited for."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta

import pytest

from flows.demo_talk import TalkClock
from inkbatch.agent import agent_app, agent_on_loopback
from tests.as_inkbox import KEY, START, connect, rest, send
from tests.integration.agent.conftest import CLOCK

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Postman:
    """A handler that, once its call is over, posts for as long as a test wants."""

    def __init__(self):
        self.is_at_work, self.may_end = asyncio.Event(), asyncio.Event()

    async def __call__(self, call):
        """Listen to the end, then wait to be let go."""
        async for _ in call.events():
            pass
        self.is_at_work.set()
        await self.may_end.wait()


@pytest.fixture
def postman():
    """A handler that ends when it is let go."""
    return Postman()


@pytest.fixture
def agent(postman):
    """An agent of that handler."""
    return agent_app(postman, signing_keys=[KEY], clock=CLOCK)


async def is_waiting(task):
    """Whether a task still waits though everything else had its turn."""
    for _ in range(20):
        await asyncio.sleep(0)
    return not task.done()


async def test_an_agent_is_quiet_once_no_call_is_left_and_all_was_posted(agent, postman):
    """At once where there is no call; else not before the last handler has ended."""
    await agent.wait_until_quiet()
    async with agent_on_loopback(agent) as port:
        async with connect(port) as socket:
            await send(socket, **START)
            quiet = asyncio.create_task(agent.wait_until_quiet())
            assert await is_waiting(quiet)
        await postman.is_at_work.wait()
        assert await is_waiting(quiet)
        postman.may_end.set()
        await quiet
        assert agent.calls_now == 0


async def test_time_stands_still_while_the_agent_talks_or_posts(agent, postman):
    """A clock that waits for an agent jumps after it; without one it jumps at once."""
    clock = TalkClock(NOW)
    await clock.sleep_until(NOW + HOUR)
    assert clock.now() == NOW + HOUR
    clock.agent = agent
    async with agent_on_loopback(agent) as port:
        async with connect(port) as socket:
            await send(socket, **START)
            sleep = asyncio.create_task(clock.sleep_until(NOW + 2 * HOUR))
            assert await is_waiting(sleep)
        await postman.is_at_work.wait()
        assert await is_waiting(sleep)
        assert clock.now() == NOW + HOUR
        postman.may_end.set()
        await sleep
    assert clock.now() == NOW + 2 * HOUR


async def test_an_agent_beside_a_program_leaves_signals_to_it(agent, postman):
    """Ctrl-C stays what the program makes of it."""
    postman.may_end.set()
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    async with agent_on_loopback(agent) as port, connect(port):
        assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before


async def test_an_agent_beside_a_program_hangs_up_when_the_program_goes_on(agent, postman):
    """The callee is not left in silence, and nobody listens any more."""
    postman.may_end.set()
    async with agent_on_loopback(agent) as port:
        socket = await connect(port)
        await send(socket, **START)
    assert await rest(socket) == [{"event": "stop"}]
    with pytest.raises(ConnectionRefusedError):
        await connect(port)
