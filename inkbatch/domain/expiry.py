"""Until when a contact is called: its own deadline, and the campaign's, whichever comes first."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.periods import period_text
from inkbatch.domain.retry_policy import Following


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """From `at` on the contact is expired, because of `why`."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """When a campaign gives up whom it has not reached; with nothing said, never.

    `last_day` is the last one on which anybody is called, on the contact's own clock. `after` is
    counted from the moment at which the contact was imported.
    """

    last_day: date | None = None
    after: timedelta | None = None

    def deadline(self, contact: Contact) -> Deadline | None:
        """Return the earliest of the contact's own deadline and the campaign's."""
        candidates = list[Deadline]()
        if contact.expires_at is not None:
            why = "its deadline passed before it was reached"
            candidates.append(Deadline(at=contact.expires_at, why=why))
        end = self.end_in(contact.zones)
        if end is not None:
            why = f"the campaign calls nobody after {self.last_day}"
            candidates.append(Deadline(at=end, why=why))
        if self.after is not None and contact.enrolled_at is not None:
            why = f"it was not reached within {period_text(self.after)} of its import"
            candidates.append(Deadline(at=contact.enrolled_at + self.after, why=why))
        return min(candidates, key=lambda candidate: candidate.at, default=None)

    def end_in(self, zones: tuple[str, ...]) -> datetime | None:
        """Return the first instant at which the last day is over in one of the zones."""
        if self.last_day is None:
            return None
        after = self.last_day + timedelta(days=1)
        midnights = (datetime.combine(after, time(), _zone(name)) for name in zones or ("UTC",))
        return min(midnight.astimezone(UTC) for midnight in midnights)


def in_time(following: Following, deadline: Deadline | None) -> Following:
    """Return what follows an attempt: a wait up to the deadline or past it is given up now."""
    if following.state is not ContactState.WAITING or deadline is None:
        return following
    if following.until < deadline.at:
        return following
    why = f"{following.why}; the next would be too late: {deadline.why}"
    return replace(following, state=ContactState.EXPIRED, why=why, comes_first=False)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("Etc/UTC")  # nobody is called there, for its window is never open
