"""One person, at one number or at several of which one is called next, with their time zones."""

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


def count_left(contacts: Mapping[str, int]) -> int:
    """Return how many of these, counted by state, are still to be called or in a call."""
    return sum(count for state, count in contacts.items() if state not in FINAL_STATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactNumber:
    """One of a person's numbers, with the time zones that it may be in."""

    number: str
    zones: tuple[str, ...]
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact as it is stored. Due is not stored: it is waiting whose time has come.

    `number` is the one by which it is known. One with several has all of them in `numbers`, in the
    order of the list's columns; `called_number` is the one that is called next, None where that is
    `number`. `zones` are those of the number that is called next.
    """

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
    called_number: str | None = None
    numbers: tuple[ContactNumber, ...] = ()

    @property
    def dials(self) -> str:
        """The number that is called next."""
        return self.called_number or self.number

    @property
    def all_numbers(self) -> tuple[str, ...]:
        """Every number of the person, the one by which it is known among them."""
        return tuple(dict.fromkeys((self.number, *(each.number for each in self.numbers))))

    def number_of(self, number: str) -> ContactNumber | None:
        """Return the one of several numbers that is this."""
        return next((each for each in self.numbers if each.number == number), None)

    def number_after(self, number: str) -> ContactNumber | None:
        """Return the one of several numbers that comes after this; the first after the last."""
        known = self.number_of(number)
        if known is None:
            return None
        return self.numbers[(self.numbers.index(known) + 1) % len(self.numbers)]
