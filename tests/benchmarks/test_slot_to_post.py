"""From a slot coming free to the POST arriving, with real processes and in real time.

::

    python -m tests.benchmarks.test_slot_to_post

The sandbox begins with a ledger of yesterday, in which others used the whole budget; their calls
leave the rolling 24 hours one after the other while `inkbatch run` waits. Both moments are told by
the sandbox's ledger.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from inkbatch.sandbox.call import CallStatus, Life, PlacedCall
from inkbatch.sandbox.ledger_file import LedgerFile
from inkbatch.sandbox.organisations import ORGANISATION_A
from tests.served_sandbox import served_sandbox
from tests.trial_campaigns import FROM_NUMBERS, numbers, write_campaign

SLOTS = 100
"""The documented limit, which is what `run` believes until the server's first answer."""

FIRST_SLOT, EVERY = timedelta(seconds=60), timedelta(seconds=1.1)
LOOKED_AGAIN = timedelta(seconds=8)
DAY = timedelta(hours=24)
AS_MANY_AS_THERE_ARE = {"calls_at_once": SLOTS, "calls_per_minute": "unlimited"}
OTHERS = FROM_NUMBERS[1]


@pytest.mark.timeout(600)
def test_from_a_free_slot_to_the_post(tmp_path):
    """Prints the delays, and what else was asked of the server."""
    print()
    measure(tmp_path)


def measure(folder):
    """Print the delay of every slot as percentiles, and the requests beside the place-calls."""
    first = datetime.now(UTC) + FIRST_SLOT
    frees = [first + place * EVERY for place in range(SLOTS)]
    ledger = folder / "ledger.jsonl"
    use_up_yesterday(ledger, frees)
    people = numbers(SLOTS, areas=("212", "312"))
    campaign = write_campaign(folder / "slots", people, pacing=AS_MANY_AS_THERE_ARE)
    options = ("--ledger", ledger, "--calls-limit", SLOTS, "--minutes-limit", 0)
    with served_sandbox(*map(str, options)) as url, running(campaign, url, folder):
        wait_until(first - LOOKED_AGAIN)
        asked_first = asked(url)
        wait_until(first - timedelta(seconds=0.5))
        asked_while_waiting = asked(url) - asked_first
        wait_until(frees[-1] + timedelta(seconds=3))
        calls = httpx.get(f"{url}/sandbox/ledger").json()
    tell(calls, frees, asked_first=asked_first, asked_while_waiting=asked_while_waiting)


def use_up_yesterday(path, frees):
    """Write a ledger in which somebody else's calls leave the window at these moments."""
    file = LedgerFile(path)
    for at in frees:
        placed = at - DAY
        life = Life(
            created_at=placed,
            rings_at=placed,
            answered_at=None,
            ends_at=placed + timedelta(seconds=1),
            ends_as=CallStatus.CANCELED,
            hangup_reason=None,
        )
        file.write(
            PlacedCall(
                organisation=ORGANISATION_A.name,
                call_id=uuid4(),
                from_number=OTHERS,
                to_number="+13035550100",
                client_websocket_url=None,
                webhook_url=None,
                life=life,
            )
        )


@contextmanager
def running(campaign, url, folder):
    """`inkbatch run` as a process, until the block is left."""
    said = {
        "INKBATCH_API_KEY": "sandbox",
        "INKBATCH_BASE_URL": f"{url}/api/v1/phone",
        "INKBATCH_DATABASE_URL": f"sqlite:///{folder / 'inkbatch.db'}",
    }
    words = [sys.executable, "-m", "inkbatch", "run", str(campaign), "--yes"]
    with (folder / "run.txt").open("w") as output:
        process = subprocess.Popen(
            words, env={**os.environ, **said}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def wait_until(moment):
    """Wait in real time."""
    time.sleep(max((moment - datetime.now(UTC)).total_seconds(), 0))


def asked(url):
    """Return how many requests to the API were answered so far."""
    return sum(httpx.get(f"{url}/sandbox/ledger").json()["answers_by_status"].values())


def tell(told, frees, *, asked_first, asked_while_waiting):
    """Print the figures."""
    posts = sorted(
        datetime.fromisoformat(call["created_at"])
        for call in told["calls"]
        if call["from_number"] != OTHERS
    )
    delays = sorted((post - free).total_seconds() for post, free in zip(posts, frees, strict=False))
    others = (
        sum(told["answers_by_status"].values()) - asked_first - asked_while_waiting - len(posts)
    )
    print(
        f"{len(delays)} slots, a POST after {1000 * _at(delays, 0.5):.0f} ms (P50), "
        f"{1000 * _at(delays, 0.95):.0f} ms (P95), {1000 * delays[-1]:.0f} ms at most; "
        f"answers: {told['answers_by_status']}\n"
        f"other requests: {asked_first} to begin with, {asked_while_waiting} in the "
        f"{LOOKED_AGAIN.total_seconds():.0f} s before the first slot, {others} in the "
        f"{(frees[-1] - frees[0]).total_seconds():.0f} s after it, for calls in progress"
    )


def _at(ordered, share):
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        measure(Path(made))
