"""What the dialer writes to the log: an event and its ids, never a number, a name or a reason.

A reason may quote what a person wrote; whoever needs it asks `inkbatch why` or `explain`.
"""

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inkbatch.dialer.shift import Shift

log = logging.getLogger("inkbatch.dialer")


def note(shift: "Shift", event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log an event of a shift; costs next to nothing where nobody asked for such lines."""
    if log.isEnabledFor(level):
        told = {"campaign": shift.record.name, "shift": shift.id, **fields}
        log.log(level, event, extra={"fields": told})
