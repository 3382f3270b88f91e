"""Seeded weeks under a virtual clock: one exchange, and whoever dials against it.

Everybody waits on the same virtual loop: several campaigns, those who call by hand, and rivals.
"""

import asyncio
import random
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from inkbatch.adapters.inkbox.connections import Answer
from inkbatch.adapters.inkbox.refusals import place_refusal
from inkbatch.adapters.store import open_store
from inkbatch.dialer.run import run_shift
from inkbatch.dialer.shift import Desk, Timing, begin_shift
from inkbatch.domain.errors import RateLimited
from inkbatch.ports import PlaceCall
from inkbatch.sandbox import Exchange, Population, SandboxOptions
from inkbatch.settings import Settings
from inkbatch.testing import ExchangeTelephony
from inkbatch.wiring import Workplace
from tests.benchmarks.clairvoyant import Hours
from tests.simulation.virtual_loop import run_virtually
from tests.trial_campaigns import FROM_NUMBERS, write_campaign

START = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
"""Midnight in New York; the week has no change of clocks."""

OURS, BY_HAND = FROM_NUMBERS
EASTERN = ("201", "202", "212", "215", "216", "305", "404", "412", "617", "704")
AREAS = {
    **dict.fromkeys(EASTERN, "America/New_York"),
    **dict.fromkeys(("312", "314", "414", "504", "512", "612", "615", "713"), "America/Chicago"),
    **dict.fromkeys(("303", "505", "801"), "America/Denver"),
    **dict.fromkeys(("206", "213", "310", "415", "503", "702"), "America/Los_Angeles"),
    "808": "Pacific/Honolulu",
}


@dataclass(frozen=True, kw_only=True)
class Week:
    """What a week is like. `refused_odds` is the share of place-calls that a gateway refuses."""

    name: str
    hours: tuple[str, ...]
    areas: tuple[str, ...] = EASTERN
    population: Population = field(default_factory=Population)
    calls_limit: int = 100
    minutes_limit: float = 100.0
    minutes_max: float = 10.0
    calls_at_once: int = 5
    campaigns: int = 1
    by_hand_a_day: int = 0
    refused_odds: float = 0.0
    minutes_bind: bool = False
    calls_per_minute: int | None = None
    days: int = 7

    @property
    def end(self):
        """When it is over."""
        return START + timedelta(days=self.days)

    @property
    def hours_of_all(self):
        """When calls may be placed."""
        return Hours(spans=self.hours, zones=tuple(sorted({AREAS[each] for each in self.areas})))

    @property
    def people(self):
        """Far more people than the week has budget for, area by area in turn."""
        return [f"+1{area}55501{last:02d}" for last in range(100) for area in self.areas]


@dataclass(frozen=True, kw_only=True)
class Lived:
    """The ledger of a week, ours and others' calls apart, and how often the limit said no."""

    ours: tuple
    others: tuple
    over_limit: int

    @property
    def ledger(self):
        """Return all of it."""
        return (*self.ours, *self.others)


class World:
    """The exchange of one week, and the one clock of all who are in it."""

    def __init__(self, week, seed):
        self.week, self.over_limit = week, 0
        self.loop = asyncio.get_running_loop()
        self._chance = random.Random(f"gateway {seed}")
        self._by_hand = random.Random(f"by hand {seed}")
        options = SandboxOptions(
            population=week.population,
            calls_limit=week.calls_limit,
            minutes_limit=week.minutes_limit,
        )
        self.exchange = Exchange(options, clock=self)
        self.telephony = Gateway(self)

    def now(self):
        """Return the time."""
        return START + timedelta(seconds=self.loop.time())

    def monotonic(self):
        """Return seconds since the start."""
        return self.loop.time()

    async def sleep_until(self, when):
        """Wait; what waits least wakes first."""
        await asyncio.sleep((when - self.now()).total_seconds())

    async def watch_until(self, when, *, happened, every):
        """Wait, and look now and then."""
        while self.now() < when and not happened():
            await self.sleep_until(min(when, self.now() + every))

    def is_refused(self):
        """Draw whether the gateway refuses a request by itself."""
        odds = self.week.refused_odds
        return odds > 0 and self._chance.random() < odds

    async def call_by_hand(self):
        """Call as colleagues do: at any time of the day, and not again where there is no room."""
        seconds = DAY_SECONDS / self.week.by_hand_a_day
        while self.now() < self.week.end:
            await asyncio.sleep(self._by_hand.expovariate(1 / seconds))
            number = f"+1907555{self._by_hand.randrange(100, 200):04d}"
            try:
                await self.telephony.real.place_call(request(number, from_number=BY_HAND))
            except RateLimited:
                continue

    def lived(self):
        """Return what the week came to."""
        calls = [call for call in self.exchange.ledger() if call.created_at < self.week.end]
        return Lived(
            ours=tuple(call for call in calls if call.from_number == OURS),
            others=tuple(call for call in calls if call.from_number != OURS),
            over_limit=self.over_limit,
        )


