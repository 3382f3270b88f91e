"""How far a campaign is, as an artifact on Prefect's page that moves while a run goes on."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact

from flows.artifact_keys import artifact_key
from inkbatch.dialer.run import OnPass, PassResult
from inkbatch.dialer.shift import Shift
from inkbatch.domain.contact import count_left

EVERY_SECONDS = 10.0
ANSWER_SECONDS_MAX = 10.0
"""The last of them is shown while the run still holds the campaign's lock."""

COSTS_AT_MOST = 0.05
"""Of a very large campaign it is counted more rarely: it takes this share of the time at most."""

log = logging.getLogger("inkbatch.flows")


@asynccontextmanager
async def progress_shown(shift: Shift) -> AsyncIterator[OnPass]:
    """Yield what is to be called after each pass; trouble with Prefect stops no dial."""
    shown = _Shown(shift)
    following = asyncio.create_task(shown.follow())
    try:
        yield shown.after_pass
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        await shown.update()


class _Shown:
    def __init__(self, shift: Shift) -> None:
        self._shift = shift
        self._passed = asyncio.Event()
        self._artifact: UUID | None = None

    def after_pass(self, _: PassResult) -> None:
        self._passed.set()

    async def follow(self) -> None:
        """Show what there is after each pass, but not too often."""
        while True:
            await self._passed.wait()
            self._passed.clear()
            began = time.monotonic()
            await self.update()
            await asyncio.sleep(max(EVERY_SECONDS, (time.monotonic() - began) / COSTS_AT_MOST))

    async def update(self) -> None:
        try:
            done, total = await asyncio.to_thread(self._count)
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                percent = 100 * done / total if total else 0
                await self._show(percent, f"{done:,} of {total:,} people")
        except Exception as error:  # noqa: BLE001 (Prefect raises whatever its client meets)
            fields = {"campaign": self._shift.record.name, "error": type(error).__name__}
            log.warning("progress_not_shown", extra={"fields": fields})

    async def _show(self, percent: float, people: str) -> None:
        name = self._shift.record.name
        said = f"Campaign {name}: {people} are reached or done with"
        if self._artifact is None:
            key = artifact_key(f"{name}-progress")
            self._artifact = await acreate_progress_artifact(percent, key=key, description=said)
        else:
            await aupdate_progress_artifact(self._artifact, percent, description=said)

    def _count(self) -> tuple[int, int]:
        with self._shift.store.reading() as tx:
            people = tx.counts(self._shift.record.id, now=self._shift.clock.now()).contacts
        total = sum(people.values())
        return total - count_left(people), total
