"""A network or a machine that is lost: PostgreSQL is to notice soon, since a lock goes with it."""

import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pgserver
import pytest

from inkbatch.adapters.store.engine import make_engine, parse_url
from inkbatch.adapters.store.locks import AdvisoryLocks
from tests.acceptance.terminal import free_port, wait_until

HALF_A_MINUTE = 30
OF_TRANSACTIONS, OF_THE_LOCK = 1, 1
ESTABLISHED, KEEPALIVE = "01", "02"
TICKS = 100
"""A second in /proc/net/tcp."""


@pytest.fixture
def port():
    """A server that listens on loopback, as one on another machine would."""
    folder, port = tempfile.mkdtemp(prefix="inkbatch-tcp-"), free_port()
    server = pgserver.get_server(folder, cleanup_mode="delete")
    listening = f"-h 127.0.0.1 -p {port} -k {folder}"
    pgserver.pg_ctl(
        ["restart", "-w", "-m", "fast", "-o", listening, "-l", str(server.log)],
        pgdata=server.pgdata,
        user=server.system_user,
        timeout=30,
    )
    yield port
    server.cleanup()


def asks_in(port):
    """Return in how many seconds the kernel asks whether each silent client of the server lives."""
    sockets = map(str.split, Path("/proc/net/tcp").read_text("utf-8").splitlines()[1:])
    timers = [
        timer.partition(":")
        for _, local, _, state, _, timer, *_ in sockets
        if state == ESTABLISHED and local.endswith(f":{port:04X}")
    ]
    return [int(left, 16) / TICKS for kind, _, left in timers if kind == KEEPALIVE]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what its sockets wait for")
def test_the_server_soon_asks_whether_a_silent_client_lives(port):
    """By itself it asks after two hours, in which nobody else could take over the campaign."""
    url = parse_url(f"postgresql://postgres@127.0.0.1:{port}/postgres")
    engine, locks = make_engine(url), AdvisoryLocks(url)
    with engine.connect(), closing(locks):
        assert locks.take("campaign-1") is not None
        wait_until(lambda: len(asks_in(port)) == OF_TRANSACTIONS + OF_THE_LOCK)
        assert max(asks_in(port)) < HALF_A_MINUTE
    engine.dispose()
