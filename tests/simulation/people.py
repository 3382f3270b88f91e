"""The people around the processes: who pause and edit, dial by hand and set clocks.

When the faults have ended, somebody mends what is left of them and lets everybody go on.
"""

import asyncio
from datetime import timedelta

from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.suppression import Suppression
from inkbatch.sandbox.wire import PlaceCallRequest
from tests.simulation.plan import changed

FAULTY = timedelta(hours=30)
"""For so long faults strike."""

CRON = timedelta(hours=24)
CLOCK_WRONG_MOST = timedelta(seconds=25)
BY_HAND = "+14155550100"


class People:
    """What people do in one life, each as a task of its own."""

    def __init__(self, world):
        self._world = world
        self._chance = world.chance

    def tasks(self):
        """Yield what each of them does, as coroutines."""
        yield self._heal()
        doings = {
            "said_by_a_person": self._say_things,
            "suppressed_midway": self._suppress,
            "file_changed": self._edit_files,
            "foreign_use": self._call_by_hand,
            "clock_step": self._set_clocks,
        }
        yield from (do() for fault, do in doings.items() if fault in self._world.plan.faults)

    async def _heal(self):
        await asyncio.sleep(FAULTY.total_seconds())
        self._world.heal()
        self._resume_all()
        self._world.log("healed")
        while not self._world.is_over:
            await asyncio.sleep(CRON.total_seconds())
            self._resume_all()

    def _resume_all(self):
        for record in self._records():
            if record.state is CampaignState.PAUSED:
                self._set_state(record, CampaignState.ACTIVE)

    def _records(self):
        with self._world.store.reading() as tx:
            return tx.campaigns()

    def _set_state(self, record, state):
        world = self._world
        with world.store.transaction() as tx:
            tx.set_campaign_state(record.id, state, reason="lunch", now=world.now())
        world.log("said", record.name, state)
        if state is CampaignState.ACTIVE:
            world.oracle.resumed(record.name)
            world.processes.kick(record.name)
        else:
            world.oracle.stopped(record.name, at=world.now())

    async def _say_things(self):
        while self._world.is_faulty:
            await self._wait(600, 12_000)
            records = [each for each in self._records() if each.name not in self._world.canceled]
            if not records:
                return
            record = self._chance.choice(records)
            if record.state is CampaignState.PAUSED:
                self._set_state(record, CampaignState.ACTIVE)
            elif self._chance.random() < 0.05:
                self._world.canceled.add(record.name)
                self._set_state(record, CampaignState.CANCELED)
            else:
                self._set_state(record, CampaignState.PAUSED)

    async def _suppress(self):
        world = self._world
        while world.is_faulty:
            await self._wait(300, 10_000)
            file = world.files[self._chance.choice(sorted(world.files))]
            number = self._chance.choice(file.rows).number
            if number is None:
                continue
            entry = Suppression(
                number=number, reason="asked", source="by hand", added_at=world.now()
            )
            with world.store.transaction() as tx:
                tx.suppress([entry])
            world.log("suppressed", number)
            world.oracle.suppressed(number, at=world.now())

    async def _edit_files(self):
        world = self._world
        while world.is_faulty:
            await self._wait(3_000, 40_000)
            name = self._chance.choice(sorted(world.files))
            world.files[name] = changed(world.files[name], self._chance)
            world.log("edited", name)

    async def _call_by_hand(self):
        world = self._world
        account = world.exchange.accounts.by_key("sandbox")
        while world.is_faulty:
            await self._wait(300, 8_000)
            number = f"+1415555015{self._chance.randrange(10)}"
            request = PlaceCallRequest(from_number=BY_HAND, to_number=number)
            try:
                world.exchange.place(account, request)
            except Exception as refused:  # noqa: BLE001 (a person is refused as a program is)
                world.log("by hand", type(refused).__name__)

    async def _set_clocks(self):
        world = self._world
        while world.is_faulty:
            await self._wait(300, 10_000)
            machine = world.machines[self._chance.choice(sorted(world.machines))]
            most = CLOCK_WRONG_MOST.total_seconds()
            machine.ahead = timedelta(seconds=self._chance.uniform(-most, most))
            world.log("clock", machine.ahead)

    async def _wait(self, least_seconds, most_seconds):
        await asyncio.sleep(self._chance.uniform(least_seconds, most_seconds))
