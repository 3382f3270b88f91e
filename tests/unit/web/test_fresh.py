"""A value for many: who asks while the next one is made does not wait for it."""

import asyncio
import threading

from inkbatch.web.fresh import Fresh


def held_up(*values):
    """Return what makes these values, a 2 only once it may go on, and the events around that."""
    remaining, go_on = iter(values), threading.Event()
    loop, began = asyncio.get_running_loop(), asyncio.Event()

    def make():
        value = next(remaining)
        if value == 2:
            loop.call_soon_threadsafe(began.set)
            assert go_on.wait(timeout=60)
        return value

    return make, began, go_on


async def test_whoever_asks_while_the_next_is_made_has_the_one_before():
    """One waits for the new value, the others have the old one at once; all have one at first."""
    make, began, go_on = held_up(1, 2)
    fresh = Fresh(make=make)
    assert await asyncio.gather(fresh.latest(), fresh.latest()) == [1, 1]
    waiting = asyncio.create_task(fresh.latest(anew=True))
    await began.wait()
    assert await fresh.latest() == 1
    go_on.set()
    assert await waiting == 2


async def test_a_value_that_is_long_past_is_given_to_nobody():
    """While the next one is made, whoever asks waits for it: yesterday's is not shown as now."""
    make, began, go_on = held_up(1, 2, 2)
    fresh = Fresh(make=make, good_for_seconds=0, old_for_seconds_max=-60)
    assert await fresh.latest() == 1
    first = asyncio.create_task(fresh.latest(anew=True))
    await began.wait()
    second = asyncio.create_task(fresh.latest())
    await asyncio.sleep(0)  # it has asked
    assert not second.done()
    go_on.set()
    assert await asyncio.gather(first, second) == [2, 2]
