"""`inkbatch sandbox` as a process of its own, for clients that need a real socket."""

import socket
import subprocess
import sys
from contextlib import contextmanager

import httpx


def unused_port():
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_until_served(process, url):
    """Knock until somebody answers; the process is alive for as long as that takes."""
    while process.poll() is None:
        try:
            return httpx.get(f"{url}/sandbox/ledger")
        except httpx.ConnectError:
            continue
    raise AssertionError(process.stdout.read())


@contextmanager
def served_sandbox(*options):
    """Run the command with these options; gives its URL."""
    port = unused_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "inkbatch", "sandbox", "--port", str(port), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_served(process, url)
        yield url
    finally:
        process.terminate()
        process.communicate()
