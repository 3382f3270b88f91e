"""Prefect's database over nights at ordinary limits: a hundred calls a night, a task a call.

The real flows and a real Prefect server with all of its services; phones are pretended, and days
pass by a clock of ours. PREFECT_NIGHTS sets how many nights are lived through.
"""

import json
import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import phonenumbers
import psycopg
import pytest
from prefect import get_client
from prefect.flow_engine import run_flow_async
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_HOME,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)
from prefect.utilities.asyncutils import run_coro_as_sync

from flows.campaign_folder import require_scheduled
from flows.deploying import deployment_of, require_pool
from flows.local_server import EVENT_RETENTION, EVENT_SECONDS_MAX
from flows.nightly import nightly
from flows.surroundings import Surroundings, within
from inkbatch.sandbox import SandboxOptions
from inkbatch.testing import rehearsal
from tests.acceptance.prefect_api import PrefectApi
from tests.acceptance.terminal import bare_terminal, free_port, get_json, wait_until
from tests.month import POOL, send_the_last_events
from tests.trial_campaigns import callees, numbers, write_campaign

pytestmark = pytest.mark.timeout(7_200)

NIGHTS = int(os.environ.get("PREFECT_NIGHTS", "5"))
A_NIGHT = 100
"""Calls, as many as the ordinary limit lets be."""

START = datetime(2027, 3, 1, 15, tzinfo=UTC)
KB, MB = 1_000, 1_000_000
AREAS = [
    str(area)
    for area in range(201, 990)
    if phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550100"))
]
LARGEST, SOME_NIGHTS = 6, 10
TIMES_AS_FAST = 720
"""What the server keeps for an hour stays five seconds, in which a night passes or two."""
SHORTEST_NAP = "1s"
"""PostgreSQL looks once a minute for room to use again, a thousand times between two nights; here
as often as it can, which is a few times.
"""


@dataclass(frozen=True)
class OnSQLite:
    """Prefect's database as a file."""

    home: Path
    environment: dict

    def tables(self):
        """Return the bytes of each table with its indexes."""
        with closing(sqlite3.connect(self.home / "prefect.db")) as database:
            sizes = """
                SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m USING (name)
                WHERE s.aggregate = TRUE GROUP BY 1 ORDER BY 2 DESC
            """
            return dict(database.execute(sizes).fetchall())


@dataclass(frozen=True)
class OnPostgreSQL:
    """Prefect's database on a server."""

    url: str
    environment: dict

    def tables(self):
        """Return the bytes of each table with its indexes."""
        sizes = """
            SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables ORDER BY 2 DESC
        """
        with psycopg.connect(self.url, autocommit=True) as connection:
            tables = {name: int(size) for name, size in connection.execute(sizes).fetchall()}
            (whole,) = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return {**tables, "PostgreSQL's own": whole - sum(tables.values())}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """Give Prefect a database."""
    home = tmp_path / "prefect"
    home.mkdir()
    if request.param == "sqlite":
        return OnSQLite(home, {})
    server = request.getfixturevalue("postgres_server")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS prefect_nights WITH (FORCE)")
        connection.execute("CREATE DATABASE prefect_nights")
        connection.execute(f"ALTER SYSTEM SET autovacuum_naptime = '{SHORTEST_NAP}'")
        connection.execute("SELECT pg_reload_conf()")
    url = str(server.get_uri("prefect_nights"))
    asynchronous = url.replace("postgresql://", "postgresql+asyncpg://")
    return OnPostgreSQL(url, {"PREFECT_API_DATABASE_CONNECTION_URL": asynchronous})


@contextmanager
def server_with_services(folder, database):
    """Run a Prefect server as `inkbatch serve` does, and use it here; its hour is a night long."""
    home, port = folder / "prefect", free_port()
    api = PrefectApi(f"http://127.0.0.1:{port}/api")
    words = ("server", "start", "--port", port, "--log-level", "ERROR")
    retention = {event: seconds / TIMES_AS_FAST for event, seconds in EVENT_SECONDS_MAX.items()}
    environment = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        EVENT_RETENTION: json.dumps(retention),
        "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": str(3_600 / TIMES_AS_FAST),
        **database.environment,
    }
    settings = {
        PREFECT_API_URL: api.url,
        PREFECT_HOME: home,
        PREFECT_LOGGING_TO_API_ENABLED: True,
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,
    }
    with (
        (home / "server.log").open("w") as output,
        bare_terminal(folder).started(*words, module="prefect", output=output, **environment),
        temporary_settings(settings),
    ):
        wait_until(api.is_ready)
        yield api
        run_coro_as_sync(send_the_last_events())


async def live(trial, api, *, each_some):
    """Run a night a day, each once the server has recorded the calls of the one before."""
    await require_pool(POOL)
    ((folder, nights),) = require_scheduled(trial.folder.parent).nights.items()
    deployment = await (await deployment_of(folder, nights)).aapply(work_pool_name=POOL)
    said = {"campaign": str(folder), "report_to": str(trial.folder.parent / "report.html")}
    with within(Surroundings(workplace=trial.workplace)):
        for night in range(NIGHTS):
            await trial.clock.sleep_until(START + night * timedelta(hours=25))
            async with get_client() as client:
                run = await client.create_flow_run_from_deployment(deployment, parameters=said)
            state = await run_flow_async(
                nightly, flow_run=run, parameters=said, return_type="state"
            )
            assert state.is_completed(), state
            wait_until(lambda: task_runs(api) >= len(trial.sandbox.ledger()))
            if night % SOME_NIGHTS == SOME_NIGHTS - 1:
                each_some(night + 1)


def task_runs(api):
    """Return how many the server has."""
    return get_json(f"{api.url}/task_runs/count", {})


async def test_nights_at_ordinary_limits(tmp_path, database, sqlite_template):
    """Prints the database's size, what a call takes of it by table, and the number of task runs."""
    folder = write_campaign(
        tmp_path / "campaigns" / "nights",
        numbers(A_NIGHT * NIGHTS, areas=AREAS),
        schedule={"cron": "0 9 1 1 *", "zone": "Europe/London"},
        attempts={"max": 1},
        pacing={"calls_at_once": 20, "calls_per_minute": "unlimited"},
    )
    opening = rehearsal(
        folder,
        start=START,
        database=shutil.copy(sqlite_template, tmp_path / "inkbatch.db"),
        sandbox_options=SandboxOptions(
            population=callees("no_answer"), calls_limit=A_NIGHT, minutes_limit=A_NIGHT
        ),
        poll_seconds=60,
    )

    def tell(nights):
        size = sum(database.tables().values())
        print(f"\n{type(database).__name__}: {nights} nights, {size / MB:.1f} MB")

    began = perf_counter()
    with server_with_services(tmp_path, database) as api:
        empty = database.tables()
        async with opening as trial:
            await live(trial, api, each_some=tell)
            calls = len(trial.sandbox.ledger())
        full, tasks = database.tables(), task_runs(api)
    grown = {table: (size - empty.get(table, 0)) / calls for table, size in full.items()}
    largest = sorted(grown, key=grown.get, reverse=True)[:LARGEST]
    print(
        f"\n{type(database).__name__}: {NIGHTS} nights, {calls:,} calls, {tasks:,} task runs in "
        f"{perf_counter() - began:.0f} s: {sum(empty.values()) / MB:.1f} MB empty, "
        f"{sum(full.values()) / MB:.1f} MB after, {sum(grown.values()) / KB:.1f} kB a call: "
        + ", ".join(f"{table} {grown[table] / KB:.2f}" for table in largest)
    )
