"""The real program as a person runs it: processes with an environment and a folder of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.request import Request, urlopen

import psutil

SECONDS_MAX = 120
"""A limit, never an expectation: a process that takes longer hangs."""

LOOK_AGAIN_SECONDS = 0.05


@dataclass(frozen=True)
class Said:
    """What a process said, and the code it ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """The one JSON document on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Terminal:
    """A folder and what the environment says in it; nothing of the user's own is read."""

    folder: object
    environment: dict

    def run(self, *words, answer=None, **environment):
        """Run `inkbatch WORDS` to its end; `answer` is typed at its question."""
        with self.started(*words, **environment) as process:
            return self.end_of(process, answer=answer)

    @contextmanager
    def started(self, *words, output=subprocess.PIPE, module="inkbatch", **environment):
        """Start `inkbatch WORDS`; whatever it started is gone when the block is left.

        `output` is an open file for all it says, where nobody reads it from the process; `module`
        is another program to start.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, words)],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            kill_descendants(process)
            kill_group(process)
            process.communicate()

    @staticmethod
    def end_of(process, *, answer=None, seconds_max=SECONDS_MAX):
        """Wait for a started process to end by itself."""
        out, err = process.communicate(answer, timeout=seconds_max)
        return Said(process.returncode, out, err)


@dataclass(frozen=True)
class PretendInkbox:
    """A sandbox that runs as a process of its own."""

    port: int
    process: subprocess.Popen

    @property
    def base_url(self):
        """Where its API is."""
        return f"http://127.0.0.1:{self.port}/api/v1/phone"

    def ledger(self):
        """Return every call that was dialed, oldest first."""
        return self._told()["calls"]

    def answers_by_status(self):
        """Return how many requests were answered with each status."""
        return self._told()["answers_by_status"]

    def wait_for_calls(self, count, *, process):
        """Wait until so many calls were dialed; fails at once if the process ends before."""

        def has_them():
            return is_running(process) and len(self.ledger()) >= count

        wait_until(has_them)

    @contextmanager
    def held_up(self):
        """Let requests arrive and none be answered, as a network does at its worst moment."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def _told(self):
        return get_json(f"http://127.0.0.1:{self.port}/sandbox/ledger")


def bare_terminal(folder, sandbox=None):
    """Open a terminal in a folder, with nothing of the user's environment in it."""
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "COLUMNS": "200",
        "NO_COLOR": "1",
        "INKBATCH_API_KEY": "sandbox",
        "INKBATCH_POLL_SECONDS": "0.2",
        "INKBATCH_QUIET_SECONDS": "2",
    }
    if sandbox is not None:
        environment["INKBATCH_BASE_URL"] = sandbox.base_url
    return Terminal(folder, environment)


@contextmanager
def sandbox_process(terminal, port, *options):
    """Run `inkbatch sandbox` for as long as the block lasts."""
    with terminal.started("sandbox", "--port", port, *options) as process:
        sandbox = PretendInkbox(port, process)

        def answers():
            assert process.poll() is None, f"the sandbox ended: {process.stderr.read()}"
            with suppress(OSError):
                return sandbox.ledger() == []

        wait_until(answers)
        yield sandbox


@contextmanager
def sandbox_in(folder, *options):
    """Run `inkbatch sandbox` from a folder on a free port, with nothing of the user's own."""
    terminal = Terminal(folder, {"HOME": str(folder), "PATH": os.defpath})
    with sandbox_process(terminal, free_port(), *options) as sandbox:
        yield sandbox


def free_port():
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get_json(url, body=None):
    """Ask a server on this machine; a `body` is posted to it as JSON."""
    posted = None if body is None else json.dumps(body).encode()
    request = Request(url, posted, {"Content-Type": "application/json"})  # noqa: S310 (loopback)
    with urlopen(request, timeout=30) as answer:  # noqa: S310 (a loopback address)
        return json.load(answer)


def wait_until(condition, *, looks=1, seconds_max=SECONDS_MAX):
    """Look until the condition holds so many times in a row; fails once the limit is over."""
    give_up_at, held = time.monotonic() + seconds_max, 0
    while held < looks:
        assert time.monotonic() < give_up_at, f"still waiting after {seconds_max} s"
        held = held + 1 if condition() else 0
        if held < looks:
            time.sleep(LOOK_AGAIN_SECONDS)


def is_running(process):
    """Whether a process that must not end yet runs; fails with what it said if it does not."""
    assert process.poll() is None, f"it ended with {process.returncode}: {process.communicate()}"
    return True


def group_is_alive(process):
    """Whether the process or anything that it started still runs: all share its session."""
    return bool(session_of(process))


def kill_group(process):
    """End a process and everything it started, at once."""
    for pid in session_of(process):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_descendants(process):
    """End what a process that lives has started, in sessions of their own too, as the page does."""
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.kill()


def session_of(process):
    """Return the ids of a process and of all that it started, as far as they live."""
    return [pid for pid in psutil.pids() if _session_id(pid) == process.pid and _is_alive(pid)]


def _session_id(pid):
    with suppress(OSError):
        return os.getsid(pid)


def _is_alive(pid):
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
