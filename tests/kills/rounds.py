"""A round: one campaign on one database, dialed by one process after the other, each killed.

In every second round another shift works beside them, and is killed too.
"""

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle

from tests.acceptance.terminal import free_port
from tests.crash_points import FAULT_POINTS
from tests.kills import processes
from tests.kills.oracle import findings
from tests.kills.processes import Process
from tests.trial_campaigns import ROUND_THE_CLOCK, numbers, write_campaign

AREAS = ("212", "312", "303", "602", "808", "213", "404", "617")
CONTACTS = 60
KILLS_A_ROUND = 40
LIVES_MAX = 400
TRIES_MAX = 2
RETRY = dict.fromkeys(("no_answer", "voicemail", "rejected", "failed", "dial_failed"), "1s")
FAULTS = """
seed = {seed}
[[faults]]
fault = "reset"
when = "after"
methods = ["POST"]
rate = 0.03
[[faults]]
fault = "half_response"
methods = ["POST"]
rate = 0.02
[[faults]]
fault = "garbage"
methods = ["POST"]
rate = 0.02
[[faults]]
fault = "rate_limited"
methods = ["POST"]
rate = 0.05
retry_after_seconds = 1
"""
CALLEES = f"""
[population]
answer_odds = {[0.45] * 24}
"""
"""They pick up alike at all hours, so that what is found does not depend on that of the test."""

POINTS = [
    (number, point)
    for number, points in FAULT_POINTS.items()
    for point in points
    if number != "F0"  # nobody is enrolled twice: only the first life of a round gets there
]
RARE = ("F8", "F8b", "F12", "F18", "F19")
"""Only a life with trouble gets there: whoever is to die there does so the first time."""

OTHER = "beside another shift"
OTHER_DIES_ODDS = 0.3

STOPPED_SECONDS = 0.1
CALLS_A_LIFE = 5
LIFE_SECONDS_MAX = 10


def campaign_in(folder, *, shifts_at_once=1):
    """Write the campaign of a round."""
    return write_campaign(
        folder / "trial",
        numbers(CONTACTS, areas=AREAS),
        calling_window={"zone": "UTC", **ROUND_THE_CLOCK},
        attempts={"max": TRIES_MAX, "retry": RETRY},
        pacing={
            "calls_at_once": 3,
            "calls_per_minute": "unlimited",
            "shifts_at_once": shifts_at_once,
        },
        breaker=100,
    )


