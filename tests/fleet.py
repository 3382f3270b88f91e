"""Many machines as processes of this one: PostgreSQL, a Prefect server, workers and a sandbox."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

from flows.local_server import LEASES, LEASES_IN_FILES
from tests.acceptance.prefect_api import PrefectApi
from tests.acceptance.terminal import (
    PretendInkbox,
    Terminal,
    free_port,
    kill_group,
    sandbox_process,
    session_of,
    wait_until,
)

POOL = "inkbatch"
LEASE_SECONDS = 30
"""So long a dead worker's run keeps another run of its campaign from starting."""


@dataclass
class Fleet:
    """What runs: `database_url` is the store's, `prefect` the server's API."""

    folder: Path
    terminal: Terminal
    sandbox: PretendInkbox
    database_url: str
    prefect_database_url: str
    port: int
    server: subprocess.Popen = None
    workers: list = field(default_factory=list)

    @property
    def prefect(self):
        """The server's API."""
        return PrefectApi(f"http://127.0.0.1:{self.port}/api")

    def run(self, *words):
        """Run `inkbatch WORDS` as a person would, and require that it went well."""
        said = self.terminal.run(*words)
        assert said.code == 0, said
        return said

    def start_server(self):
        """Start the Prefect server on PostgreSQL and wait until it answers."""
        self.server = self._start("server", "server", "start", "--port", self.port)
        wait_until(self.prefect.is_ready)

    def start_worker(self, *options):
        """Start one more machine; `options` are those of `prefect worker start`."""
        name = f"worker-{len(self.workers)}"
        words = ("worker", "start", "--pool", POOL, "--name", name, "--type", "process", *options)
        self.workers.append(self._start(name, *words))

    def nights(self, *names):
        """Start a night of these campaigns, by default of every one; return the runs' ids."""
        deployments = self.prefect.all("deployments")
        return [
            self.prefect.start(each["id"])
            for each in deployments
            if not names or each["name"] in names
        ]

    def restart_server(self):
        """Kill the server and start it anew; the runs go on meanwhile."""
        kill_group(self.server)
        self.server.wait()
        self.start_server()

    def busiest_worker(self):
        """Return the place of the one with the most processes: it is at work."""
        sizes = [len(session_of(worker)) for worker in self.workers]
        return sizes.index(max(sizes))

    def kill_worker(self, index):
        """SIGKILL a worker with all that it runs, as a machine that loses its power."""
        kill_group(self.workers[index])

    @contextmanager
    def stopped_worker(self, index):
        """Let a worker and all that it runs stand still, as a machine that sleeps."""
        self._signal_group(index, signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal_group(index, signal.SIGCONT)

    def stop(self):
        """End everything."""
        for process in (*self.workers, self.server):
            if process is not None:
                kill_group(process)
                process.wait()

    def _signal_group(self, index, number):
        for pid in session_of(self.workers[index]):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _start(self, name, *words):
        with (self.folder / f"{name}.log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "prefect", *map(str, words)],
                cwd=self.folder,
                env=self.terminal.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@contextmanager
def fleet(folder, postgres_server, *, terminal_in, sandbox_options=()):
    """Start all but workers and campaigns, with databases of their own."""
    urls = {name: _database(postgres_server, name) for name in ("fleet_store", "fleet_prefect")}
    with ExitStack() as running:
        sandbox_terminal = terminal_in(folder)
        sandbox = running.enter_context(
            sandbox_process(sandbox_terminal, free_port(), *sandbox_options)
        )
        port = free_port()
        terminal = terminal_in(folder, sandbox)
        terminal = replace(
            terminal,
            environment={
                **terminal.environment,
                "INKBATCH_DATABASE_URL": urls["fleet_store"],
                "INKBATCH_LINGER_SECONDS": "3",
                "PREFECT_HOME": str(folder / "prefect"),
                "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
                "PREFECT_API_DATABASE_CONNECTION_URL": urls["fleet_prefect"].replace(
                    "postgresql://", "postgresql+asyncpg://"
                ),
                "PREFECT_SERVER_UI_ENABLED": "false",
                "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                "DO_NOT_TRACK": "1",
                "PREFECT_WORKER_QUERY_SECONDS": "1",
                "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": str(LEASE_SECONDS),
                "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "2",
                LEASES: LEASES_IN_FILES,
            },
        )
        made = Fleet(
            folder=folder,
            terminal=terminal,
            sandbox=sandbox,
            database_url=urls["fleet_store"],
            prefect_database_url=urls["fleet_prefect"],
            port=port,
        )
        running.callback(made.stop)
        made.run("db", "upgrade")
        made.start_server()
        yield made


def _database(server, name):
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return str(server.get_uri(name))
