"""Agents on a real server, with a clock that stands still for their handshakes."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from inkbatch.adapters.clock import VirtualClock
from inkbatch.agent import agent_app
from tests.as_inkbox import KEY, NOW_SECONDS, served

CLOCK = VirtualClock(datetime.fromtimestamp(NOW_SECONDS, UTC))


@pytest.fixture
async def serve():
    """Serve a handler until the test ends; gives the port. Speech takes no time."""
    async with AsyncExitStack() as stack:

        async def start(handler, **options):
            said = {"signing_keys": [KEY], "clock": CLOCK, "characters_per_second": 1e9, **options}
            return await stack.enter_async_context(served(agent_app(handler, **said)))

        yield start
