"""A simulated process: the ports that the dialer gets, with the faults that its seed draws.

A killed process raises `Killed` from its port and from every one after it, so that nothing that
the dialer does on its way out has any effect; the operating system frees its locks. A stopped
process (SIGSTOP) hangs in its port, and finds out later how late it is.
"""

import asyncio
from contextlib import contextmanager
from datetime import timedelta

from inkbatch.dialer.shift import place_together
from inkbatch.domain.errors import (
    NotSent,
    RateLimited,
    ReplyLost,
    StoreError,
    TelephonyUnavailable,
)
from inkbatch.testing import ExchangeTelephony

DEADLINE_SECONDS = 30
LOST_AFTER = ("lost_reply", "half_response", "gateway_502", "garbage_200")


class Killed(BaseException):
    """The process is gone: no handler of ordinary errors may see it."""


class MachineClock:
    """The clock of one machine: the world's time, and how far it is set wrong."""

    def __init__(self, world):
        self._world = world
        self.ahead = timedelta()

    def now(self):
        """Return what this machine takes for the time."""
        return self._world.now() + self.ahead

    def monotonic(self):
        """Return seconds that no clock step changes."""
        return self._world.loop.time()

    async def sleep_until(self, when):
        """Wait in slices, as the real one does, so that a clock that is set is noticed."""
        while (left := (when - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 (a clock can be set)
            await asyncio.sleep(min(left, 3600))

    async def watch_until(self, when, *, happened, every):
        """Wait, and ask whenever the world has stored an event: as good as asking each second."""
        while self.now() < when and not happened():
            left = (when - self.now()).total_seconds()
            try:
                async with asyncio.timeout(min(left, 3600)):
                    await self._world.event_stored.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(every.total_seconds())


class Process:
    """One run of one campaign, alive until it is killed or has ended.

    It is one of several at a time that may run it; each has a seat.
    """

    def __init__(self, world, name, machine, *, seat):
        self.world = world
        self.name = name
        self.seat = seat
        self.machine = machine
        self.is_dead = False
        self.stopping = None
        self.locks = []
        self.store = ProcessStore(self)
        self.clock = ProcessClock(self)
        self.telephony = ProcessTelephony(self)

    def step(self, operation):
        """Do one port operation; or die in it."""
        if self.is_dead:
            raise Killed
        if self.world.strikes("kill", 0.01):
            self.die(operation)

    def told_to_end(self):
        """Get a SIGTERM: a shift that has begun is to dial nobody more."""
        if self.stopping is not None and not self.stopping.is_set():
            self.world.log("told_to_end", self.name)
            self.stopping.set()

    def die(self, operation):
        """Die here: the operating system frees the locks."""
        self.world.log("killed", self.name, operation)
        self.is_dead = True
        self.drop_locks()
        raise Killed

    def drop_locks(self):
        """Lose all locks, as a dead process does, or one whose connection was cut."""
        for lock in self.locks:
            lock.release()
        self.locks.clear()

    async def placing(self, attempts, place_one):
        """Dial a batch, perhaps after being stopped between the intents and the dials."""
        await self.perhaps_stop()
        await place_together(attempts, place_one)

    async def perhaps_stop(self):
        """Be stopped for a while, perhaps so long that another process takes over."""
        if not self.world.strikes("stop", 0.03):
            return
        seconds = self.world.chance.choice((3, 25, 70, 1500, 7200))
        if self.world.chance.random() < 0.5:
            self.drop_locks()
            self.world.processes.take_over(self.seat)
        self.world.log("stopped", self.name, seconds)
        await asyncio.sleep(seconds)
        self.step("wake")


class ProcessClock:
    """The machine's clock, as a process has it that may die or be stopped in its sleep."""

    def __init__(self, process):
        self._process = process
        self.now = process.machine.now
        self.monotonic = process.machine.monotonic

    async def sleep_until(self, when):
        """Sleep, perhaps longer than wanted."""
        self._process.step("sleep")
        await self._process.machine.sleep_until(when)
        await self._process.perhaps_stop()
        self._process.step("awake")

    async def watch_until(self, when, *, happened, every):
        """Wait for the time or an event."""
        self._process.step("watch")
        await self._process.machine.watch_until(when, happened=happened, every=every)
        self._process.step("awake")


class ProcessStore:
    """The real store, whose database is busy or fails at commits when its seed says so."""

    def __init__(self, process):
        self._process = process
        self._world = process.world
        self._real = process.world.store

    @contextmanager
    def transaction(self, *, organisation=None):
        """Write; die, fail, or leave open whether it was kept."""
        self._process.step("begin")
        self._fail("database_busy", "the database is locked")
        self._take_time()
        with self._real.transaction(organisation=organisation) as tx:
            yield tx
            self._take_time()
            self._process.step("commit")
            self._fail("commit_fails", "the commit failed")
        self._world.oracle.committed()
        self._fail("commit_unknown", "the connection was lost during the commit")
        self._process.step("committed")

    @contextmanager
    def reading(self):
        """Read."""
        self._process.step("read")
        self._fail("database_busy", "the database is locked")
        with self._real.reading() as tx:
            yield tx
        self._take_time()

    def take_lock(self, name):
        """Take a lock that is freed when the process dies."""
        self._process.step("lock")
        lock = self._real.take_lock(name)
        if lock is not None:
            self._process.locks.append(lock)
        return lock

    def require_original(self):
        """Return the database's id; it is no copy."""
        self._process.step("which")
        return self._real.require_original()

    def note_shift(self, shift_id, *, has_ended):
        """Remember beside the database that a shift began or ended."""
        self._process.step("note")
        self._real.note_shift(shift_id, has_ended=has_ended)

    def scrub(self):
        """Rid the file of traces; nobody is forgotten here, so that there are none."""
        return self._real.scrub()

    def close(self):
        """There is nothing to close."""

    def _take_time(self):
        """Let time pass in which the process waits for an answer, and hears a signal at most."""
        if self._world.strikes("told_to_end", 0.01):
            self._process.told_to_end()
        if self._world.strikes("database_hangs", 0.01):
            seconds = self._world.chance.choice((1, 5, 25, 70))
            self._world.log("database_hangs", self._process.name, seconds)
            self._world.loop.jump(seconds)

    def _fail(self, fault, reason):
        if self._world.strikes(fault, 0.02):
            self._world.log(fault, self._process.name)
            raise StoreError(f"The database failed: {reason}.")


class ProcessTelephony:
    """The line to the exchange: requests and answers are lost on it, and lists are stale."""

    def __init__(self, process):
        self._process = process
        self._world = process.world
        self._real = ExchangeTelephony(process.world.exchange, "sandbox", clock=process.machine)

    @property
    def skew(self):
        """How far the server's clock is ahead."""
        return self._real.skew

    async def place_call(self, request):
        """Send once; whatever may have rung counts as sent."""
        world, process = self._world, self._process
        deadline = world.loop.time() + DEADLINE_SECONDS
        process.step("place")
        await process.perhaps_stop()
        if world.loop.time() > deadline:
            raise NotSent("its time was over before the request was written")
        if world.strikes("connect_error", 0.1):
            raise NotSent("refused")
        world.line.sent(process, request)
        if world.strikes("rate_limited", 0.05):
            until = process.clock.now() + timedelta(seconds=world.chance.randint(1, 900))
            world.line.refused(request)
            raise RateLimited("429 out of the blue", hold_until=until, limit=None)
        if world.strikes("request_vanishes", 0.05):
            world.line.arrived(request)
            await asyncio.sleep(DEADLINE_SECONDS)
            process.step("unanswered")
            raise ReplyLost("no answer in time")
        if world.strikes("arrives_late", 0.05):
            late = DEADLINE_SECONDS + world.chance.randint(1, 500)
            world.loop.call_later(late, world.line.place_late, self._real, request)
            await asyncio.sleep(DEADLINE_SECONDS)
            process.step("unanswered")
            raise ReplyLost("no answer in time")
        return await self._carry_out(request)

    async def _carry_out(self, request):
        world, process = self._world, self._process
        if world.strikes("slow_answer", 0.2):
            await asyncio.sleep(world.chance.uniform(1, 14))
        try:
            placed = await self._real.place_call(request)
        except RateLimited:
            world.line.over_limit(request)
            raise
        finally:
            world.line.arrived(request)
        process.step("answered")
        if world.strikes("slow_answer", 0.2):
            await asyncio.sleep(world.chance.uniform(1, 14))
        await process.perhaps_stop()
        process.step("heard")
        for fault in LOST_AFTER:
            if world.strikes(fault, 0.05):
                raise ReplyLost(fault)
        return placed

    async def list_calls(self, phone_number_id, *, limit, offset):
        """Return a page, unless the list is down; a stale one lacks the newest calls."""
        self._read()
        hidden = 0
        if self._world.is_on("list_stale"):
            shown_until = self._world.now() - timedelta(seconds=240)
            newest = await self._real.list_calls(phone_number_id, limit=200, offset=0)
            hidden = sum(call.created_at >= shown_until for call in newest)
        return await self._real.list_calls(phone_number_id, limit=limit, offset=offset + hidden)

    async def get_call(self, phone_number_id, call_id):
        """Return one call."""
        self._read()
        return await self._real.get_call(phone_number_id, call_id)

    async def own_numbers(self):
        """Return the organisation's numbers."""
        self._read()
        return await self._real.own_numbers()

    async def aclose(self):
        """There is nothing to close."""

    def _read(self):
        self._process.step("list")
        if self._world.strikes("list_down", 0.15):
            raise TelephonyUnavailable("the call list is down")
