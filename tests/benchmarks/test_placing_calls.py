"""Placing 2,000 calls through the whole engine, beside the quickest loop without a database.

Each measures itself in a process of its own, as `inkbatch run` is one, once it is warm.
"""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import median

import httpx
import pytest

from inkbatch.dialer.run import pass_once
from inkbatch.dialer.shift import Shift, begin_shift
from inkbatch.domain.pacing import Pacing
from inkbatch.settings import Settings
from inkbatch.wiring import Workplace

CALLS, WARM_UP_CALLS = 2_000, 200
POOLS, CONNECTIONS_A_POOL = 4, 8
ROUNDS = 5

CAMPAIGN = """
name = "benchmark"
call_list = "list.csv"
from_numbers = ["+14155550100", "+14155550101"]
client_websocket_url = "wss://agent.example.com/call"
[calling_window]
zone = "UTC"
weekdays = ["00:00-24:00"]
weekends = ["00:00-24:00"]
"""


@pytest.fixture
def sandbox() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "inkbatch", "sandbox", "--port", str(port)]
    lifted = ["--calls-limit", "0", "--minutes-limit", "0"]
    server = subprocess.Popen([*command, *lifted], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/api/v1/phone"
    finally:
        server.terminate()
        server.wait()


def test_placing_2000_calls(sandbox, tmp_path, capsys):
    """Prints calls per second of the engine and of the raw loop, pair by pair in one run."""
    rounds = [
        (_rate("engine", sandbox, tmp_path / f"{number}"), _rate("raw", sandbox, tmp_path))
        for number in range(1 + ROUNDS)
    ]
    pairs = rounds[1:]  # the first only warms up the server
    with capsys.disabled():
        print(f"\nplacing {CALLS} calls against the sandbox's server, calls per second")
        print("  inkbatch (SQLite, durable)   raw httpx loop   ratio")
        for engine, raw in pairs:
            print(f"  {engine:20.0f} {raw:19.0f} {engine / raw:11.2f}")
        print(f"  median of the ratios: {median(engine / raw for engine, raw in pairs):.2f}")


def _rate(way: str, base_url: str, folder: Path) -> float:
    """Return the calls per second that a fresh process reaches."""
    command = [sys.executable, __file__, way, base_url, str(folder)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return CALLS / float(told.stdout)


async def _seconds_of_engine(base_url: str, folder: Path, *, calls: int) -> float:
    """Dial everybody once in one pass: choose, commit intents, place, commit answers."""
    async with _ready_shift(base_url, folder / f"{calls}", calls=calls) as shift:
        started = time.perf_counter()
        result = await pass_once(shift)
        seconds = time.perf_counter() - started
    assert result.placed == calls
    return seconds


@asynccontextmanager
async def _ready_shift(base_url: str, folder: Path, *, calls: int) -> AsyncIterator[Shift]:
    folder.mkdir(parents=True)
    (folder / "campaign.toml").write_text(CAMPAIGN)
    (folder / "list.csv").write_text("phone\n" + "\n".join(_numbers(calls)))
    settings = Settings(
        api_key="sandbox", base_url=base_url, database_url=f"sqlite:///{folder / 'inkbatch.db'}"
    )
    workplace = Workplace(settings=settings)
    async with workplace.desk() as desk:
        ready = await workplace.prepare(desk, folder)
        pacing = Pacing(calls_at_once=calls, calls_per_minute=None)
        campaign = replace(ready.campaign, pacing=pacing)
        with begin_shift(
            desk, campaign=campaign, record=ready.record, own_numbers=ready.own_numbers
        ) as shift:
            yield shift


async def _seconds_of_raw_loop(base_url: str, *, calls: int) -> float:
    """The best loop without a store: several small pools, a worker for each connection."""
    waiting = iter(_numbers(calls))
    headers = {"X-API-Key": "sandbox"}
    limits = httpx.Limits(max_connections=CONNECTIONS_A_POOL)
    clients = [httpx.AsyncClient(headers=headers, limits=limits) for _ in range(POOLS)]

    async def work(client: httpx.AsyncClient) -> None:
        for number in waiting:
            body = {"from_number": "+14155550100", "to_number": number}
            answer = await client.post(f"{base_url}/place-call", json=body)
            answer.raise_for_status()

    started = time.perf_counter()
    await asyncio.gather(*(work(client) for client in clients for _ in range(CONNECTIONS_A_POOL)))
    seconds = time.perf_counter() - started
    for client in clients:
        await client.aclose()
    return seconds


def _numbers(calls: int) -> list[str]:
    areas = ("212", "213", "305", "312", "404", "415", "480", "503", "512", "602")
    more = ("614", "617", "702", "704", "713", "720", "801", "804", "816", "901")
    numbers = [f"+1{area}55501{last:02d}" for area, last in product(areas + more, range(100))]
    return numbers[:calls]


def _wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the sandbox did not start")


async def _measure(way: str, base_url: str, folder: Path) -> float:
    for calls in (WARM_UP_CALLS, CALLS):
        if way == "engine":
            seconds = await _seconds_of_engine(base_url, folder, calls=calls)
        else:
            seconds = await _seconds_of_raw_loop(base_url, calls=calls)
    return seconds


if __name__ == "__main__":
    print(asyncio.run(_measure(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
