"""How many calls one agent process holds, and how soon it answers, beside a bare WebSocket echo.

Each server is a process of its own; the callers are another one. A turn is one final transcript
sent and the first frame received: the agent's first delta, or the echo.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

import psutil
import websockets

from inkbatch.agent import AgentCall, Heard, Limits, Pipeline, agent_app, serve_agent

CALLS = (1, 100, 500, 1_000)
TURNS_MIN, TURNS_IN_ALL = 5, 3_000
AUDIO_CALLS, AUDIO_SECONDS = 100, 5
HEARD = json.dumps({"event": "transcript", "text": "yes", "is_final": True, "turn_id": "t"})
WAYS = ("agent", "echo")


def test_concurrent_text_calls(capsys):
    """Prints milliseconds from what is heard to the first delta, and memory per call."""
    with capsys.disabled():
        print("\ntext calls at once; from the words heard to the first frame back")
        print("  server     calls   median ms   p99 ms   turns/s   KiB a call")
        for calls in CALLS:
            for way in WAYS:
                told = _measured(way, "text", calls)
                print(
                    f"  {way:8} {calls:7} {told['median_ms']:11.2f} {told['p99_ms']:8.2f}"
                    f" {told['turns_a_second']:9.0f} {told['kib_a_call']:12.0f}"
                )


def test_concurrent_audio_calls(capsys):
    """Prints how far from 20 ms apart the frames of many playing calls arrive."""
    told = _measured("player", "audio", AUDIO_CALLS)
    with capsys.disabled():
        print(f"\n{AUDIO_CALLS} calls that play {AUDIO_SECONDS} s each at the same time")
        print(
            f"  a frame late by: median {told['median_ms']:.1f} ms, p99 {told['p99_ms']:.1f} ms, "
            f"at most {told['max_ms']:.1f} ms"
        )


def _measured(way: str, what: str, calls: int) -> dict[str, float]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, __file__, way, str(port)])
    try:
        command = [sys.executable, __file__, what, str(port), str(calls), str(server.pid)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return dict(json.loads(told.stdout))
    finally:
        server.kill()
        server.wait()


async def _answer(call: AgentCall) -> None:
    async for event in call.events():
        if isinstance(event, Heard):
            await call.say("You said yes.")


async def _play(call: AgentCall) -> None:
    await call.play(bytes(8_000 * AUDIO_SECONDS))


async def _echo(port: int) -> None:
    async def echo(connection):
        with suppress(websockets.ConnectionClosedError):
            async for frame in connection:
                await connection.send(frame)

    async with websockets.serve(echo, "127.0.0.1", port, compression=None) as server:
        await server.serve_forever()


async def _callers(port: int, calls: int, server_pid: int) -> dict[str, float]:
    await (await _knock(port)).close()
    server = psutil.Process(server_pid)
    before = server.memory_info().rss
    sockets = [await _knock(port) for _ in range(calls)]
    turns = max(TURNS_MIN, TURNS_IN_ALL // calls)
    begun = time.perf_counter()
    waits = await asyncio.gather(*(_talk(each, turns) for each in sockets))
    seconds = time.perf_counter() - begun
    memory = server.memory_info().rss - before
    for each in sockets:
        each.transport.abort()
    return {
        **_figures([wait for of_call in waits for wait in of_call]),
        "turns_a_second": calls * turns / seconds,
        "kib_a_call": memory / calls / 1024,
    }


async def _talk(connection, turns: int) -> list[float]:
    waits = []
    for _ in range(turns):
        begun = time.perf_counter()
        await connection.send(HEARD)
        first = await connection.recv()
        waits.append(time.perf_counter() - begun)
        if "delta" in first:
            await connection.recv()  # its `done`
    return waits


async def _listeners(port: int, calls: int) -> dict[str, float]:
    await (await _knock(port)).close()
    late = await asyncio.gather(*(_lateness(port) for _ in range(calls)))
    return _figures([wait for of_call in late for wait in of_call])


async def _lateness(port: int) -> list[float]:
    connection = await _knock(port)
    arrivals = [time.perf_counter() async for frame in connection if '"media"' in frame]
    # The schedule is that of the earliest frame, counted back to the first.
    start = min(at - 0.02 * number for number, at in enumerate(arrivals))
    return [at - 0.02 * number - start for number, at in enumerate(arrivals)]


async def _knock(port: int):
    while True:
        try:
            return await websockets.connect(
                f"ws://127.0.0.1:{port}/", compression=None, proxy=None, open_timeout=60
            )
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)


def _figures(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "median_ms": 1000 * median(ordered),
        "p99_ms": 1000 * ordered[int(len(ordered) * 0.99)],
        "max_ms": 1000 * ordered[-1],
    }


def _main(what: str, port: int, *more: int) -> None:
    many = Limits(calls_max=10_000)
    match what:
        case "agent":
            serve_agent(agent_app(_answer, verify=False, limits=many), port=port)
        case "player":
            serve_agent(agent_app(_play, verify=False, pipeline=Pipeline.AUDIO), port=port)
        case "echo":
            asyncio.run(_echo(port))
        case "text":
            print(json.dumps(asyncio.run(_callers(port, more[0], more[1]))))
        case "audio":
            print(json.dumps(asyncio.run(_listeners(port, more[0]))))


if __name__ == "__main__":
    os.chdir(Path(__file__).parent)
    _main(sys.argv[1], *map(int, sys.argv[2:]))
