"""One seed, lived through: the exchange, the processes that dial, and the people around them.

Faults strike for thirty hours; then they stop, and everything has to come to its end.
"""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from inkbatch.dialer.enroll import Readers, enroll
from inkbatch.dialer.results import Posted, record_result
from inkbatch.dialer.run import run_shift
from inkbatch.dialer.shift import Desk, Timing, begin_shift, check_from_numbers
from inkbatch.domain.budget import Limits
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.errors import CampaignBusy, InkbatchError
from inkbatch.domain.result import Effect
from inkbatch.domain.suppression import Suppression
from inkbatch.ports import CallEvent
from inkbatch.sandbox import (
    Exchange,
    Organisation,
    PhoneNumber,
    SandboxOptions,
)
from inkbatch.sandbox.wire import PlaceCallRequest
from tests.simulation.machine import Killed, MachineClock, Process
from tests.simulation.oracle import Breach, Oracle
from tests.simulation.plan import FROM_NUMBERS, START, changed, draw
from tests.simulation.virtual_loop import run_virtually

ORGANISATION = "simulated"
FAULTY = timedelta(hours=30)
CRON = timedelta(hours=12)
LINGER = timedelta(minutes=15)
CLOCK_WRONG_MOST = timedelta(seconds=25)
PASSES_MAX = 40_000
BY_HAND = "+14155550100"
MAY_END_IN_REVIEW = {
    "lost_reply",
    "half_response",
    "gateway_502",
    "garbage_200",
    "request_vanishes",
    "arrives_late",
    "list_down",
    "list_stale",
    "database_busy",
    "commit_fails",
    "commit_unknown",
    "kill",
    "stop",
}

