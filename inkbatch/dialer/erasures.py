"""Erasures that had to wait for the end of a call (fault F22)."""

from inkbatch.ports import Store
from inkbatch.ports.clock import Clock


def finish_erasures(store: Store, clock: Clock) -> int:
    """Erase the numbers whose call is over; return how many. Nobody dialed them meanwhile."""
    with store.reading() as tx:
        waiting = tx.waiting_erasures()
    for number in waiting:
        with store.transaction() as tx:
            tx.erase(number, now=clock.now())
    if waiting:
        # Where others use the file all the time, the next shift rids it of the traces.
        store.scrub()
    return len(waiting)
