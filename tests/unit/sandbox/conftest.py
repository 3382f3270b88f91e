"""A sandbox under a virtual clock, and two organisations that call it by plain httpx."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from inkbatch.sandbox import Sandbox, SandboxOptions

API_URL = "http://sandbox.test/api/v1/phone"


class VirtualClock:
    """Stands still until it is told to move."""

    def __init__(self):
        self.moment = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)

    def now(self):
        """Return the moment it stands at."""
        return self.moment

    def advance(self, **length):
        """Move on by a length of time, as timedelta takes it."""
        self.moment += timedelta(**length)


class Line:
    """A sandbox and the clients of its two organisations."""

    def __init__(self, sandbox, *, a, b):
        self.sandbox = sandbox
        self.a = a
        self.b = b

    async def place(self, to_number="+442079460123", *, from_number="+14155550100", **fields):
        """Place a call as organisation A."""
        body = {"from_number": from_number, "to_number": to_number, **fields}
        return await self.a.post("/place-call", json=body)


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
async def open_line(clock):
    """Open as many sandboxes as a test wants, each with options of its own."""
    async with AsyncExitStack() as stack:

        async def client(sandbox, key):
            return await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(sandbox.app),
                    base_url=API_URL,
                    headers={"X-API-Key": key},
                )
            )

        async def open_(*, listeners=(), **options):
            sandbox = Sandbox(SandboxOptions(**options), clock=clock, listeners=listeners)
            return Line(
                sandbox,
                a=await client(sandbox, "sandbox"),
                b=await client(sandbox, "sandbox-b"),
            )

        yield open_


@pytest.fixture
async def line(open_line):
    return await open_line()
