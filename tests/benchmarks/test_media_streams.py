"""A hundred calls of raw audio at once, beside bare tasks that only wait and send.

One rival sleeps 20 ms after each frame, as is often written; the other waits for each frame's own
moment. Neither reads what it is sent, nor has anything to say.

The agent is a process of its own. It sends every frame back, and measures how late frames come:
against 20 ms a frame from the stream's own start, less the least that any frame was late by.
"""

import asyncio
import base64
import gc
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from inkbatch.sandbox import (
    Behaviour,
    Dialogue,
    Line,
    MediaMode,
    MediaOptions,
    Outcome,
    Population,
    Sandbox,
    SandboxOptions,
    Script,
)

STREAMS, SECONDS, ROUNDS = 100, 10, 3
RING = timedelta(seconds=4)  # long enough for all calls to be placed before the first answer
FRAME_SECONDS = 0.02
FRAME = json.dumps({"event": "media", "media": {"payload": base64.b64encode(bytes(160)).decode()}})
RAW_AUDIO = {"X-Use-Inkbox-Text-To-Speech": "false", "X-Use-Inkbox-Speech-To-Text": "false"}


@pytest.fixture
def agent() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, __file__]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, bufsize=1, **pipes) as process:
        yield process
        process.stdin.close()


async def test_a_hundred_streams(agent, capsys):
    """Prints frames, lateness and the processor time of both sides, in turns in one run."""
    gc.collect()
    gc.freeze()  # as a served sandbox does
    url = f"ws://127.0.0.1:{agent.stdout.readline().strip()}"
    for _ in range(ROUNDS):
        for name, stream in (
            ("sandbox", stream_by_sandbox),
            ("bare, by moments", partial(stream_bare, sleep_until)),
            ("bare, sleeping", partial(stream_bare, sleep_between)),
        ):
            began, processor = time.monotonic(), time.process_time()
            await stream(url)
            share = (time.process_time() - processor) / (time.monotonic() - began)
            measured = await asyncio.to_thread(report, agent)
            with capsys.disabled():
                print(row(name, measured, share))


def report(agent: subprocess.Popen[str]) -> dict[str, Any]:
    agent.stdin.write("report\n")
    return json.loads(agent.stdout.readline())


def row(name: str, measured: dict[str, Any], share: float) -> str:
    p50, p99, most = measured["late_ms"]
    return (
        f"\n{name:>16}: {measured['streams']} streams, {measured['frames']} frames there and "
        f"{measured['echoed']} back in {SECONDS} s; late p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
        f"max {most:.1f} ms; processor {share:.0%}, agent {measured['processor']:.0%}"
    )


async def stream_by_sandbox(url: str) -> None:
    """Let a sandbox's callees talk, who murmur most of the time."""
    murmur = Line(at=timedelta(seconds=1), say="word " * 20)
    goodbye = Line(at=timedelta(seconds=SECONDS), hangs_up=True)
    callee = Behaviour(
        outcome=Outcome.ANSWER, ring=RING, dialogue=Dialogue(lines=(murmur, goodbye))
    )
    numbers = [f"+1415555{n:04}" for n in range(100, 100 + STREAMS)]
    options = SandboxOptions(
        media=MediaOptions(mode=MediaMode.REAL),
        population=Population(
            dial=timedelta(), script=Script(callees=dict.fromkeys(numbers, (callee,)))
        ),
        calls_limit=None,
        minutes_limit=None,
    )
    ends = _Ends(len(numbers))
    sandbox = Sandbox(options, listeners=[lambda _: ends])
    transport = httpx.ASGITransport(sandbox.app)
    key = {"X-API-Key": "sandbox"}
    async with (
        sandbox.app.router.lifespan_context(sandbox.app),
        httpx.AsyncClient(transport=transport, base_url="http://sandbox", headers=key) as client,
    ):
        for number in numbers:
            body = {"from_number": "+14155550100", "to_number": number}
            await client.post(
                "/api/v1/phone/place-call", json={**body, "client_websocket_url": url}
            )
        await ends.all_over.wait()


async def sleep_between(_due: float) -> None:
    """Sleep for the length of a frame, whatever the time is."""
    await asyncio.sleep(FRAME_SECONDS)


async def sleep_until(due: float) -> None:
    """Sleep until a frame's own moment."""
    await asyncio.sleep(max(due - time.monotonic(), 0))


async def stream_bare(sleep: Callable[[float], Awaitable[None]], url: str) -> None:
    """Send as many frames as the sandbox does, with a task a stream and nothing else."""
    async with asyncio.TaskGroup() as group:
        for _ in range(STREAMS):
            group.create_task(_send_bare(url, sleep))


async def _send_bare(url: str, sleep: Callable[[float], Awaitable[None]]) -> None:
    async with connect(url, compression=None, proxy=None) as socket:
        reading = asyncio.create_task(_read(socket))
        await socket.send('{"event":"start"}')
        began = time.monotonic()
        for place in range(round(SECONDS / FRAME_SECONDS)):
            await socket.send(FRAME)
            await sleep(began + (place + 1) * FRAME_SECONDS)
        reading.cancel()


async def _read(socket: ClientConnection) -> None:
    async for _ in socket:
        pass


class _Ends:
    """A listener that waits for so many calls to end."""

    def __init__(self, calls: int) -> None:
        self._left = calls
        self.all_over = asyncio.Event()

    async def status_changed(self, call: Any) -> None:
        self._left -= call.ended_at is not None
        if not self._left:
            self.all_over.set()


class _Ear:
    """The agent's measurements since its last report."""

    def __init__(self) -> None:
        self.arrivals: list[list[float]] = []
        self.echoed = 0
        self._began = time.monotonic()
        self._processor = time.process_time()

    def report(self) -> dict[str, Any]:
        late = np.concatenate([self._late(np.array(stream)) for stream in self.arrivals])
        elapsed = time.monotonic() - self._began
        return {
            "streams": len(self.arrivals),
            "frames": len(late),
            "echoed": self.echoed,
            "late_ms": [float(np.percentile(late, share) * 1000) for share in (50, 99, 100)],
            "processor": (time.process_time() - self._processor) / elapsed,
        }

    @staticmethod
    def _late(arrivals: np.ndarray) -> np.ndarray:
        late = arrivals - np.arange(len(arrivals)) * FRAME_SECONDS
        return late - late.min()


async def main() -> None:
    ear = _Ear()

    async def hear(socket: ServerConnection) -> None:
        arrivals: list[float] = []
        ear.arrivals.append(arrivals)
        try:
            async for message in socket:
                if '"media"' in message[:20]:
                    arrivals.append(time.monotonic())
                    await socket.send(FRAME)
                    ear.echoed += 1
        except ConnectionClosed:
            pass

    def choose(_socket: Any, _request: Any, response: Any) -> None:
        for name, value in RAW_AUDIO.items():
            response.headers[name] = value

    async with serve(hear, "127.0.0.1", 0, process_response=choose, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(ear.report()), flush=True)
            ear = _Ear()


if __name__ == "__main__":
    asyncio.run(main())
