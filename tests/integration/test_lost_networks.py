"""A network or a machine that is lost: PostgreSQL is to notice soon, since a lock goes with it."""

import tempfile

import pgserver
import pytest

from inkbatch.adapters.store.engine import make_engine, parse_url
from inkbatch.adapters.store.keepalives import IDLE_SECONDS, INTERVAL_SECONDS, PROBES
from tests.acceptance.terminal import free_port

HALF_A_MINUTE = 30


@pytest.fixture
def by_tcp():
    """The address of a server that listens on loopback, as one on another machine would."""
    folder, port = tempfile.mkdtemp(prefix="inkbatch-tcp-"), free_port()
    server = pgserver.get_server(folder, cleanup_mode="delete")
    listening = f"-h 127.0.0.1 -p {port} -k {folder}"
    pgserver.pg_ctl(
        ["restart", "-w", "-m", "fast", "-o", listening, "-l", str(server.log)],
        pgdata=server.pgdata,
        user=server.system_user,
        timeout=30,
    )
    yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    server.cleanup()


def test_the_server_asks_within_half_a_minute_whether_a_silent_client_lives(by_tcp):
    """By itself it asks after two hours, in which nobody else could take over the campaign."""
    engine = make_engine(parse_url(by_tcp))
    with engine.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"SHOW tcp_keepalives_{name}").scalar_one()
            for name in ("idle", "interval", "count")
        }
    engine.dispose()
    assert told == {
        "idle": str(IDLE_SECONDS),
        "interval": str(INTERVAL_SECONDS),
        "count": str(PROBES),
    }
    assert IDLE_SECONDS + INTERVAL_SECONDS * PROBES <= HALF_A_MINUTE
