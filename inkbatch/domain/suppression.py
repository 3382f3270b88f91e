"""Numbers never to call, and why."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One number that may not be called until `expires_at`, or ever when that is None."""

    number: str
    reason: str
    source: str
    added_at: datetime
    expires_at: datetime | None = None
