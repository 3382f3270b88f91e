"""A call of the sandbox: its whole life is decided when it is placed, and told as time passes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from inkbatch.sandbox.media.dialogue import Dialogue


class CallStatus(StrEnum):
    """The statuses of a call on the wire, in the order in which they come."""

    INITIATED = "initiated"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


ENDED = frozenset({CallStatus.COMPLETED, CallStatus.FAILED, CallStatus.CANCELED})
"""The statuses after which nothing comes any more."""


class HangupReason(StrEnum):
    """Why a call ended, as the API page lists it."""

    LOCAL = "local"
    REMOTE = "remote"
    MAX_DURATION = "max_duration"
    VOICEMAIL = "voicemail"
    REJECTED = "rejected"


class Change(NamedTuple):
    """One step in the life of a call: when, and to which status."""

    at: datetime
    status: CallStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Everything that is going to happen to a call, with the moments at which it happens.

    `rings_at` is None for a dial that failed, `answered_at` for a call nobody picks up. A call
    whose end is lost is over at `ends_at`, but its record never says so.
    """

    created_at: datetime
    rings_at: datetime | None
    answered_at: datetime | None
    ends_at: datetime
    ends_as: CallStatus
    hangup_reason: HangupReason | None
    is_end_lost: bool = False

    def changes(self) -> tuple[Change, ...]:
        """Return every status of the call in its order, two of which may share one moment."""
        told = [Change(self.created_at, CallStatus.INITIATED)]
        if self.rings_at is not None:
            told.append(Change(self.rings_at, CallStatus.RINGING))
        if self.answered_at is not None:
            told.append(Change(self.answered_at, CallStatus.ANSWERED))
        if not self.is_end_lost:
            told.append(Change(self.ends_at, self.ends_as))
        return tuple(told)

    def cut(self, at: datetime, *, reason: HangupReason | None, ends_as: CallStatus) -> "Life":
        """Return the life that ends at a moment instead, without what would have come later."""
        return replace(
            self,
            rings_at=_unless_later(self.rings_at, at),
            answered_at=_unless_later(self.answered_at, at),
            ends_at=at,
            ends_as=ends_as,
            hangup_reason=reason,
            is_end_lost=False,
        )


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
    use_inkbox_tts: bool | None = None
    use_inkbox_stt: bool | None = None

    @property
    def talk(self) -> timedelta:
        """How long the call was talked, as far as it has ended."""
        if self.started_at is None or self.ended_at is None:
            return timedelta()
        return self.ended_at - self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCall:
    """A call with a record at Inkbox: who calls whom, and the life it is going to have.

    A call that its agent `talks` lasts until somebody hangs up, for which its `life` leaves room;
    it has `life_without_agent` if the agent cannot be reached.

    Who does text-to-speech and speech-to-text is None until the media stream has negotiated it.
    Where no agent is connected to, one is pretended that lets Inkbox do both; an agent that should
    have talked and cannot be reached leaves it None.
    """

    organisation: str
    call_id: UUID
    from_number: str
    to_number: str
    client_websocket_url: str | None
    webhook_url: str | None
    life: Life
    use_inkbox_tts: bool | None = None
    use_inkbox_stt: bool | None = None
    dialogue: Dialogue | None = None
    talks: bool = False
    life_without_agent: Life | None = None

    def at(self, now: datetime) -> LedgerCall:
        """Return what can be known of the call now; the future stays hidden."""
        return self._after([change for change in self.life.changes() if change.at <= now])

    def after_change(self, count: int) -> LedgerCall:
        """Return the call as it stands right after so many of its changes, at least one."""
        return self._after(self.life.changes()[:count])

    def _after(self, changes: Sequence[Change]) -> LedgerCall:
        latest = changes[-1]
        has_started = any(change.status is CallStatus.ANSWERED for change in changes)
        has_ended = latest.status in ENDED
        return LedgerCall(
            organisation=self.organisation,
            call_id=self.call_id,
            from_number=self.from_number,
            to_number=self.to_number,
            status=latest.status,
            hangup_reason=self.life.hangup_reason if has_ended else None,
            created_at=self.life.created_at,
            updated_at=latest.at,
            started_at=self.life.answered_at if has_started else None,
            ended_at=latest.at if has_ended else None,
            client_websocket_url=self.client_websocket_url,
            webhook_url=self.webhook_url,
            use_inkbox_tts=self._negotiated(self.use_inkbox_tts, has_started=has_started),
            use_inkbox_stt=self._negotiated(self.use_inkbox_stt, has_started=has_started),
        )

    def _negotiated(self, told: bool | None, *, has_started: bool) -> bool | None:  # noqa: FBT001 (a value, not a flag)
        return True if told is None and has_started and not self.talks else told


def _unless_later(moment: datetime | None, limit: datetime) -> datetime | None:
    return None if moment is None or moment > limit else moment
