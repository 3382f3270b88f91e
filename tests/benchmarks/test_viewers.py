"""Fifty people who watch a live campaign of 100,000 contacts while it dials.

Real processes throughout: the sandbox, `inkbatch web`, and `inkbatch run`. One run dials on while
windows without viewers and windows with them take turns, so that both see the same machine. A
viewer keeps the live page's stream open and loads a page every few seconds.
"""

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice, product
from pathlib import Path
from statistics import median, quantiles

import httpx
import psutil

from tests.served_sandbox import served_sandbox, unused_port
from tests.trial_campaigns import write_campaign

CONTACTS = int(os.environ.get("VIEWERS_CONTACTS", "100000"))
VIEWERS = 50
ROUNDS = int(os.environ.get("VIEWERS_ROUNDS", "5"))
WINDOW_SECONDS = 15.0
LOADS_EVERY_SECONDS = 10.0
CALLS_AT_ONCE = int(os.environ.get("VIEWERS_CALLS_AT_ONCE", "100"))
"""As fast as it can; fewer calls at once leave the processors time."""

PASSWORD = "watch"
PAGES = ("", "/attempts", "/people", "/people?q=0142", "/attempts?outcome=answered")


@dataclass
class Seen:
    """What the viewers met: seconds of each page, and events of their streams."""

    loads: dict = field(default_factory=lambda: defaultdict(list))
    events: int = 0
    refused: int = 0


def test_fifty_viewers_of_a_campaign_that_dials(tmp_path, capsys):
    """Prints page times, the rate of dialing with and without viewers, and who used the CPUs."""
    lifted = ("--calls-limit", "0", "--minutes-limit", "0", "--durations", "0.01")
    with served_sandbox(*lifted) as sandbox:
        environment = _environment(tmp_path, sandbox)
        folder = _campaign(tmp_path / "campaigns" / "watched")
        with (
            _process("web", str(tmp_path / "campaigns"), environment=environment) as web,
            _process("run", "--yes", str(folder), environment=environment) as run,
        ):
            rounds, seen = asyncio.run(_rounds(tmp_path / "watched.db", web, run))
    with capsys.disabled():
        _print(rounds, seen)


def _environment(folder, sandbox):
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "INKBATCH_API_KEY": "sandbox",
        "INKBATCH_BASE_URL": f"{sandbox}/api/v1/phone",
        "INKBATCH_DATABASE_URL": f"sqlite:///{folder / 'watched.db'}",
        "INKBATCH_POLL_SECONDS": "0.5",
        "INKBATCH_WEB_VIEWER_PASSWORD": PASSWORD,
    }


def _campaign(folder):
    areas = ("212", "312", "303", "415", "602")
    codes = (
        f"+1{area}{office}{line:04d}"
        for area, office, line in product(areas, range(200, 999), range(10_000))
    )
    rows = [
        {"Phone": number, "Name": f"Person {place}"}
        for place, number in enumerate(islice(codes, CONTACTS))
    ]
    return write_campaign(
        folder, rows, pacing={"calls_at_once": CALLS_AT_ONCE, "calls_per_minute": "unlimited"}
    )


@dataclass
class Served:
    """A process, and where it listens."""

    process: subprocess.Popen
    url: str = ""

    def cpu_seconds(self):
        """Return what it has used so far."""
        used = psutil.Process(self.process.pid).cpu_times()
        return used.user + used.system


@contextmanager
def _process(verb, *arguments, environment):
    port = ("--port", str(unused_port())) if verb == "web" else ()
    said = Path(environment["HOME"]) / f"{verb}.log"
    with said.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "inkbatch", verb, *arguments, *port],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        served = Served(process)
        while verb == "web" and not served.url:
            assert process.poll() is None, said.read_text()
            told = re.search(r"http://[\d.:]+", said.read_text())
            served.url = told[0] if told else ""
        yield served
    finally:
        process.terminate()
        process.wait()


async def _rounds(database, web, run):
    """Return for each round: calls per second and CPU shares without and with viewers."""
    seen = Seen()
    while _dialed(database) < 500:
        assert run.process.poll() is None
        await asyncio.sleep(0.5)
    rounds = []
    for _ in range(ROUNDS):
        alone = await _window(database, web, run)
        async with _viewers(web.url, seen):
            watched = await _window(database, web, run)
        rounds.append((alone, watched))
    return rounds, seen


async def _window(database, web, run):
    """Return calls per second, and the shares of one CPU that each process used."""
    before = (_dialed(database), web.cpu_seconds(), run.cpu_seconds(), time.process_time())
    began = time.monotonic()
    await asyncio.sleep(WINDOW_SECONDS)
    assert run.process.poll() is None
    after = (_dialed(database), web.cpu_seconds(), run.cpu_seconds(), time.process_time())
    took = time.monotonic() - began
    return [(late - early) / took for early, late in zip(before, after, strict=True)]


def _dialed(database):
    """Count what was dialed so far; the database is not there at first."""
    if not database.exists():
        return 0
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    try:
        counted = "SELECT count(*) FROM attempt WHERE reserved_at IS NOT NULL"
        return connection.execute(counted).fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


@asynccontextmanager
async def _viewers(url, seen):
    async with asyncio.TaskGroup() as together:
        watching = [together.create_task(_view(url, place, seen)) for place in range(VIEWERS)]
        await asyncio.sleep(2)  # they come in, and their pages are loaded once
        yield
        for task in watching:
            task.cancel()


async def _view(url, place, seen):
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        await client.post("/login", data={"name": f"viewer {place}", "password": PASSWORD})
        async with asyncio.TaskGroup() as both:
            both.create_task(_stream(client, seen))
            both.create_task(_load(client, place, seen))


async def _stream(client, seen):
    async with client.stream("GET", "/campaigns/watched/events", timeout=None) as answer:
        seen.refused += answer.status_code != httpx.codes.OK
        async for chunk in answer.aiter_bytes():
            seen.events += chunk.count(b"event: ")


async def _load(client, place, seen):
    await asyncio.sleep(LOADS_EVERY_SECONDS * place / VIEWERS)
    for page in islice(cycle(PAGES), place % len(PAGES), None):
        began = time.perf_counter()
        answer = await client.get(f"/campaigns/watched{page}")
        seen.loads[page or "live"].append(time.perf_counter() - began)
        seen.refused += answer.status_code != httpx.codes.OK
        await asyncio.sleep(LOADS_EVERY_SECONDS)


def _print(rounds, seen):
    print(f"\n{VIEWERS} viewers of a campaign of {CONTACTS:,} with {CALLS_AT_ONCE} calls at once")
    print("  page                       loads   p50 ms   p95 ms   max ms")
    every = [seconds for taken in seen.loads.values() for seconds in taken]
    for page, taken in [*seen.loads.items(), ("all", every)]:
        cuts = quantiles(taken, n=20)
        figures = (1e3 * seconds for seconds in (median(taken), cuts[-1], max(taken)))
        print(f"  {page:25} {len(taken):6}", *(f"{figure:8.0f}" for figure in figures))
    print(f"  {seen.events} events were streamed, {seen.refused} requests refused")
    print("  calls a second:  alone  watched  ratio    CPUs: web    run    viewers")
    for alone, watched in rounds:
        print(
            f"  {alone[0]:20.1f} {watched[0]:8.1f} {watched[0] / alone[0]:6.3f} "
            f"{watched[1]:13.2f} {watched[2]:6.2f} {watched[3]:8.2f}"
        )
    ratios = [watched[0] / alone[0] for alone, watched in rounds]
    print(f"  ratio of the medians of all rounds: {median(ratios):.3f}")
