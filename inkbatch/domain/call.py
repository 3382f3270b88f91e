"""What Inkbox has: a call with its wire status, a number, and the limits it tells."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CallStatus(StrEnum):
    """The wire statuses of Inkbox, in the order in which they come."""

    INITIATED = "initiated"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


FASTER_THAN_AGENT_MINUTES = 5 / 60
"""Connecting to an agent takes less, where it can be reached at all."""

ENDED_STATUSES = frozenset({CallStatus.COMPLETED, CallStatus.FAILED, CallStatus.CANCELED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as Inkbox tells it; `status` stays text so that new ones do not break us.

    `agent_reached` says whether the agent's WebSocket took the call once it was answered; None
    where that is not told.
    """

    id: str
    phone_number_id: str | None
    local_number: str
    remote_number: str
    direction: str
    status: str
    hangup_reason: str | None
    client_websocket_url: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    agent_reached: bool | None = None

    @property
    def has_ended(self) -> bool:
        """Whether the call is over; an end outranks a status that is new to us."""
        return self.status in ENDED_STATUSES or self.ended_at is not None

    @property
    def talk_minutes(self) -> float:
        """Minutes from the answer to the end; 0 while either is unknown."""
        return 0.0 if self.ended_at is None else self.minutes_until(self.ended_at)

    @property
    def lacked_agent(self) -> bool:
        """Whether the person who answered had nobody to talk to.

        Who hangs up within seconds may have been faster than the agent.
        """
        if self.agent_reached is not False or self.hangup_reason in ("voicemail", "rejected"):
            return False
        return self.hangup_reason != "remote" or self.talk_minutes > FASTER_THAN_AGENT_MINUTES

    def minutes_until(self, at: datetime) -> float:
        """Return the minutes from the answer to a moment; 0 before the answer."""
        if self.started_at is None:
            return 0.0
        return max((at - self.started_at).total_seconds(), 0.0) / 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """The organisation's rolling 24 hours as the server counted them with one answer."""

    calls_used: int
    calls_limit: int
    minutes_used: float
    minutes_limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNumber:
    """A phone number of the organisation, from which calls may be placed when active."""

    id: str
    number: str
    status: str
    client_websocket_url: str | None

    @property
    def is_active(self) -> bool:
        """Whether Inkbox lets this number place calls."""
        return self.status == "active"
