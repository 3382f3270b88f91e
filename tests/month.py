"""Nights on end: runs that Prefect's server scheduled, the real flows, and a clock that is ours.

The server computes the schedule of the real deployment, as for a backfill. Each run that stands in
it is then run in its turn by Prefect's engine, with our clock set to its time, and ends in the
state that the server agreed to.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from inspect import isawaitable
from pathlib import Path
from uuid import UUID

from prefect import get_client
from prefect.events.worker import EventsWorker
from prefect.flow_engine import run_flow_async
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_EVENTS_WORKER_MAX_QUEUE_SIZE,
    PREFECT_HOME,
    PREFECT_LOGGING_LEVEL,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)
from prefect.utilities.asyncutils import run_coro_as_sync

from flows.campaign_folder import require_scheduled
from flows.deferring import result_of
from flows.deploying import deployment_of, require_pool
from flows.nightly import nightly
from flows.prefect_tables import make_prefect_tables
from flows.surroundings import Surroundings, within
from inkbatch.dialer.run import ShiftResult
from inkbatch.testing import Rehearsal
from tests.acceptance.prefect_api import PrefectApi
from tests.acceptance.terminal import free_port, get_json, wait_until
from tests.trial_campaigns import call_by_hand

POOL = "inkbatch"
RUNS_A_DAY_MAX = 15
NIGHTS_MAX = 100
RUNS_A_PAGE = 200
FROM_NUMBER_BY_HAND = "+14155550101"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A run that ended: `at` is when it began by our clock.

    `stands` is how many runs stood in Prefect for `wake_at` when it had ended, but for nights.
    """

    run: dict
    at: datetime
    state: str
    wake_at: datetime | None
    stands: int


@dataclass(frozen=True, kw_only=True)
class Off:
    """The machine is off from one moment to another."""

    since: datetime
    until: datetime

    def starts(self, due_at):
        """Return when a run that is due then really starts."""
        return self.until if self.since <= due_at < self.until else due_at


@contextmanager
def prefect_server(terminal):
    """Run a server that has no services of its own and so runs nothing; and use it here."""
    home, port = Path(terminal.folder) / "prefect", free_port()
    make_prefect_tables(home)
    api = PrefectApi(f"http://127.0.0.1:{port}/api")
    words = ("server", "start", "--port", port, "--no-services", "--log-level", "ERROR")
    settings = {
        PREFECT_API_URL: api.url,
        # Events make task runs, which nobody looks at here; sending them takes longer than a month.
        PREFECT_EVENTS_WORKER_MAX_QUEUE_SIZE: 1,
        PREFECT_HOME: home,
        PREFECT_LOGGING_LEVEL: "WARNING",
        PREFECT_LOGGING_TO_API_ENABLED: False,
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,
    }
    environment = {"PREFECT_HOME": str(home), "PREFECT_SERVER_UI_ENABLED": "false"}
    with (
        (home / "server.log").open("w") as output,
        terminal.started(*words, module="prefect", output=output, **environment),
        temporary_settings(settings),
    ):
        wait_until(api.is_ready)
        yield api
        run_coro_as_sync(send_the_last_events())


async def send_the_last_events():
    """Wait for them while the server is there, or the process would try at its end."""
    sending = EventsWorker.drain_all()
    if isawaitable(sending):
        await sending


@dataclass
class Month:
    """The nights of one campaign from `since` to `until`, and what came of each run.

    `numbers_by_hand` are whom others of the organisation call on a date, as soon as the budget
    lets them.
    """

    trial: Rehearsal
    api: PrefectApi
    since: datetime
    until: datetime
    off: Off
    numbers_by_hand: dict
    deployment: UUID = None
    ended: list = field(default_factory=list)
    refused_by_hand: int = 0

    async def live(self):
        """Let Prefect schedule the nights, and run whatever stands there until nothing does."""
        await self._schedule()
        runs_max = RUNS_A_DAY_MAX * ((self.until - self.since).days + 1)
        with within(Surroundings(workplace=self.trial.workplace)):
            while (run := self._next()) is not None:
                assert len(self.ended) < runs_max, f"the runs become more: {self.ended[-1]}"
                await self._run(run)
        await self.trial.clock.sleep_until(self.until)

    def runs(self, **state):
        """Return the deployment's runs as the server tells them, by the time they are due."""
        wanted = {"deployments": {"id": {"any_": [str(self.deployment)]}}, **state}
        runs = []
        while len(page := self._page(wanted, offset=len(runs))) == RUNS_A_PAGE:
            runs += page
        return runs + page

    def _page(self, wanted, *, offset):
        asked = {**wanted, "sort": "EXPECTED_START_TIME_ASC", "limit": RUNS_A_PAGE}
        return get_json(f"{self.api.url}/flow_runs/filter", {**asked, "offset": offset})

    def _next(self):
        standing = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
        runs = [run for run in self.runs(**standing) if due_at(run) < self.until]
        return min(runs, key=lambda run: (self.off.starts(due_at(run)), due_at(run)), default=None)

    async def _schedule(self):
        ((folder, nights),) = require_scheduled(self.trial.folder.parent).nights.items()
        await require_pool(POOL)
        self.deployment = await (await deployment_of(folder, nights)).aapply(work_pool_name=POOL)
        asked = {"start_time": self.since.isoformat(), "end_time": self.until.isoformat()}
        url = f"{self.api.url}/deployments/{self.deployment}/schedule"
        get_json(url, {**asked, "min_runs": NIGHTS_MAX, "max_runs": NIGHTS_MAX})

    async def _run(self, run):
        await self.trial.clock.sleep_until(self.off.starts(due_at(run)))
        await self._call_by_hand()
        at = self.trial.clock.now()
        async with get_client() as client:
            flow_run = await client.read_flow_run(UUID(run["id"]))
        report_to = str(self.trial.folder.parent / "report.html")
        state = await run_flow_async(
            nightly,
            flow_run=flow_run,
            parameters={**run["parameters"], "report_to": report_to},
            return_type="state",
        )
        result = await result_of(state)
        if isinstance(result, Exception):
            raise result
        wake_at = result.wake_at if isinstance(result, ShiftResult) else None
        stood_at = [due_at(each) for each in self.runs() if not each["auto_scheduled"]]
        self.ended.append(
            Ended(
                run=run,
                at=at,
                state=state.name,
                wake_at=wake_at,
                stands=stood_at.count(wake_at),
            )
        )

    async def _call_by_hand(self):
        left = self.numbers_by_hand.get(self.trial.clock.now().date(), [])
        while left:
            (status,) = await call_by_hand(self.trial, left[0], from_number=FROM_NUMBER_BY_HAND)
            if status == HTTPStatus.TOO_MANY_REQUESTS:
                self.refused_by_hand += 1
                return
            del left[0]


def due_at(run):
    """Return when a run is due."""
    return datetime.fromisoformat(run["expected_start_time"])
