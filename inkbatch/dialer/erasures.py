"""Erasures that had to wait for the end of a call (fault F22)."""

from collections.abc import Sequence

from inkbatch.ports import Store
from inkbatch.ports.clock import Clock


def finish_erasures(store: Store, clock: Clock) -> int:
    """Erase the numbers whose call is over; return how many. Nobody dialed them meanwhile."""
    with store.reading() as tx:
        waiting = tx.waiting_erasures()
    return erase_all(store, clock, waiting)


def erase_all(store: Store, clock: Clock, waiting: Sequence[str]) -> int:
    """Erase these numbers, of which no call is open any more; return how many."""
    for number in waiting:
        with store.transaction() as tx:
            tx.erase(number, now=clock.now())
    if waiting:
        # Where others use the file all the time, the next shift rids it of the traces.
        store.scrub()
    return len(waiting)
