"""A call of the sandbox: its whole life is decided when it is placed, and told as time passes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class CallStatus(StrEnum):
    """The statuses of a call on the wire, in the order in which they come."""

    INITIATED = "initiated"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class HangupReason(StrEnum):
    """Why a call ended, as the API page lists it."""

    LOCAL = "local"
    REMOTE = "remote"
    MAX_DURATION = "max_duration"
    VOICEMAIL = "voicemail"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Everything that is going to happen to a call, with the moments at which it happens.

    `rings_at` is None for a dial that failed, `answered_at` for a call nobody picks up.
    """

    created_at: datetime
    rings_at: datetime | None
    answered_at: datetime | None
    ends_at: datetime
    ends_as: CallStatus
    hangup_reason: HangupReason | None

    def status(self, now: datetime) -> CallStatus:
        """Return the status that the call has reached by now."""
        if now >= self.ends_at:
            return self.ends_as
        if self.answered_at is not None and now >= self.answered_at:
            return CallStatus.ANSWERED
        if self.rings_at is not None and now >= self.rings_at:
            return CallStatus.RINGING
        return CallStatus.INITIATED

    def updated_at(self, now: datetime) -> datetime:
        """Return when the call reached the status it has now."""
        moments = (self.created_at, self.rings_at, self.answered_at, self.ends_at)
        return max(moment for moment in moments if moment is not None and moment <= now)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCall:
    """One call that was really dialed, as it stands at one moment."""

    organisation: str
    call_id: UUID
    from_number: str
    to_number: str
    status: CallStatus
    hangup_reason: HangupReason | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    client_websocket_url: str | None
    webhook_url: str | None

    @property
    def talk(self) -> timedelta:
        """How long the call was talked, as far as it has ended."""
        if self.started_at is None or self.ended_at is None:
            return timedelta()
        return self.ended_at - self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCall:
    """A call with a record at Inkbox: who calls whom, and the life it is going to have."""

    organisation: str
    call_id: UUID
    from_number: str
    to_number: str
    client_websocket_url: str | None
    webhook_url: str | None
    life: Life

    def at(self, now: datetime) -> LedgerCall:
        """Return what can be known of the call now; the future stays hidden."""
        life = self.life
        has_started = life.answered_at is not None and life.answered_at <= now
        has_ended = life.ends_at <= now
        return LedgerCall(
            organisation=self.organisation,
            call_id=self.call_id,
            from_number=self.from_number,
            to_number=self.to_number,
            status=life.status(now),
            hangup_reason=life.hangup_reason if has_ended else None,
            created_at=life.created_at,
            updated_at=life.updated_at(now),
            started_at=life.answered_at if has_started else None,
            ended_at=life.ends_at if has_ended else None,
            client_websocket_url=self.client_websocket_url,
            webhook_url=self.webhook_url,
        )
