"""Real processes of the real program that start at once: forked from one that has imported it.

Whoever forks imports inkbatch first and runs no thread, no event loop and no connection, so a
child is what a fresh process would be, half a second sooner.
"""

import asyncio
import importlib
import os
import pkgutil
import signal
import sys
import time
import traceback
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from urllib.error import URLError

import inkbatch.cli
import inkbatch.sandbox
from inkbatch.cli.dialing import dial
from inkbatch.domain.errors import InkbatchError
from inkbatch.settings import load_settings
from inkbatch.testing import rehearsal
from inkbatch.wiring import Workplace
from tests.acceptance.terminal import get_json
from tests.crash_points import CrashPoints
from tests.kills.unprotected import Forgetful

IMPORTED_LATE = (
    "anyio._backends._asyncio",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.auto",
)
"""What libraries import when it is first needed."""

NOT_CAUGHT = 70
"""The status of a process that ended by an exception which only the harness caught."""

SECONDS_MAX = 120
NAP_SECONDS = 0.005


def warm_up(database, campaign):
    """Import all that a dialer and a sandbox need, and what they look up once, by rehearsing."""
    for module in pkgutil.walk_packages(inkbatch.__path__, "inkbatch."):
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)

    for module in IMPORTED_LATE:
        importlib.import_module(module)

    async def rehearse():
        start = datetime(2026, 11, 2, 15, tzinfo=UTC)
        async with rehearsal(campaign, start=start, database=database) as trial:
            await trial.run(linger=timedelta(minutes=1))

    asyncio.run(rehearse())


class Process:
    """A child that runs `work` with its output in a file; its end is waited for here."""

    def __init__(self, work, *, folder, environment):
        self.output = folder / f"output-{time.monotonic_ns()}.txt"
        self.status = None
        self.pid = os.fork()
        if self.pid == 0:
            _be_the_child(work, folder, environment, self.output)

    def has_ended(self):
        """Whether it is over; its status is known from then on."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def wait(self, seconds=SECONDS_MAX):
        """Return whether it ended within so long."""
        until = time.monotonic() + seconds
        while not self.has_ended() and time.monotonic() < until:
            time.sleep(NAP_SECONDS)
        return self.has_ended()

    def signal(self, number):
        """Send a signal; return whether it was still there."""
        if self.has_ended():
            return False
        os.kill(self.pid, number)
        return True

    def kill(self):
        """SIGKILL it; return whether that is what ended it."""
        if self.signal(signal.SIGKILL):
            self.wait()
        return self.status == -signal.SIGKILL

    def said(self):
        """Return its output so far."""
        return self.output.read_text("utf-8")


def _be_the_child(work, folder, environment, output):
    """Become the process that a person starts in this folder; never returns."""
    code = NOT_CAUGHT
    try:
        os.setsid()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        descriptor = os.open(output, os.O_CREAT | os.O_WRONLY, 0o600)
        for standard in (1, 2):
            os.dup2(descriptor, standard)
        code = _ended_with(work)
    except BaseException:  # noqa: BLE001 (whatever it is, the child must not go on as its parent)
        traceback.print_exc()
    finally:
        with suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _ended_with(work):
    try:
        work()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0


def command(*words):
    """Return the work of `inkbatch WORDS`."""

    def work():
        sys.argv = ["inkbatch", *map(str, words)]
        inkbatch.cli.main()

    return work


def dialer(folder):
    """Return the work of `inkbatch run`."""
    return command("run", folder, "--json")


def dialer_that_dies(folder, *, point, nth, strike, protected=True):
    """Return the work of `inkbatch run` whose ports have a point at which it sends itself away."""
    points = CrashPoints(point, nth=nth, strike=strike)

    def work():
        workplace = _Dying(settings=load_settings()).at(points, protected=protected)
        try:
            asyncio.run(dial(workplace, folder, ask=False, wait=True, quiet=True))
        except InkbatchError as error:
            sys.exit(f"{type(error).__name__}: {error}")

    return work


class _Dying(Workplace):
    """The workplace of the command line, with points around its ports."""

    def at(self, points, *, protected):
        """Put the points around what every desk opens."""
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "protected", protected)
        return self

    @asynccontextmanager
    async def desk(self, **keys):
        """Open a desk with points around its ports."""
        async with super().desk(**keys) as desk:
            yield self.points.around(desk if self.protected else Forgetful.around(desk))


def kill_self():
    """End at once, as the kernel does when there is no memory left."""
    os.kill(os.getpid(), signal.SIGKILL)


def stop_self():
    """Stand still until somebody sends SIGCONT."""
    os.kill(os.getpid(), signal.SIGSTOP)


def sandbox(*options):
    """Return the work of `inkbatch sandbox`."""
    return command("sandbox", *options)


def sandbox_that_dies(*options, nth):
    """Return the work of a sandbox that places its nth call and dies before it answers."""

    def work():
        placed = []
        serve = inkbatch.sandbox.serve

        def listener(exchange):
            def changed(call):
                placed.append(call.call_id)
                if len(set(placed)) == nth:
                    kill_self()

            exchange.watch(changed)
            return _Deaf()

        inkbatch.sandbox.serve = lambda *args, **keys: serve(*args, **keys, listeners=[listener])
        command("sandbox", *options)()

    return work


class _Deaf:
    """Hears of no call: the listener is there for the moment at which a call is placed."""

    async def status_changed(self, call):
        """Do nothing."""


@contextmanager
def ended_at_last(processes):
    """Kill whatever still lives when the block is left."""
    try:
        yield
    finally:
        for process in processes:
            process.signal(signal.SIGCONT)
            process.kill()


def ledger_at(port):
    """Return the calls of a sandbox's ledger, None while nobody answers."""
    try:
        return get_json(f"http://127.0.0.1:{port}/sandbox/ledger")["calls"]
    except (URLError, OSError):
        return None


def wait_for_sandbox(port, process):
    """Wait until a sandbox answers; fails where it ended instead."""
    until = time.monotonic() + SECONDS_MAX
    while ledger_at(port) is None:
        if process.has_ended() or time.monotonic() > until:
            raise RuntimeError(f"the sandbox does not answer: {process.said()}")
        time.sleep(NAP_SECONDS)
