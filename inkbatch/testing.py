"""Rehearse a campaign: the real dialer and database, pretend phones, and days that pass at once.

::

    async with rehearsal(folder, start=MONDAY_MORNING, database=tmp_path / "trial.db") as trial:
        result = await trial.run()
        assert result.placed == len(trial.sandbox.ledger())

Nothing is patched and nobody waits. Faults are put into `transport_wrap`, between the client and
the sandbox, where a real network would have them.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkbatch.adapters.clock import VirtualClock
from inkbatch.dialer.run import OnPass, ShiftResult, run_shift
from inkbatch.dialer.shift import Desk, Placing, Shift, begin_shift, place_together
from inkbatch.domain.errors import InkbatchError
from inkbatch.ports import CampaignCounts, CampaignRecord
from inkbatch.sandbox import Sandbox, SandboxOptions
from inkbatch.settings import Settings
from inkbatch.wiring import Workplace, in_process, load_campaign

if TYPE_CHECKING:
    import httpx

__all__ = ["Rehearsal", "TransportWrap", "rehearsal"]

TransportWrap = Callable[["httpx.AsyncBaseTransport"], "httpx.AsyncBaseTransport"]
"""Puts something between the client and the sandbox, such as a line that loses answers."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """A campaign on trial: its folder, the clock, the pretend Inkbox, and the desk that dials.

    For a second campaign on the same database, clock and sandbox: `replace(trial, folder=other)`.
    """

    folder: Path
    clock: VirtualClock
    sandbox: Sandbox
    workplace: Workplace
    desk: Desk

    async def run(
        self, *, linger: timedelta | None = None, on_pass: OnPass | None = None
    ) -> ShiftResult:
        """Work one shift, by default until nothing is due at all, however many days that takes.

        Raises whatever `inkbatch run` would tell its user.
        """
        async with self.shift() as shift:
            return await run_shift(shift, linger=linger, on_pass=on_pass)

    @asynccontextmanager
    async def shift(self) -> AsyncIterator[Shift]:
        """Enroll the campaign and hold its dialing lock, for those who run the passes themselves.

        Leaving the block by an error leaves a dead shift behind, as a killed process does.
        """
        ready = await self.workplace.prepare(self.desk, self.folder)
        with begin_shift(
            self.desk, campaign=ready.campaign, record=ready.record, own_numbers=ready.own_numbers
        ) as shift:
            yield shift

    def record(self) -> CampaignRecord:
        """Return the campaign as stored; raises InkbatchError before its first shift."""
        name = load_campaign(self.folder).name
        with self.desk.store.reading() as tx:
            record = tx.campaign(name, organisation=self.workplace.settings.organisation_name)
        if record is None:
            raise InkbatchError(f"campaign {name} is not stored yet; run its rehearsal first")
        return record

    def counts(self) -> CampaignCounts:
        """Return the campaign's rows, contacts and attempts, counted once."""
        record = self.record()
        with self.desk.store.reading() as tx:
            return tx.counts(record.id, now=self.clock.now())


@asynccontextmanager
async def rehearsal(
    folder: Path,
    *,
    start: datetime,
    database: Path,
    sandbox_options: SandboxOptions | None = None,
    transport_wrap: TransportWrap | None = None,
    placing: Placing = place_together,
    **settings: Any,
) -> AsyncIterator[Rehearsal]:
    """Open a fresh sandbox at the virtual time `start`, and an SQLite database that may exist.

    `settings` are those of `Settings`, such as `poll_seconds=20`; the environment is not read.
    """
    clock = VirtualClock(start)
    sandbox = Sandbox(sandbox_options, clock=clock)
    transport = in_process(sandbox.app)
    workplace = Workplace(
        settings=_settings(database_url=f"sqlite:///{database}", **settings),
        clock=clock,
        transport=transport if transport_wrap is None else transport_wrap(transport),
    )
    async with workplace.desk(placing) as desk:
        yield Rehearsal(folder=folder, clock=clock, sandbox=sandbox, workplace=workplace, desk=desk)


def _settings(**given: Any) -> Settings:
    """Return settings that name every value, since what is not named the environment would fill."""
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    loopback = {"api_key": "sandbox", "base_url": "http://127.0.0.1/api/v1/phone"}
    return Settings(**{**defaults, **loopback, **given})
