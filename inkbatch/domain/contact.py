"""One person at one number, with one time zone (or several candidates for it)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ContactState(StrEnum):
    """Where a contact stands; each is in exactly one of these at any time."""

    DUE = "due"  # may be called now, as far as its own waiting goes
    WAITING = "waiting"  # not before a time, for a reason
    IN_CALL = "in_call"  # an attempt is open: reserved, placed or unconfirmed
    REACHED = "reached"  # an attempt came to what the campaign wants
    EXHAUSTED = "exhausted"  # no tries left, or the last outcome says stop
    SUPPRESSED = "suppressed"  # on the suppression list, or blocked at Inkbox
    REVIEW = "review"  # an attempt's fate is unknown; a person decides
    WITHDRAWN = "withdrawn"  # taken out by a person
    EXPIRED = "expired"  # its deadline passed before it was reached


FINAL_STATES = frozenset(
    {
        ContactState.REACHED,
        ContactState.EXHAUSTED,
        ContactState.SUPPRESSED,
        ContactState.REVIEW,
        ContactState.WITHDRAWN,
        ContactState.EXPIRED,
    }
)
"""States that the dialer never leaves by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact as it is stored. Due is not stored: it is waiting whose time has come."""

    id: int
    campaign_id: int
    number: str
    zones: tuple[str, ...]
    fields: Mapping[str, str] = field(default_factory=dict)
    row_number: int
    priority: int = 0
    state: ContactState = ContactState.WAITING
    waits_until: datetime
    why: str
    expires_at: datetime | None = None
    attempts_used: int = 0
    enrolled_at: datetime | None = None
