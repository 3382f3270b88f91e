"""A whole campaign, night after night, in under a minute: real flows, pretend phones."""

import asyncio
import contextlib
import logging
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType

from flows.demo_summary import show_demo_summary
from flows.demo_talk import CALLS_TALKED, PATIENCE, TalkClock, talking
from flows.local_server import local_server
from flows.prefect_tables import make_prefect_tables
from flows.surroundings import Surroundings, within
from inkbatch.adapters.clock import VirtualClock
from inkbatch.cli.output import console, say
from inkbatch.cli.progress import Progress
from inkbatch.dialer.run import OnPass, ShiftResult
from inkbatch.domain.errors import InkbatchError
from inkbatch.sandbox import MediaMode, MediaOptions, Population, Sandbox, SandboxOptions
from inkbatch.settings import load_settings
from inkbatch.showing import export
from inkbatch.wiring import Workplace, in_process, load_campaign, sample_campaign

FIRST_NIGHT = datetime(2026, 11, 2, 13, 0, tzinfo=UTC)
"""A Monday morning on the east coast of the United States; the demo is the same on every day."""

RUNS_MAX = 1000
"""More runs than any demo needs; reaching it would mean that the campaign does not end."""

DIAL_FAILURE_RATE = 0.02
POLL_SECONDS, LINGER_SECONDS = 60, 6 * 3600
"""Virtual seconds: a night is one run, which waits inside it for windows to open and budget."""


def run_demo(*, seed: int, out: Path, talk: bool = False) -> None:
    """Dial the sample campaign against a sandbox in this process, then show what came of it.

    With `talk` the first calls that are answered are really talked with the sample's agent.
    """
    database = _fresh_database(out)
    say("Starting Prefect on this machine, for as long as the demo lasts ...")
    try:
        with _quiet_prefect():
            asyncio.run(_live_through(seed=seed, out=out, database=database, talk=talk))
    except KeyboardInterrupt:
        say("\nThe demo was stopped; nobody was called.")
        raise


async def _live_through(*, seed: int, out: Path, database: Path, talk: bool) -> None:
    clock = TalkClock(FIRST_NIGHT)
    sandbox = Sandbox(_sandbox_options(seed, talk=talk), clock=clock)
    settings = load_settings(
        api_key="sandbox",
        agent_token=secrets.token_urlsafe(),
        base_url="http://127.0.0.1/api/v1/phone",
        database_url=f"sqlite:///{database}",
        poll_seconds=POLL_SECONDS,
        linger_seconds=LINGER_SECONDS,
    )
    workplace = Workplace(settings=settings, clock=clock, transport=in_process(sandbox.app))
    async with contextlib.AsyncExitStack() as open_now:
        open_now.enter_context(_quiet_stop())
        folder = open_now.enter_context(sample_campaign())
        name = load_campaign(folder).name
        store = workplace.open_store()
        if talk:
            agent = talking(folder, workplace=workplace, store=store, clock=clock, out=out)
            folder = await open_now.enter_async_context(agent)
        live = Progress(
            store,
            campaign=name,
            organisation=settings.organisation_name,
            quiet=not console.is_terminal,
        )
        with live, within(_unwatched(workplace, live.update)):
            nights = await _all_nights(folder, clock=clock, report=out / "report.html")
    with store.reading() as tx:
        record = tx.campaign(name, organisation=settings.organisation_name)
        if record is None:
            raise InkbatchError(f"campaign {name} was not stored")
        counts = tx.counts(record.id, now=clock.now())
    for what, path in (("contacts", "contacts.xlsx"), ("attempts", "attempts.parquet")):
        export(store, record, what=what, to=out / path, clock=clock)
    store.close()
    show_demo_summary(counts, sandbox, nights=nights, out=out)


def _unwatched(workplace: Workplace, on_pass: OnPass) -> Surroundings:
    """Let nobody be told of a pretended campaign, whatever the environment says."""
    return Surroundings(workplace=workplace, on_pass=on_pass, is_watched=False)


def _sandbox_options(seed: int, *, talk: bool) -> SandboxOptions:
    population = Population(seed=seed, dial_failure_rate=DIAL_FAILURE_RATE)
    mode = MediaMode.REAL if talk else MediaMode.SKIP
    media = MediaOptions(mode=mode, calls_max=CALLS_TALKED, agent_patience=PATIENCE)
    return SandboxOptions(population=population, media=media)


async def _all_nights(folder: Path, *, clock: VirtualClock, report: Path) -> int:
    """Run the nightly flow until nothing is left to do; return on how many days it dialed."""
    from flows.deferring import result_of
    from flows.nightly import nightly

    days = set[date]()
    for _ in range(RUNS_MAX):
        state = await nightly(str(folder), report_to=str(report), return_state=True)
        result = await result_of(state)
        if isinstance(result, Exception):
            raise result
        if result.placed:
            say(f"{clock.now():%a %Y-%m-%d}  {result.placed:3} calls; {_next(result)}")
            days.add(clock.now().date())
        if result.problem is not None:
            raise InkbatchError(result.problem)
        if result.wake_at is None:
            return len(days)
        await clock.sleep_until(result.wake_at)
    raise InkbatchError(f"the demo's campaign did not end within {RUNS_MAX} runs")


def _next(result: ShiftResult) -> str:
    if result.wake_at is None:
        return result.why
    return f"goes on {result.wake_at:%a %H:%M} UTC: {result.why.partition(':')[0]}"


def _fresh_database(out: Path) -> Path:
    out.mkdir(parents=True, exist_ok=True)
    for leftover in out.glob("demo.db*"):
        leftover.unlink()
    return out / "demo.db"


def _load() -> None:
    """Import what the nights need, which takes seconds; Ctrl-C counts right after.

    In the middle, what is imported would take it for an error of its own, and go on.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        import flows.nightly  # noqa: F401 (only its import matters)
        import inkbatch.adapters.call_lists
        import inkbatch.adapters.reports
        import inkbatch.adapters.store  # noqa: F401 (only its import matters)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def _quiet_stop() -> Iterator[None]:
    """Let Ctrl-C end the demo as asyncio does, without a report of each run that it cancels."""
    stop = signal.getsignal(signal.SIGINT)

    def stop_quietly(number: int, frame: FrameType | None) -> None:
        logging.disable(logging.CRITICAL)
        if callable(stop):
            stop(number, frame)

    signal.signal(signal.SIGINT, stop_quietly)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, stop)


@contextmanager
def _quiet_prefect() -> Iterator[None]:
    home = tempfile.mkdtemp(prefix="inkbatch-demo-")
    make_prefect_tables(Path(home))
    # Nobody sees this server: what it would log or offer there costs seconds for nothing.
    os.environ["PREFECT_LOGGING_TO_API_ENABLED"] = "false"
    os.environ["PREFECT_API_BLOCKS_REGISTER_ON_START"] = "false"
    os.environ["PREFECT_SERVER_UI_ENABLED"] = "false"
    try:
        with local_server(home=home, serves=False, meanwhile=_load):
            yield
    finally:
        shutil.rmtree(home, ignore_errors=True)