@dataclass
class Round:
    """Where a round happens, and what was done to it so far."""

    folder: object
    database_url: str
    seed: int
    protected: bool = True
    kills: Counter = field(default_factory=Counter)
    stops: int = 0
    lives: int = 0

    def __post_init__(self):
        self.chance = random.Random(self.seed)
        self.port = free_port()
        self.shifts_at_once = 1 + self.seed % 2
        self.other_shift = None
        self.campaign = campaign_in(self.folder, shifts_at_once=self.shifts_at_once)
        (self.folder / "callees.toml").write_text(CALLEES, "utf-8")
        (self.folder / "faults.toml").write_text(FAULTS.format(seed=self.seed), "utf-8")
        self.started = []
        rare = [each for each in POINTS if each[0] in RARE]
        self.points = cycle(self.chance.sample(POINTS + rare, len(POINTS) + len(rare)))

    def play(self, kills_max):
        """Kill until that many were, or everybody was called; return what is found at the end."""
        with processes.ended_at_last(self.started):
            self.sandbox = self._open_sandbox()
            while self.kills.total() < kills_max and self.lives < LIVES_MAX:
                self.lives += 1
                self._keep_other_shift()
                process = self._live()
                if process.status == 0:
                    break
            self._finish()
            ledger = processes.ledger_at(self.port)
        return findings(ledger, self.database_url, rows=CONTACTS, tries_max=TRIES_MAX)

    # ------------------------------------------------------------ one life

    def _keep_other_shift(self):
        """Let a second shift work at the campaign, if it may have two; kill it now and then."""
        if self.shifts_at_once == 1:
            return
        if self.other_shift is not None and self.chance.random() < OTHER_DIES_ODDS:
            self._count(self.other_shift, OTHER)
        if self.other_shift is None or self.other_shift.has_ended():
            self.other_shift = self._dialer()

    def _live(self):
        """Let one dialer live until it dies of something; return it."""
        ways = (
            (self._dies_at_a_point, 8),
            (self._is_killed_at_random, 5),
            (self._is_stopped_and_goes_on, 1),
            (self._loses_its_sandbox, 1),
            (self._loses_its_sandbox_at_a_call, 2),
        )
        (way,) = self.chance.choices([way for way, _ in ways], [weight for _, weight in ways])
        return way()

    def _dies_at_a_point(self):
        if self.lives == 1:
            number, point = "F0", self.chance.choice(FAULT_POINTS["F0"])
        else:
            number, point = next(self.points)
        nth = 1 if number in RARE else self.chance.choice((1, 1, 2, 3, 5))
        process = self._dialer(point=point, nth=nth)
        self._wait_for_calls(process)
        at_random = not process.has_ended()
        self._count(process, "at random" if at_random else f"{number} {point}")
        return process

    def _wait_for_calls(self, process):
        """Let it get to its point, or else place some calls: that is soon on any machine.

        Another shift may die once calls are placed, in the midst of this one's work.
        """
        began = self._calls()
        enough = began + CALLS_A_LIFE * self.shifts_at_once
        until = time.monotonic() + LIFE_SECONDS_MAX
        other_dies = self.other_shift is not None and self.chance.random() < OTHER_DIES_ODDS
        while not process.wait(0.02) and self._calls() < enough and time.monotonic() < until:
            if other_dies and self._calls() > began:
                self._count(self.other_shift, OTHER)
                other_dies = False

    def _calls(self):
        ledger = self.folder / "ledger.jsonl"
        return ledger.read_bytes().count(b"\n") if ledger.exists() else 0

    def _is_killed_at_random(self):
        process = self._dialer()
        time.sleep(self.chance.uniform(0.05, 0.9))
        self._count(process, "at random")
        return process

    def _is_stopped_and_goes_on(self):
        """F3b, F3c: another one is started while it stands still, whose lock it finds taken."""
        process = self._dialer(point="before place_call", nth=2, strike=processes.stop_self)
        time.sleep(self.chance.uniform(0.3, 1.2))
        if process.signal(signal.SIGSTOP):
            self.stops += 1
            self._is_refused(self._dialer())
            process.signal(signal.SIGCONT)
            time.sleep(self.chance.uniform(0.05, 0.5))
            process.signal(signal.SIGCONT)  # where it had stopped itself on the way
        time.sleep(STOPPED_SECONDS)
        self._count(process, "after SIGSTOP and SIGCONT")
        return process

    def _is_refused(self, second):
        """The lock of one that stands still is not free; but it may not have got so far.

        Where two shifts may work it finds the other lock, if that is free, and dials until it dies.
        """
        second.wait(2)
        self._count(second, "beside one that stood still")

    def _loses_its_sandbox(self):
        process = self._dialer()
        time.sleep(self.chance.uniform(0.1, 0.9))
        self._restart_sandbox(stopped=self.chance.random() < 0.5)
        time.sleep(self.chance.uniform(0.0, 0.3))
        self._count(process, "at random")
        return process

    def _loses_its_sandbox_at_a_call(self):
        """F8: the call is placed, and the sandbox dies before it answers."""
        self.sandbox.kill()
        self.sandbox = self._open_sandbox(dies_at=self.chance.randint(1, 4))
        process = self._dialer()
        if self.sandbox.wait(2):
            self.kills["the sandbox, after a call and before its answer"] += 1
        time.sleep(self.chance.uniform(0.0, 0.1))
        self._count(process, "at random")
        self.sandbox.kill()
        self.sandbox = self._open_sandbox()
        return process

    # ------------------------------------------------------------ processes

    def _dialer(self, *, point=None, nth=1, strike=processes.kill_self):
        if point is None and self.protected:
            return self._start(processes.dialer(self.campaign))
        return self._start(
            processes.dialer_that_dies(
                self.campaign, point=point, nth=nth, strike=strike, protected=self.protected
            )
        )

    def _start(self, work):
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "NO_COLOR": "1",
            "INKBATCH_API_KEY": "sandbox",
            "INKBATCH_BASE_URL": f"http://127.0.0.1:{self.port}/api/v1/phone",
            "INKBATCH_DATABASE_URL": self.database_url,
            "INKBATCH_POLL_SECONDS": "0.1",
            "INKBATCH_QUIET_SECONDS": "1",
        }
        process = Process(work, folder=self.folder, environment=environment)
        self.started.append(process)
        return process

    def _open_sandbox(self, *, dies_at=None):
        options = ["--port", self.port, "--calls-limit", 0, "--minutes-limit", 0]
        options += ["--durations", 0.004, "--seed", self.seed]
        options += ["--ledger", self.folder / "ledger.jsonl"]
        options += ["--faults", self.folder / "faults.toml"]
        options += ["--script", self.folder / "callees.toml"]
        if dies_at is None:
            process = self._start(processes.sandbox(*options))
        else:
            process = self._start(processes.sandbox_that_dies(*options, nth=dies_at))
        processes.wait_for_sandbox(self.port, process)
        return process

    def _restart_sandbox(self, *, stopped):
        if stopped:
            self.sandbox.signal(signal.SIGSTOP)
            self.stops += 1
            time.sleep(STOPPED_SECONDS)
        if self.sandbox.kill():
            self.kills["the sandbox, at random"] += 1
        self.sandbox = self._open_sandbox()

    def _count(self, process, what):
        process.signal(signal.SIGCONT)
        if process.kill():
            self.kills[what] += 1

    def _finish(self):
        """Run undisturbed to the end; what it says otherwise is a loss too."""
        if self.other_shift is not None:
            self._count(self.other_shift, OTHER)
        last = self._dialer()
        if not last.wait() or last.status != 0:
            raise RuntimeError(f"the last run does not end well ({last.status}): {last.said()}")
        for process in self.started:
            if process.status == processes.NOT_CAUGHT:
                raise RuntimeError(f"a process met with what nobody caught: {process.said()}")
