"""Erasures that had to wait for the end of a call (fault F22), and ridding the file of traces."""

import logging
from collections.abc import Sequence

from inkbatch.dialer.logbook import note
from inkbatch.dialer.shift import Shift


def finish_erasures(shift: Shift) -> int:
    """Erase the numbers whose call is over; return how many. Nobody dialed them meanwhile."""
    with shift.store.reading() as tx:
        waiting = tx.waiting_erasures()
    return erase_all(shift, waiting)


def erase_all(shift: Shift, waiting: Sequence[str]) -> int:
    """Erase these numbers, of which no call is open any more; return how many."""
    for number in waiting:
        with shift.store.transaction() as tx:
            tx.erase(number, now=shift.clock.now())
    if waiting:
        scrub(shift)
    return len(waiting)


def scrub(shift: Shift) -> None:
    """Rid the file of what was forgotten; where that cannot be done now, the next shift does it.

    Nobody is left undialed for it.
    """
    scrubbed = shift.store.scrub()
    if not scrubbed:
        note(shift, "not_scrubbed", level=logging.WARNING, problem=scrubbed.problem)
