"""Dialing locks: a campaign has as many as shifts may work at it at once, and each shift holds one.

The first has the name of the only one of most campaigns. A free lock is the proof that whoever held
it before is dead, so no shift needs to know how many others there may be. One that never ended, and
of which nobody found its lock free, lives as far as anybody knows.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from inkbatch.ports import DialingLock, RunningShift, ShiftRecord, Store, Transaction

if TYPE_CHECKING:
    from inkbatch.dialer.shift import Shift

LOCK_TRIES, LOCK_TRY_SECONDS = 5, 0.02
"""Other shifts hold a lock for an instant to see whether it is free; they are not working."""


class Taken(NamedTuple):
    """A dialing lock that is ours, and its name."""

    name: str
    lock: DialingLock


def lock_names(campaign_id: int, *, shifts_at_once: int = 1) -> tuple[str, ...]:
    """Return the names of a campaign's dialing locks."""
    first = f"campaign-{campaign_id}"
    return (first, *(f"{first}-{place}" for place in range(2, shifts_at_once + 1)))


def take_any(store: Store, names: Sequence[str]) -> Taken | None:
    """Take the first of these locks that is free; None where each has its shift."""
    for tries in range(LOCK_TRIES):
        if tries:
            time.sleep(LOCK_TRY_SECONDS)
        for name in names:
            lock = store.take_lock(name)
            if lock is not None:
                return Taken(name, lock)
    return None


def is_held(store: Store, name: str) -> bool:
    """Return whether somebody alive holds a lock; it is ours for an instant where nobody does."""
    lock = store.take_lock(name)
    if lock is not None:
        lock.release()
    return lock is None


def other_shifts(shift: "Shift", tx: Transaction) -> list[ShiftRecord]:
    """Return the shifts of all campaigns, but this one, that never ended."""
    return [other for other in tx.unended_shifts() if other.id != shift.id]


def living_shifts(store: Store, running: Sequence[RunningShift]) -> tuple[RunningShift, ...]:
    """Return those of `running` that live; of several that had one lock only the newest can."""
    newest = dict[str, RunningShift]()
    for each in running:
        known = newest.get(each.lock_name)
        if known is None or each.started_at > known.started_at:
            newest[each.lock_name] = each
    return tuple(each for each in newest.values() if is_held(store, each.lock_name))
