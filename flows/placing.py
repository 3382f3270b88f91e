"""Dialing as Prefect tasks: one per call where a person can follow, one per batch above that."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas import State
from prefect.states import Completed
from prefect.utilities.annotations import quote

from inkbatch.dialer.shift import PlaceOne, place_together
from inkbatch.domain.attempt import Attempt

Result = TypeVar("Result")
Dial: TypeAlias = Callable[[], Awaitable[Result]]

TASK_PER_CALL_MAX = 10
"""Larger batches are one task: Prefect records 30 to 40 task runs a second and loses the rest."""


async def place_visibly(attempts: Sequence[Attempt], place_one: PlaceOne) -> None:
    """Dial a batch at once, so that it is seen on Prefect's page."""
    if len(attempts) > TASK_PER_CALL_MAX:
        await place_batch(len(attempts), _hidden(lambda: place_together(attempts, place_one)))
        return

    async def place_as_task(attempt: Attempt) -> str:
        await place_call(attempt.label, _hidden(lambda: place_one(attempt)))
        return attempt.id

    await place_together(attempts, place_as_task)


def _hidden(dial: Dial[Result]) -> Dial[Result]:
    """Let Prefect hand the function over without looking inside it."""
    quoted: Dial[Result] = quote(dial)  # type: ignore[assignment]  # Prefect unwraps it
    return quoted


# Never retried, cached or persisted by Prefect: the attempt in our store decides, and a dial
# that is repeated makes a phone ring twice.
@task(name="place-call", task_run_name="{label}", cache_policy=NO_CACHE, persist_result=False)
async def place_call(label: str, dial: "Dial[str]") -> State:  # noqa: ARG001 (names the run)
    """Dial one attempt; the state's message says what came of it."""
    return Completed(message=await dial())


@task(
    name="place-batch",
    task_run_name="{calls} calls",
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def place_batch(calls: int, dial: "Dial[None]") -> None:  # noqa: ARG001 (names the run)
    """Dial a batch of attempts."""
    await dial()