AFTER = timedelta(hours=2)
"""So long after the end of a week every call has ended."""

DAY_SECONDS = 86_400
REFUSAL_SECONDS = (1, 300)


class Gateway:
    """What stands before the exchange; it refuses some requests with a 429 of its own."""

    def __init__(self, world):
        self._world = world
        self.real = ExchangeTelephony(world.exchange, "sandbox", clock=world)

    def __getattr__(self, name):
        return getattr(self.real, name)

    async def place_call(self, request):
        """Place it, or refuse."""
        if self._world.is_refused():
            raise self._refusal(request)
        try:
            return await self.real.place_call(request)
        except RateLimited:
            self._world.over_limit += 1
            raise

    def _refusal(self, request):
        wait = self._world._chance.randrange(*REFUSAL_SECONDS)  # noqa: SLF001 (they belong together)
        headers = httpx.Headers({"Retry-After": str(wait)})
        answer = Answer(status=429, headers=headers, body=b'{"detail": "slow down"}')
        return place_refusal(answer, request, host="gateway", now=self._world.now())


def request(to_number, *, from_number=OURS):
    """Return a request to place a call."""
    return PlaceCall(
        from_number=from_number, to_number=to_number, client_websocket_url=None, webhook_url=None
    )


def live(week, dial, *, seed):
    """Live through the week with one dialer, and a little longer until all calls have ended."""

    async def lived():
        world = World(week, seed)
        others = [world.call_by_hand()] if week.by_hand_a_day else []
        tasks = [asyncio.ensure_future(each) for each in (dial(world), *others)]
        await asyncio.sleep((week.end - START + AFTER).total_seconds())
        for task in tasks:
            task.cancel()
        for done in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(done, Exception):
                raise done
        return world.lived()

    return run_virtually(lived())


def inkbatch_in(folder, template):
    """Return the dialer that is judged: its real engine and an SQLite database in this folder."""

    async def dial(world):
        database = folder / "inkbatch.db"
        folder.mkdir(parents=True)
        database.write_bytes(template.read_bytes())
        workplace = Workplace(settings=_settings(database), clock=world)
        with _store(database) as store:
            desk = Desk(
                store=store,
                telephony=world.telephony,
                clock=world,
                timing=Timing(poll_every=timedelta(seconds=10)),
            )
            async with AsyncExitStack() as stack:
                shifts = [
                    await _begin(stack, workplace, desk, each)
                    for each in _campaigns(folder, world.week)
                ]
                for shift in shifts:
                    world.loop.call_at((world.week.end - START).total_seconds(), shift.stopping.set)
                await asyncio.gather(*(run_shift(shift, linger=None) for shift in shifts))

    return dial


async def _begin(stack, workplace, desk, folder):
    ready = await workplace.prepare(desk, folder)
    return stack.enter_context(
        begin_shift(
            desk, campaign=ready.campaign, record=ready.record, own_numbers=ready.own_numbers
        )
    )


def _campaigns(folder, week):
    """Write the campaigns of the week; several share its people."""
    for number in range(week.campaigns):
        yield write_campaign(
            folder / f"campaign{number}",
            week.people[number :: week.campaigns],
            priority=number,
            calling_window={"weekdays": list(week.hours), "weekends": list(week.hours)},
            pacing={
                "calls_at_once": week.calls_at_once,
                "calls_per_minute": week.calls_per_minute or "unlimited",
            },
            budget={"minutes_max": week.minutes_max, "guaranteed_share": 0.3},
        )


def _settings(database):
    defaults = {name: each.default for name, each in Settings.model_fields.items()}
    said = {"api_key": "sandbox", "base_url": "http://127.0.0.1/api/v1/phone"}
    return Settings(**{**defaults, **said, "database_url": f"sqlite:///{database}"})


@contextmanager
def _store(database):
    store = open_store(f"sqlite:///{database}")
    try:
        yield store
    finally:
        store.close()
