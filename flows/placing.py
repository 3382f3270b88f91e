"""Dialing as Prefect tasks: one per call where a person can follow, one per batch above that."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias, TypeVar

from prefect import get_run_logger, task
from prefect.artifacts import acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas import State
from prefect.states import Completed
from prefect.utilities.annotations import quote

from flows.canceling import Canceling
from flows.task_pace import Shown, TaskPace
from inkbatch.dialer.shift import PlaceOne, place_together
from inkbatch.domain.attempt import Attempt
from inkbatch.ports import Clock

Result = TypeVar("Result")
Dial: TypeAlias = Callable[[], Awaitable[Result]]
Words: TypeAlias = Counter[str]
"""What became of dials, by the word for it: `placed`, or why not."""

LOOK_SECONDS_WHEN_FAST = 1.0


class VisiblePlacing:
    """Dials the batches of one shift so that they are seen on Prefect's page.

    Before each batch it asks whether the run is canceled there, when dialing is fast once a
    second. Then `stopping` is set and nobody of the batch is dialed.
    """

    def __init__(self, clock: Clock) -> None:
        """Tell nothing yet; `stopping` is to become that of the shift."""
        self.stopping = asyncio.Event()
        self.canceling = Canceling(clock.monotonic)
        self._pace = TaskPace(clock.monotonic)
        self._untold: Words = Counter()
        self._told_by_batch: Words = Counter()
        self._batches = 0

    async def __call__(self, attempts: Sequence[Attempt], place_one: PlaceOne) -> None:
        """Dial a batch at once."""
        every_seconds = LOOK_SECONDS_WHEN_FAST if self._pace.is_fast else 0.0
        if await self.canceling.look(every_seconds=every_seconds):
            self.stopping.set()  # then each dial only says that it was stopped
        match self._pace.next(len(attempts)):
            case Shown.CALLS:
                await _place_each(attempts, place_one)
            case Shown.BATCH:
                await self._place_as_batch(attempts, place_one)
            case Shown.LATER:
                await self._place_counted(attempts, place_one)

    async def conclude(self, *, key: str) -> None:
        """Leave the counts of all that was not told call by call, as an artifact."""
        self._tell()
        if not self._told_by_batch:
            return
        calls = self._told_by_batch.total()
        said = f"{calls} dials in {self._batches} tasks, since they came faster than tasks can"
        table = [{"came to": word, "dials": n} for word, n in self._told_by_batch.most_common()]
        get_run_logger().info("%s: %s", said, in_words(self._told_by_batch))
        try:
            await acreate_table_artifact(table, key=key, description=said)
        except Exception as error:  # noqa: BLE001 (no trouble of Prefect's page ends a night)
            get_run_logger().warning("its artifact was not made: %s", type(error).__name__)

    async def _place_as_batch(self, attempts: Sequence[Attempt], place_one: PlaceOne) -> None:
        async def dial() -> Words:
            await self._place_counted(attempts, place_one)
            return self._tell()

        self._batches += 1
        await place_batch(len(attempts) + self._untold.total(), _hidden(dial))

    async def _place_counted(self, attempts: Sequence[Attempt], place_one: PlaceOne) -> None:
        async def counted(attempt: Attempt) -> str:
            word = await place_one(attempt)
            self._untold[word] += 1
            return word

        await place_together(attempts, counted)

    def _tell(self) -> Words:
        told, self._untold = self._untold, Counter()
        self._told_by_batch += told
        return told


def in_words(words: Words) -> str:
    """Return such as «98 placed, 2 DialFailed», the most frequent first."""
    return ", ".join(f"{count} {word}" for word, count in words.most_common())


async def _place_each(attempts: Sequence[Attempt], place_one: PlaceOne) -> None:
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
async def place_batch(calls: int, dial: "Dial[Words]") -> State:  # noqa: ARG001 (names the run)
    """Dial a batch of attempts; message and log say what came of it and of those before."""
    said = in_words(await dial())
    get_run_logger().info("%s", said)
    return Completed(message=said)
