"""A PostgreSQL server of one's own, for as long as a process lives."""

import atexit
import tempfile
from contextlib import contextmanager

import pgserver
import psycopg

from inkbatch.adapters.store import upgrade

FASTER = {"fsync": "off", "full_page_writes": "off", "plan_cache_mode": "force_generic_plan"}
"""Nobody takes this machine's power, and each seed's tables are as small as the last one's."""


@contextmanager
def fresh_postgresql():
    """Yield the address of an upgraded database on a new server."""
    server = pgserver.get_server(tempfile.mkdtemp(prefix="inkbatch-sim-"), cleanup_mode="delete")
    atexit.register(server.cleanup)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for name, value in FASTER.items():
            connection.execute(f"ALTER SYSTEM SET {name} = {value}")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE simulated")
    url = str(server.get_uri("simulated"))
    upgrade(url)
    yield url
