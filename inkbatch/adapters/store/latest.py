"""Of when the latest is that a database knows: what came later, a copy of some age has not."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from inkbatch.adapters.store.tables import attempt, erased_number, suppressed_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """When somebody was last dialed, put on the suppression list, and erased; None: never."""

    dialed_at: datetime | None
    suppressed_at: datetime | None
    erased_at: datetime | None


def latest(connection: Connection) -> Latest:
    """Return it for all campaigns together; it goes through all attempts."""
    return Latest(
        dialed_at=connection.scalar(select(func.max(attempt.c.reserved_at))),
        suppressed_at=connection.scalar(select(func.max(suppressed_number.c.added_at))),
        erased_at=connection.scalar(select(func.max(erased_number.c.asked_at))),
    )
