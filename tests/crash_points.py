"""Crash points: places in the dialer's work at which a test lets its process die.

The dialer reaches the world through its ports alone, so a point lies before and after everything
it asks of the store and of telephony, and before and after each commit. Normal runs have nothing
of it: a test wraps the ports. `FAULT_POINTS` gives the points their numbers of the fault list.
"""

import asyncio
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

from inkbatch.domain.errors import TelephonyError
from tests.faults import PowerCut

FAULT_POINTS = {
    "F0": ("before commit of enroll", "after commit of enroll"),
    "F1": ("after contacts_in_turn",),
    "F2": (
        "before add_attempts",
        "after add_attempts",
        "after reserve_budget",
        "before commit of add_attempts",
    ),
    "F3": ("after commit of add_attempts", "before place_call"),
    "F5": ("during place_call",),
    "F8": ("place_call failed",),
    "F8b": ("before commit of reserved>unconfirmed", "after commit of reserved>unconfirmed"),
    "F10": ("after place_call", "after reserved>placed", "before commit of reserved>placed"),
    "F12": ("before hold", "after hold"),
    "F13": ("after commit of reserved>placed", "before list_calls", "after list_calls"),
    "F16": ("after placed>ended", "before commit of placed>ended", "after commit of placed>ended"),
    "F18": (
        "after unconfirmed>placed",
        "before commit of unconfirmed>placed",
        "after commit of unconfirmed>placed",
        "after commit of end_shift",
    ),
    "F19": ("after unconfirmed>ended", "before commit of unconfirmed>ended"),
}
"""The points of each fault at which a process can die, by the number in the list of faults."""

COMMITS = (
    "enroll",
    "add_attempts",
    "reserved>placed",
    "reserved>unconfirmed",
    "unconfirmed>placed",
    "unconfirmed>ended",
    "placed>ended",
    "start_shift",
    "end_shift",
)
"""A commit is called after the first of these that is in its transaction."""

ADVANCING = {"accept_all", "advance", "advance_all"}

DURING_SECONDS = 0.002
"""So long after a request began its process is killed: it is on its way, or was answered."""


def cut_power():
    """Die as far as a test inside one process can: nothing catches this."""
    raise PowerCut


class CrashPoints:
    """Counts the points that are passed, and strikes when one is passed for the nth time.

    Whoever died asks nothing any more: after a strike that returns, every point cuts the power.
    """

    def __init__(self, name=None, *, nth=1, strike=cut_power):
        self.name = name
        self.nth = nth
        self.strike = strike
        self.passed = Counter()
        self.struck = False

    @property
    def kills_for_real(self):
        """Whether a strike ends a process, and not just a run inside one."""
        return self.strike is not cut_power

    def at(self, name):
        """Pass a point."""
        if self.struck:
            raise PowerCut
        self.passed[name] += 1
        if name == self.name and self.passed[name] == self.nth:
            self.struck = not self.kills_for_real
            self.strike()

    def around(self, desk):
        """Put the points around the ports of a desk."""
        return replace(
            desk,
            store=CrashingStore(desk.store, self),
            telephony=CrashingTelephony(desk.telephony, self),
        )


class CrashingStore:
    """A store with points around what its transactions write, and around their commits."""

    def __init__(self, store, points):
        self._store = store
        self._points = points

    def __getattr__(self, name):
        return getattr(self._store, name)

    @contextmanager
    def transaction(self, **keys):
        """Begin a transaction with points in it."""
        done = set()
        with self._store.transaction(**keys) as tx:
            yield _Transaction(tx, self._points, done)
            what = next((each for each in COMMITS if each in done), "something else")
            self._points.at(f"before commit of {what}")
        self._points.at(f"after commit of {what}")


class _Transaction:
    def __init__(self, tx, points, done):
        self._tx = tx
        self._points = points
        self._done = done

    def __getattr__(self, name):
        method = getattr(self._tx, name)

        def call(*args, **keys):
            point = _transition(args[0], keys) if name in ADVANCING else name
            if not (args and args[0] == []):  # nothing to do is no point
                self._points.at(f"before {point}")
            result = method(*args, **keys)
            if not (args and args[0] == []):
                self._done.add(point)
                self._points.at(f"after {point}")
            return result

        return call


def _transition(attempts, keys):
    each = attempts if isinstance(attempts, list) else [attempts]
    return f"{keys.get('from_state', 'reserved')}>{each[0].state}" if each else "nothing"


class CrashingTelephony:
    """Inkbox with points around each request, as the dialer makes it."""

    def __init__(self, telephony, points):
        self._telephony = telephony
        self._points = points

    def __getattr__(self, name):
        return getattr(self._telephony, name)

    async def place_call(self, request):
        """Place a call, with a point before, after, and where it failed."""
        self._points.at("before place_call")
        if self._points.kills_for_real:
            loop = asyncio.get_running_loop()
            loop.call_later(DURING_SECONDS, self._points.at, "during place_call")
        try:
            placed = await self._telephony.place_call(request)
        except TelephonyError:
            self._points.at("place_call failed")
            raise
        self._points.at("after place_call")
        return placed

    async def list_calls(self, *args, **keys):
        """List calls, with a point before and after."""
        self._points.at("before list_calls")
        calls = await self._telephony.list_calls(*args, **keys)
        self._points.at("after list_calls")
        return calls
