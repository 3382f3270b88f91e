"""What is canceled ends, whatever it awaits."""

import asyncio

import pytest

from flows.ending import ending_surely


@pytest.mark.parametrize("lost", [0, 1, 3])
async def test_work_that_loses_a_cancellation_is_canceled_again(lost):
    """Ctrl-C is heard at last even where a library swallowed it."""
    waiting, canceled = asyncio.Event(), []

    async def work() -> None:
        while len(canceled) <= lost:
            try:
                waiting.set()
                await asyncio.Event().wait()
            except asyncio.CancelledError as error:
                canceled.append(error)
        raise canceled[-1]

    ending = asyncio.create_task(ending_surely(work(), again_seconds=0.01))
    await waiting.wait()
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert len(canceled) == lost + 1


async def test_what_the_work_raises_is_raised():
    """An error is no cancellation."""

    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await ending_surely(work())
