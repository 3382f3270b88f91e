"""Processes of campaigns: started, killed, left alone by a scheduler, and started again."""

import asyncio
from datetime import timedelta
from uuid import UUID

from inkbatch.dialer.enroll import Readers, enroll
from inkbatch.dialer.night_watch import NightWatch
from inkbatch.dialer.run import run_shift
from inkbatch.dialer.shift import Desk, Timing, begin_shift, check_from_numbers
from inkbatch.domain.errors import CampaignBusy, InkbatchError
from tests.simulation.machine import Killed, MachineClock, Process
from tests.simulation.oracle import Breach
from tests.simulation.people import CRON
from tests.simulation.plan import ORGANISATION

LINGER = timedelta(minutes=15)
PASSES_MAX = 40_000
AFTER = {False: (60, 900, 3600), True: (1800,)}
"""Seconds until a process is started again that failed, or that found its campaign busy."""


class Processes:
    """All processes of one life; in each seat they follow one another, or two overlap."""

    def __init__(self, world, *, ids, ports):
        self._world = world
        self._ids = ids
        self._ports = ports
        self._passes = 0
        self._left_alone = []
        self._seats = {seat: each.name for each in world.plan.campaigns for seat in each.seats}
        self._kicks = {seat: asyncio.Event() for seat in self._seats}
        self._takeovers = {seat: asyncio.Event() for seat in self._seats}
        self.machines = {seat: MachineClock(world) for seat in self._seats}

    def tasks(self):
        """Yield what starts the processes in each seat, as coroutines."""
        yield from map(self._run_again_and_again, self._seats)

    def take_over(self, seat):
        """Let somebody start another process in its place, as Prefect may."""
        self._takeovers[seat].set()

    def kick(self, name):
        """Let somebody start the campaign again now."""
        for seat in self._seats:
            if self._seats[seat] == name:
                self._kicks[seat].set()

    async def _run_again_and_again(self, seat):
        world = self._world
        while not world.is_over:
            wake_at = await self._run(seat)
            self._count_pass()
            world.look_whether_over()
            await self._wait(seat, wake_at)
        for kick in self._kicks.values():
            kick.set()

    def _count_pass(self):
        self._passes += 1
        if self._passes > PASSES_MAX:
            raise Breach("passes without end")

    async def _wait(self, seat, wake_at):
        world, kick = self._world, self._kicks[seat]
        until = world.now() + CRON if wake_at is None else min(wake_at, world.now() + CRON)
        if world.is_over:
            return
        kick.clear()
        try:
            async with asyncio.timeout(max((until - world.now()).total_seconds(), 1)):
                await kick.wait()
        except TimeoutError:
            pass

    async def _run(self, seat):
        """Do what `inkbatch run` does, in a process that may die; return when to start again."""
        world, name = self._world, self._seats[seat]
        process = self._ports(Process(world, name, self.machines[seat], seat=seat))
        process.file = world.files[name]
        world.log("run", seat)
        # A process that is stopped or hangs keeps nobody from starting another one.
        running = asyncio.ensure_future(self._live(process))
        self._takeovers[seat].clear()
        kicked = asyncio.ensure_future(self._takeovers[seat].wait())
        try:
            await asyncio.wait({running, kicked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            kicked.cancel()
        if not running.done():
            self._left_alone.append(running)
            return world.now() + timedelta(seconds=1)
        for other in [each for each in self._left_alone if each.done()]:
            self._left_alone.remove(other)
            other.result()  # raises what it broke
        return running.result()

    async def _live(self, process):
        world = self._world
        try:
            result = await self._shift(process)
        except Killed:
            return world.now() + timedelta(seconds=world.chance.choice((1, 60, 1800)))
        except InkbatchError as error:
            world.log("failed", process.seat, type(error).__name__)
            busy = isinstance(error, CampaignBusy)
            return world.now() + timedelta(seconds=world.chance.choice(AFTER[busy]))
        world.log("ended", process.seat, result.placed, result.why)
        return result.wake_at

    async def _shift(self, process):
        campaign = process.file.campaign
        own = await check_from_numbers(campaign, process.telephony)
        record = self._enrolled(process, campaign)
        desk = Desk(
            store=process.store,
            telephony=process.telephony,
            clock=process.clock,
            timing=Timing(poll_every=timedelta(seconds=self._world.plan.poll_seconds)),
            placing=process.placing,
            new_id=self._new_id,
        )
        with begin_shift(desk, campaign=campaign, record=record, own_numbers=own) as shift:
            process.stopping = shift.stopping
            told = []
            watch = NightWatch(shift, told.append)

            def after_pass(result):
                self._count_pass()
                watch.after_pass(result)
                while told:
                    self._world.tell(told.pop())

            return await run_shift(shift, linger=LINGER, on_pass=after_pass)

    def _enrolled(self, process, campaign):
        file = process.file
        enrolment = enroll(
            campaign,
            store=process.store,
            readers=Readers(call_list=lambda *_, **__: file.call_list, suppressions=None),
            organisation=ORGANISATION,
            folder=__file__,
            now=process.clock.now(),
        )
        if not enrolment.enrolled.known_rows:
            self._world.oracle.given(file.name, enrolment.enrolled.rows)
        return enrolment.record

    def _new_id(self):
        return str(UUID(int=self._ids.getrandbits(128), version=4))
