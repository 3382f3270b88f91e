"""What people write instead: the same people, hours and calls at once; another idea of limits."""

import asyncio
from datetime import timedelta
from uuid import UUID

from tenacity import AsyncRetrying, retry_if_exception_type

from inkbatch.domain.errors import RateLimited
from tests.benchmarks.weeks import AREAS, request

SHUT_NAP = timedelta(minutes=1)
MINUTE_SECONDS = 60


async def retry_after(world):
    """Place, and on a 429 let tenacity wait as long as Retry-After says."""
    people = iter(world.week.people * 4)
    workers = [_retry_after_worker(world, people) for _ in range(world.week.calls_at_once)]
    await asyncio.gather(*workers)


async def _retry_after_worker(world, people):
    for number in people:
        await _hours_of(world, number)
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(RateLimited), wait=_as_told(world), reraise=True
        ):
            with attempt:
                placed = await world.telephony.place_call(request(number))
        await _end_of(world, placed)


def _as_told(world):
    def wait(state):
        return max((state.outcome.exception().hold_until - world.now()).total_seconds(), 1)

    return wait


async def fixed_window(world):
    """Count calls and minutes since midnight, and dial while both limits have something left."""
    people, count = iter(world.week.people * 4), _Count(world)
    workers = [_fixed_worker(world, people, count) for _ in range(world.week.calls_at_once)]
    await asyncio.gather(*workers)


class _Count:
    def __init__(self, world):
        self._world, self._date, self.calls, self.minutes = world, None, 0, 0.0

    def has_room(self):
        today = self._world.now().date()
        if today != self._date:
            self._date, self.calls, self.minutes = today, 0, 0.0
        week = self._world.week
        return self.calls < week.calls_limit and self.minutes < week.minutes_limit


async def _fixed_worker(world, people, count):
    for number in people:
        await _hours_of(world, number)
        while not count.has_room():  # noqa: ASYNC110 (midnight is no event)
            await asyncio.sleep(MINUTE_SECONDS)
        count.calls += 1
        try:
            placed = await world.telephony.place_call(request(number))
        except RateLimited:
            await asyncio.sleep(MINUTE_SECONDS)
            continue
        call = await _end_of(world, placed)
        if call.started_at:
            count.minutes += (call.ended_at - call.started_at).total_seconds() / MINUTE_SECONDS


async def _hours_of(world, number):
    """Wait until the number may be called."""
    while not world.week.hours_of_all.is_open(world.now(), AREAS[number[2:5]]):  # noqa: ASYNC110 (no event tells that the hours begin)
        await asyncio.sleep(SHUT_NAP.total_seconds())


async def _end_of(world, placed):
    """Wait until a call has ended, which a rival learns at once and for nothing."""
    call_id = UUID(placed.call.id)
    await world.sleep_until(world.exchange.placed_call(call_id).life.ends_at)
    return world.exchange.placed_call(call_id).at(world.now())