FEW = 5


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What a seed came to, when nothing was broken."""

    attempts: int
    calls: int
    reached: int
    review: int
    kills: int
    log: tuple[str, ...]


def simulate(seed, database, *, plan=None, ports=lambda process: process):
    """Live through a seed on a store; raises Breach for a broken promise.

    `ports` may change what a process is given: that is how the tests plant bugs.
    """
    return run_virtually(_World(plan or draw(seed), ports).live(database))


class _World:
    def __init__(self, plan, ports):
        self.plan = plan
        self._ports = ports
        self.chance = random.Random(f"world {plan.seed}")
        self._ids = random.Random(f"ids {plan.seed}")
        self.lines = []
        self.kills = 0
        self._passes = 0
        self._faulty = True
        self._over = False
        self._left_alone = []
        self._files = {each.name: each for each in plan.campaigns}
        self._canceled = set()
        self._seats = {seat: each.name for each in plan.campaigns for seat in each.seats}
        self._kicks = {seat: asyncio.Event() for seat in self._seats}
        self._takeovers = {seat: asyncio.Event() for seat in self._seats}

    async def live(self, store):
        """Live until everybody is done, judge, and return what it came to."""
        self.store = store
        self.loop = asyncio.get_running_loop()
        self.event_stored = asyncio.Event()
        self._open_exchange()
        tasks = [asyncio.ensure_future(each) for each in self._everybody()]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
        self.oracle.end(self._canceled)
        return self._lived()

    def _open_exchange(self):
        plan = self.plan
        numbers = tuple(PhoneNumber(number=each) for each in FROM_NUMBERS)
        options = SandboxOptions(
            population=plan.population,
            calls_limit=plan.calls_limit,
            minutes_limit=plan.minutes_limit,
            organisations=(
                Organisation(name=ORGANISATION, api_key="sandbox", phone_numbers=numbers),
            ),
        )
        self.exchange = Exchange(options, clock=self)
        self.exchange.watch(self._changed)
        self.machines = {seat: MachineClock(self) for seat in self._seats}
        grace = timedelta(seconds=31) if self._on("stop", "slow_answer") else timedelta(seconds=1)
        if self._on("clock_step"):
            grace += 2 * CLOCK_WRONG_MOST
        self.oracle = Oracle(
            calls_limit=plan.calls_limit,
            minutes_limit=float("inf")
            if self._on("foreign_use", "clock_step") or not self._limits_are_told
            else plan.minutes_limit,
            grace=grace,
        )
        self.oracle.watch_database(self._query)
        if plan.limits_known:
            limits = Limits(calls=plan.calls_limit, minutes=plan.minutes_limit)
            with self.store.transaction(organisation=ORGANISATION) as tx:
                tx.set_limits(ORGANISATION, limits, now=self.now())

    @property
    def _limits_are_told(self):
        return self.plan.limits_known or (
            self.plan.calls_limit >= 100 and self.plan.minutes_limit >= 100
        )

    def _everybody(self):
        yield self._heal()
        yield from map(self._run_again_and_again, self._seats)
        if self._on("said_by_a_person"):
            yield self._say_things()
        if self._on("suppressed_midway"):
            yield self._suppress()
        if self._on("file_changed"):
            yield self._edit_files()
        if self._on("foreign_use"):
            yield self._call_by_hand()
        if self._on("clock_step"):
            yield self._set_clocks()

    # ---------------------------------------------------------------- time, chance, log

    def now(self):
        """Return the one true time."""
        return START + timedelta(seconds=self.loop.time())

    def is_on(self, fault):
        """Tell whether a fault is on, now."""
        return self._faulty and fault in self.plan.faults

    def _on(self, *faults):
        return not self.plan.faults.isdisjoint(faults)

    def strikes(self, fault, odds):
        """Draw whether a fault strikes here; when it is off nothing is drawn."""
        if not self.is_on(fault):
            return False
        return self.chance.random() < odds

    def log(self, *told):
        """Keep what happened; the same seed keeps the same."""
        self.lines.append(f"{self.loop.time():.6f} {' '.join(map(str, told))}")
        self.kills += told[0] == "killed"

    def take_over(self, seat):
        """Let somebody start another process in its place, as Prefect may."""
        self._takeovers[seat].set()

    def kick(self, name):
        """Let somebody start the campaign again now."""
        for seat in self._seats:
            if self._seats[seat] == name:
                self._kicks[seat].set()

    # ---------------------------------------------------------------- processes

    async def _run_again_and_again(self, seat):
        while not self._over:
            wake_at = await self._run(seat)
            self._passes += 1
            if self._passes > PASSES_MAX or self.now() > START + self.plan.ends_within:
                raise Breach(f"no end of it: {self._unfinished()[:5]}")
            self._over = not self._faulty and not self._unfinished()
            await self._wait(seat, wake_at)
        for kick in self._kicks.values():
            kick.set()

    async def _wait(self, seat, wake_at):
        until = self.now() + CRON if wake_at is None else min(wake_at, self.now() + CRON)
        if self._over:
            return
        kick = self._kicks[seat]
        kick.clear()
        try:
            async with asyncio.timeout(max((until - self.now()).total_seconds(), 1)):
                await kick.wait()
        except TimeoutError:
            pass

    async def _run(self, seat):
        """Do what `inkbatch run` does, in a process that may die; return when to start again."""
        name = self._seats[seat]
        process = self._ports(Process(self, name, self.machines[seat], seat=seat))
        process.file = file = self._files[name]
        campaign = file.campaign
        self.log("run", seat)
        # A process that is stopped or hangs keeps nobody from starting another one.
        running = asyncio.ensure_future(self._shift(process, campaign, file))
        self._takeovers[seat].clear()
        kicked = asyncio.ensure_future(self._takeovers[seat].wait())
        try:
            await asyncio.wait({running, kicked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            kicked.cancel()
        if not running.done():
            self._left_alone.append(running)
            return self.now() + timedelta(seconds=1)
        for other in [each for each in self._left_alone if each.done()]:
            self._left_alone.remove(other)
            other.result()  # raises what it broke
        return running.result()

    async def _shift(self, process, campaign, file):
        try:
            own = await check_from_numbers(campaign, process.telephony)
            enrolment = enroll(
                campaign,
                store=process.store,
                readers=Readers(call_list=lambda *_, **__: file.call_list, suppressions=None),
                organisation=ORGANISATION,
                folder=__file__,
                now=process.clock.now(),
            )
            if not enrolment.enrolled.known_rows:
                self.oracle.given(file.name, enrolment.enrolled.rows)
            desk = Desk(
                store=process.store,
                telephony=process.telephony,
                clock=process.clock,
                timing=Timing(poll_every=timedelta(seconds=self.plan.poll_seconds)),
                placing=process.placing,
                new_id=self._new_id,
            )
            with begin_shift(
                desk, campaign=campaign, record=enrolment.record, own_numbers=own
            ) as shift:
                result = await run_shift(shift, linger=LINGER, on_pass=self._on_pass)
        except Killed:
            return self.now() + timedelta(seconds=self.chance.choice((1, 60, 1800)))
        except InkbatchError as error:
            self.log("failed", process.seat, type(error).__name__)
            busy = isinstance(error, CampaignBusy)
            return self.now() + timedelta(seconds=1800 if busy else 60)
        self.log("ended", process.seat, result.placed, result.why)
        return result.wake_at

    def _on_pass(self, _):
        self._passes += 1
        if self._passes > PASSES_MAX:
            raise Breach("passes without end")

    def _new_id(self):
        return str(UUID(int=self._ids.getrandbits(128), version=4))

    # ---------------------------------------------------------------- the line

    def attempt_id(self, request):
        """Return the attempt that a request is for."""
        return request.client_websocket_url.rpartition("inkbatch_attempt=")[2]

    def sent(self, process, request):
        """A place-call leaves a process."""
        attempt_id, number = self.attempt_id(request), request.to_number
        self.log("sent", process.name, number, attempt_id)
        zones = next(row.zones for row in process.file.rows if row.number == number)
        self.oracle.sent(
            attempt_id,
            number,
            process.name,
            rules=process.file.rules,
            zones=zones,
            at=self.now(),
        )

    def refused(self, request):
        """Somebody on the way answered 429."""
        self.oracle.refused(self.attempt_id(request), request.to_number)
        self.log("refused", request.to_number)

    def over_limit(self, request):
        """The exchange itself answered 429: where the limits are ours alone that is a breach."""
        self.refused(request)
        if self._limits_are_told and not self._on("foreign_use", "clock_step"):
            raise Breach(f"a place-call at {self.now()} was over the limit")

    def arrived(self, request):
        """The exchange has carried it out, or never will."""
        self.oracle.arrived(self.attempt_id(request), request.to_number)

    def place_late(self, telephony, request):
        """A request arrives that its sender has given up."""
        self.arrived(request)
        asyncio.ensure_future(telephony.place_call(request)).add_done_callback(
            lambda done: done.exception()
        )

    def _changed(self, call):
        attempt_id = self.attempt_id(call) if call.client_websocket_url else ""
        if not attempt_id:
            return
        self.log("rings", call.to_number, attempt_id, call.life.ends_as)
        self.oracle.placed(call, attempt_id, now=self.now())
        if call.webhook_url:
            self._send_webhooks(call)
        if call.life.answered_at is not None and self.chance.random() < 0.2:
            ahead = (call.life.answered_at - self.now()).total_seconds() + 5
            self.loop.call_later(ahead, self._agent_posts, attempt_id, call.to_number)

    # ---------------------------------------------------------------- agent and webhooks

    def _agent_posts(self, attempt_id, number):
        effect = self.chance.choice(list(Effect))
        at = "17:00" if effect is Effect.CALL_BACK else None
        posted = Posted(id="once", word="said", effect=effect, call_back_at=at)
        record_result(self.store, attempt_id, posted, now=self.now())
        self.log("result", attempt_id, effect)
        if effect is Effect.DO_NOT_CALL:
            self.oracle.suppressed(number, at=self.now())

    def _send_webhooks(self, call):
        for change in call.life.changes():
            if self.strikes("webhook_lost", 0.3):
                continue
            ahead = (change.at - self.now()).total_seconds() + 0.2
            if self.strikes("webhook_late", 0.3):
                ahead += self.chance.uniform(1, 400)
            event = f"{call.call_id}:{change.status}"
            for _ in range(2 if self.strikes("webhook_twice", 0.3) else 1):
                self.loop.call_later(ahead, self._store_event, event, str(call.call_id))

    def _store_event(self, event, call_id):
        with self.store.transaction() as tx:
            tx.keep_event(CallEvent(id=event, call_id=call_id, received_at=self.now(), body="{}"))
        self.event_stored.set()
        self.event_stored = asyncio.Event()

    # ---------------------------------------------------------------- people

    async def _heal(self):
        await asyncio.sleep(FAULTY.total_seconds())
        self._faulty = False
        for machine in self.machines.values():
            machine.ahead = timedelta()
        self._resume_all()
        self.log("healed")
        while not self._over:
            await asyncio.sleep(CRON.total_seconds())
            self._resume_all()

    def _resume_all(self):
        for record in self._records():
            if record.state is CampaignState.PAUSED:
                self._set_state(record, CampaignState.ACTIVE)

    def _records(self):
        with self.store.reading() as tx:
            return tx.campaigns()

    def _set_state(self, record, state):
        with self.store.transaction() as tx:
            tx.set_campaign_state(record.id, state, reason="lunch", now=self.now())
        self.log("said", record.name, state)
        if state is CampaignState.ACTIVE:
            self.oracle.resumed(record.name)
            self.kick(record.name)
        else:
            self.oracle.stopped(record.name, at=self.now())

    async def _say_things(self):
        while self._faulty:
            await asyncio.sleep(self.chance.uniform(600, 12_000))
            records = [each for each in self._records() if each.name not in self._canceled]
            if not records:
                return
            record = self.chance.choice(records)
            if record.state is CampaignState.PAUSED:
                self._set_state(record, CampaignState.ACTIVE)
            elif self.chance.random() < 0.05:
                self._canceled.add(record.name)
                self._set_state(record, CampaignState.CANCELED)
            else:
                self._set_state(record, CampaignState.PAUSED)

    async def _suppress(self):
        while self._faulty:
            await asyncio.sleep(self.chance.uniform(300, 10_000))
            file = self._files[self.chance.choice(sorted(self._files))]
            number = self.chance.choice(file.rows).number
            if number is None:
                continue
            until = None
            entry = Suppression(
                number=number,
                reason="asked",
                source="by hand",
                added_at=self.now(),
                expires_at=until,
            )
            with self.store.transaction() as tx:
                tx.suppress([entry])
            self.log("suppressed", number)
            self.oracle.suppressed(number, at=self.now())

    async def _edit_files(self):
        while self._faulty:
            await asyncio.sleep(self.chance.uniform(3_000, 40_000))
            name = self.chance.choice(sorted(self._files))
            self._files[name] = changed(self._files[name], self.chance)
            self.log("edited", name)

    async def _call_by_hand(self):
        account = self.exchange.accounts.by_key("sandbox")
        while self._faulty:
            await asyncio.sleep(self.chance.uniform(300, 8_000))
            number = f"+1415555015{self.chance.randrange(10)}"
            request = PlaceCallRequest(from_number=BY_HAND, to_number=number)
            try:
                self.exchange.place(account, request)
            except Exception as refused:  # noqa: BLE001 (a person is refused as a program is)
                self.log("by hand", type(refused).__name__)

    async def _set_clocks(self):
        while self._faulty:
            await asyncio.sleep(self.chance.uniform(300, 10_000))
            machine = self.machines[self.chance.choice(sorted(self.machines))]
            most = CLOCK_WRONG_MOST.total_seconds()
            machine.ahead = timedelta(seconds=self.chance.uniform(-most, most))
            self.log("clock", machine.ahead)

    # ---------------------------------------------------------------- the end

    def _query(self, statement):
        with self.store.engine.connect() as connection:
            return connection.exec_driver_sql(statement).all()

    def _unfinished(self):
        rows = self._query(
            "SELECT c.name, p.number, p.state, p.why FROM contact p JOIN campaign c "
            "ON c.id = p.campaign_id WHERE p.state IN ('waiting', 'in_call')"
        )
        return [row for row in rows if row.name not in self._canceled]

    def _lived(self):
        states = dict(self._query("SELECT state, COUNT(*) FROM contact GROUP BY state"))
        self._progress(states)
        return Lived(
            attempts=len(self.oracle.sent_ids),
            calls=len(self.oracle.calls),
            reached=states.get("reached", 0),
            review=states.get("review", 0),
            kills=self.kills,
            log=tuple(self.lines),
        )

    def _progress(self, states):
        may = not self.plan.faults.isdisjoint(MAY_END_IN_REVIEW)
        may = may or self.plan.population.never_ends_odds > 0
        may = may or self.plan.population.dial_failure_rate > 0
        if states.get("review") and not may:
            raise Breach(f"{states['review']} contacts need a review, and no fault was on")
        told = states.get("reached", 0) + states.get("exhausted", 0)
        # Of very few people each may well need a review.
        to_call = sum(states.values()) - states.get("suppressed", 0)
        all_in_review = may and to_call < FEW and states.get("review", 0) == to_call
        if not self._canceled and not told and to_call and not all_in_review:
            raise Breach(f"nobody was ever called to an end: {states}")
