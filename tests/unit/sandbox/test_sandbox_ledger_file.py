"""A ledger in a file, which outlives the sandbox that wrote it."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from inkbatch.adapters.clock import VirtualClock
from inkbatch.sandbox import Sandbox, SandboxOptions
from tests.trial_campaigns import API_URL, callees

MONDAY = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
HER = "+12125550100"
BODY = {"from_number": "+14155550100", "to_number": HER}


@pytest.fixture
def ledger_file(tmp_path):
    """A file that is not there yet."""
    return tmp_path / "calls.jsonl"


def sandbox_with(ledger, *, at=MONDAY):
    """Open a sandbox that keeps its calls in the file, with a limit of two calls."""
    options = SandboxOptions(ledger=ledger, calls_limit=2, population=callees(salt=str(at)))
    return Sandbox(options, clock=VirtualClock(at))


async def placed(sandbox):
    """Place a call and return the answer."""
    transport = httpx.ASGITransport(sandbox.app)
    headers = {"X-API-Key": "sandbox"}
    async with httpx.AsyncClient(transport=transport, base_url=API_URL, headers=headers) as client:
        return await client.post("/place-call", json=BODY)


async def test_the_next_sandbox_has_the_calls_of_the_last_with_what_became_of_them(ledger_file):
    """A call that was ringing when its sandbox ended goes on, and ends, in the next one."""
    call_id = (await placed(sandbox_with(ledger_file))).json()["id"]

    (call,) = sandbox_with(ledger_file, at=MONDAY + timedelta(hours=1)).ledger()

    assert (str(call.call_id), call.status, call.to_number) == (call_id, "completed", HER)
    assert call.created_at == MONDAY


async def test_calls_of_an_earlier_sandbox_count_for_the_limits(ledger_file):
    """Two calls before the restart fill a limit of two after it."""
    for _ in range(2):
        assert (await placed(sandbox_with(ledger_file))).status_code == 200

    assert (await placed(sandbox_with(ledger_file))).status_code == 429


async def test_a_line_that_was_cut_off_was_never_answered_and_is_forgotten(ledger_file):
    """A process that is killed while it writes leaves half a line; the file is still read."""
    await placed(sandbox_with(ledger_file))
    with ledger_file.open("ab") as stream:
        stream.write(b'{"organisation": "sand')

    assert len(sandbox_with(ledger_file).ledger()) == 1
    await placed(sandbox_with(ledger_file, at=MONDAY + timedelta(hours=1)))
    assert len(sandbox_with(ledger_file).ledger()) == 2


def test_a_file_with_something_else_is_refused(ledger_file):
    """It may be somebody's file, so nothing is written to it."""
    ledger_file.write_text("hello\n", "utf-8")
    with pytest.raises(ValueError, match="something else than calls"):
        sandbox_with(ledger_file)
    assert ledger_file.read_text("utf-8") == "hello\n"
