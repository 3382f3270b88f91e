"""Whether somebody cancels this run on Prefect's page.

Prefect ends the run's process too, some seconds later; until then nobody else is to be called.
"""

import asyncio
from collections.abc import Callable
from uuid import UUID

from prefect import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.context import FlowRunContext
from prefect.runtime import flow_run

ANSWER_SECONDS_MAX = 2
AWAY_SECONDS = 30
"""So long a server that did not answer is not asked again: what it shows is not what we dial by."""

_CANCELED = [StateType.CANCELLING, StateType.CANCELLED]


class Canceling:
    """Asks Prefect's server about the run that this code belongs to, and the run above it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Ask nothing yet; `monotonic` gives seconds that never go back."""
        self._monotonic = monotonic
        self._ask_from = monotonic()
        self._runs = list[UUID]()
        self.is_canceled = False

    async def look(self, *, every_seconds: float = 0.0) -> bool:
        """Return whether it is canceled, as of the last answer if that is younger than so long."""
        now = self._monotonic()
        if self.is_canceled or now < self._ask_from:
            return self.is_canceled
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                self.is_canceled = await self._ask()
        except Exception:  # noqa: BLE001 (Prefect raises whatever its client meets)
            self._ask_from = now + AWAY_SECONDS
        else:
            self._ask_from = now + every_seconds
        return self.is_canceled

    async def _ask(self) -> bool:
        context = FlowRunContext.get()
        if context is None or context.flow_run is None:
            return False
        if not self._runs:
            root = await asyncio.to_thread(lambda: flow_run.root_flow_run_id)
            self._runs = [context.flow_run.id, UUID(str(root))]
        canceled = FlowRunFilter(
            id=FlowRunFilterId(any_=self._runs),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_CANCELED)),
        )
        async with get_client() as client:  # the one of this run, which is open
            return bool(await client.read_flow_runs(flow_run_filter=canceled, limit=1))
