"""The Prefect server: one of our own on this machine, for as long as it is needed, or another."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import urlopen

from inkbatch.domain.errors import InkbatchError

ANSWER_SECONDS_MAX = 10
START_SECONDS_MAX = 120
"""The first start makes Prefect's database, which takes a slow machine a while."""

EVENT_RETENTION = "PREFECT_SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES"
EVENT_SECONDS_MAX = {
    "prefect.task-run.Pending": 3_600,
    "prefect.task-run.Running": 3_600,
    "prefect.task-run.Completed": 3_600,
    "prefect.flow-run.heartbeat": 86_400,
}
"""So long a server keeps these events, other ones seven days.

Three quarters of what a call takes of Prefect's database are the events of its task, which say
nothing that the task run does not.
"""

LEASES = "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"
LEASES_IN_FILES = "prefect.server.concurrency.lease_storage.filesystem"
"""In memory, as by default, they are gone after a power cut, and nothing ever frees the place of
the run that went with it: the campaign's nights would wait for good.
"""

STOP_SECONDS_MAX = 15
"""Prefect waits for its own connections to close; whoever pressed Ctrl-C does not."""


@contextmanager
def local_server(
    *, meanwhile: Callable[[], object], home: str | None = None, serves: bool = True
) -> Iterator[str]:
    """Start one, point this process at it, and stop it at the end; yields its API's address.

    It takes its time, in which `meanwhile` is called. One that is not to serve schedules has no
    background services, and records no task runs.
    """
    port = _free_port()
    api = f"http://127.0.0.1:{port}/api"
    os.environ.update(
        {
            "PREFECT_API_URL": api,
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
            "PREFECT_LOGGING_LEVEL": "WARNING",
            **({"PREFECT_HOME": home} if home else {}),
        }
    )
    os.environ.setdefault(EVENT_RETENTION, json.dumps(EVENT_SECONDS_MAX))
    os.environ.setdefault(LEASES, LEASES_IN_FILES)
    _end_when_the_terminal_closes()
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    server = subprocess.Popen(  # noqa: S603 (our own interpreter and fixed words)
        [
            *command,
            "--host",
            "127.0.0.1",
            "--log-level",
            "ERROR",
            *([] if serves else ["--no-services"]),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # What a terminal sends reaches us alone; the server ends after us, so nothing misses it.
        process_group=0,
    )
    try:
        meanwhile()
        _wait_until_ready(api, server)
        yield api
    finally:
        _end(server)


def require_answer(api: str) -> None:
    """Raise InkbatchError where nothing answers by HTTP; what it answers does not matter."""
    try:
        urlopen(f"{api}/health", timeout=ANSWER_SECONDS_MAX).close()  # noqa: S310 (the user's own)
    except HTTPError:
        return
    except (OSError, ValueError, HTTPException) as error:
        raise InkbatchError(
            f"no Prefect server answers at {api}; start it, or unset PREFECT_API_URL to have one "
            "started for as long as this serves"
        ) from error


def _end(server: "subprocess.Popen[bytes]") -> None:
    """Stop it; its database bears being killed, and nobody waits longer for it."""
    server.terminate()
    try:
        server.wait(timeout=STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _end_when_the_terminal_closes() -> None:
    """Leave by way of every `finally`, so that no server stays behind; `nohup` still holds."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _hang_up)


def _hang_up(*_: object) -> None:
    raise SystemExit(128 + signal.SIGHUP)


def _wait_until_ready(api: str, server: "subprocess.Popen[bytes]") -> None:
    give_up_at = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < give_up_at:
        if server.poll() is not None:
            raise InkbatchError(f"the Prefect server ended at once with exit code {server.poll()}")
        try:
            with urlopen(f"{api}/health", timeout=1):  # noqa: S310 (a loopback address)
                return
        except OSError:
            time.sleep(0.1)
    raise InkbatchError(f"the Prefect server did not answer within {START_SECONDS_MAX} seconds")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
