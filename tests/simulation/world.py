"""One seed, lived through: the exchange, the processes that dial, and the people around them.

Faults strike for thirty hours; then they stop, and everything has to come to its end.
"""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from inkbatch.domain.budget import Limits
from inkbatch.domain.notice import NoticeKind
from inkbatch.sandbox import Exchange, Organisation, PhoneNumber, SandboxOptions
from tests.simulation.line import Line
from tests.simulation.oracle import Breach, Oracle
from tests.simulation.people import CLOCK_WRONG_MOST, People
from tests.simulation.plan import FROM_NUMBERS, ORGANISATION, START, draw
from tests.simulation.processes import Processes
from tests.simulation.virtual_loop import run_virtually

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

logging.getLogger("inkbatch").addHandler(logging.NullHandler())  # what is logged is not looked at


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
        self.chance = random.Random(f"world {plan.seed}")
        self.files = {each.name: each for each in plan.campaigns}
        self.canceled = set()
        self.lines = []
        self.kills = 0
        self.is_faulty = True
        self.is_over = False
        self._ports = ports

    async def live(self, store):
        """Live until everybody is done, judge, and return what it came to."""
        self.store = store
        self.loop = asyncio.get_running_loop()
        self.event_stored = asyncio.Event()
        self._begin()
        everybody = chain(self.processes.tasks(), People(self).tasks())
        tasks = [asyncio.ensure_future(each) for each in everybody]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
        self.oracle.end(self.canceled)
        return self._lived()

    def _begin(self):
        ids = random.Random(f"ids {self.plan.seed}")
        others_use = self._on("foreign_use", "clock_step")
        limits_are_ours = self._limits_are_told and not others_use
        self.exchange = self._exchange()
        self.oracle = self._oracle(limits_are_ours=limits_are_ours)
        self.line = Line(self, limits_are_ours=limits_are_ours)
        self.exchange.watch(self.line.rings)
        self.processes = Processes(self, ids=ids, ports=self._ports)
        self.machines = self.processes.machines
        if self.plan.limits_known:
            self._tell_limits()

    def _exchange(self):
        numbers = tuple(PhoneNumber(number=each) for each in FROM_NUMBERS)
        ours = Organisation(name=ORGANISATION, api_key="sandbox", phone_numbers=numbers)
        options = SandboxOptions(
            population=self.plan.population,
            calls_limit=self.plan.calls_limit,
            minutes_limit=self.plan.minutes_limit,
            organisations=(ours,),
        )
        return Exchange(options, clock=self)

    def _oracle(self, *, limits_are_ours):
        held_up = self._on("stop", "slow_answer", "database_hangs")
        grace = timedelta(seconds=31) if held_up else timedelta(seconds=1)
        if self._on("clock_step"):
            grace += 2 * CLOCK_WRONG_MOST
        return Oracle(
            calls_limit=self.plan.calls_limit,
            minutes_limit=self.plan.minutes_limit if limits_are_ours else float("inf"),
            grace=grace,
            query=self.store.query,
        )

    def _tell_limits(self):
        limits = Limits(calls=self.plan.calls_limit, minutes=self.plan.minutes_limit)
        with self.store.transaction(organisation=ORGANISATION) as tx:
            tx.set_limits(ORGANISATION, limits, now=self.now())

    @property
    def _limits_are_told(self):
        return self.plan.limits_known or (
            self.plan.calls_limit >= 100 and self.plan.minutes_limit >= 100
        )

    # ---------------------------------------------------------------- time, chance, log

    def now(self):
        """Return the one true time."""
        return START + timedelta(seconds=self.loop.time())

    def is_on(self, fault):
        """Tell whether a fault is on, now."""
        return self.is_faulty and fault in self.plan.faults

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

    def tell(self, notice):
        """Somebody is told of a night, which is over twice where a clock is set back.

        Or that dialing stopped by itself, which each shift finds out anew.
        """
        self.log("told", notice.campaign, notice.kind)
        if notice.kind is not NoticeKind.BREAKER_TRIPPED and not self._on("clock_step"):
            self.oracle.told(notice.campaign, notice.kind, at=notice.at)

    # ---------------------------------------------------------------- the end

    def heal(self):
        """Let no fault strike any more, and set all clocks right."""
        self.is_faulty = False
        for machine in self.machines.values():
            machine.ahead = timedelta()

    def look_whether_over(self):
        """Raise Breach where the end is late; else note whether it has come."""
        if self.now() > START + self.plan.ends_within:
            raise Breach(f"no end of it: {self._unfinished()[:5]}")
        self.is_over = not self.is_faulty and not self._unfinished()

    def _unfinished(self):
        rows = self.store.query(
            "SELECT c.name, p.number, p.state, p.why FROM contact p JOIN campaign c "
            "ON c.id = p.campaign_id WHERE p.state IN ('waiting', 'in_call')"
        )
        return [row for row in rows if row[0] not in self.canceled]

    def _lived(self):
        states = dict(self.store.query("SELECT state, COUNT(*) FROM contact GROUP BY state"))
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
        if not self.canceled and not told and to_call and not all_in_review:
            raise Breach(f"nobody was ever called to an end: {states}")
