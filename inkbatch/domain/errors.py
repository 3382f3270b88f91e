"""Every error that inkbatch raises on purpose.

::

    InkbatchError
    |-- UserMistake             a person can mend it: the message says how
    |   |-- CampaignFileError   campaign.toml says something that cannot be
    |   |-- CallListError       the call list cannot be read as one
    |   |-- AgentScriptError    the script of the example agent says something that cannot be
    |   `-- SettingsError       an environment variable or option is wrong
    |-- AgentError              the agent's side of a call
    |   |-- HandshakeRefused    who opens the media stream is not shown to be Inkbox
    |   |-- PipelineMismatch    a verb that the negotiated pipeline does not have
    |   |-- ResultRefused       inkbatch does not take this result or this token
    |   `-- ResultsUnavailable  inkbatch did not answer; tries used up
    |-- CampaignBusy            as many shifts dial this campaign as may at once
    |-- UnknownAttempt          no call was made for the attempt that somebody asks about
    |-- InvalidTransition       an attempt was asked to do what its state forbids
    |-- StoreError              the database cannot be used
    `-- TelephonyError          Inkbox answered something else than yes, or nothing
        |-- NotSent             proof that no request left; nothing rang
        |-- ReplyLost           the request may have left; it may ring
        |-- DialFailed          502: the carrier failed; a call may still exist
        |-- RateLimited         429: nothing was placed; the organisation holds
        |-- KeyRefused          401: the key is wrong or missing
        |-- FromNumberRefused   400, 403: this from_number may not call
        |-- RecipientBlocked    403: a contact rule at Inkbox blocks this person
        |-- RequestRefused      422: the request itself is not valid
        |-- CallNotFound        404: no such call or number
        `-- TelephonyUnavailable  reads failed, tries used up
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from inkbatch.domain.call import RateLimit


class InkbatchError(Exception):
    """The root: whatever is caught as this carries a sentence for a person."""


class UserMistake(InkbatchError):
    """Something that the person who reads the message can mend."""


class CampaignFileError(UserMistake):
    """campaign.toml is missing, half written, or says something not allowed."""


class CallListError(UserMistake):
    """The call list is missing, empty, of an unknown form or without a needed column."""


class SettingsError(UserMistake):
    """An environment variable or option cannot be used as it stands."""


class AgentScriptError(UserMistake):
    """An agent script is missing, half written, or says something not allowed."""


class AgentError(InkbatchError):
    """Something on the agent's side of a call did not go as its author wrote it."""


class HandshakeRefused(AgentError):
    """Whoever opens the media stream is not shown to be Inkbox; `status` is the HTTP answer."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class PipelineMismatch(AgentError):
    """A verb that the negotiated pipeline does not have, such as `say` where no text is spoken."""


class ResultRefused(AgentError):
    """inkbatch answered with a definite no; the same result again would not be taken either."""


class ResultsUnavailable(AgentError):
    """inkbatch did not answer and the tries are used up; posting the same result again is safe."""


class CampaignBusy(InkbatchError):
    """Other live shifts hold all dialing locks of the campaign."""


class UnknownAttempt(InkbatchError):
    """There is no such attempt, or nothing was sent for it."""


class InvalidTransition(InkbatchError):
    """An attempt was asked for an event that its state does not know."""


class StoreError(InkbatchError):
    """The database cannot be opened, is of another version, or refused the work."""


class TelephonyError(InkbatchError):
    """Inkbox did not simply say yes."""


class NotSent(TelephonyError):
    """It is certain that the request never left, so nothing rang."""


class TooLate(NotSent):
    """It did not leave since its time was over before it could."""


class ReplyLost(TelephonyError):
    """The request may have reached Inkbox; only the call list can tell."""


class DialFailed(TelephonyError):
    """The documented 502: the carrier failed to dial, though a call record may exist."""


class RateLimited(TelephonyError):
    """The documented 429: nothing was placed and the whole organisation waits."""

    def __init__(self, message: str, *, hold_until: datetime, limit: RateLimit | None) -> None:
        super().__init__(message)
        self.hold_until = hold_until
        self.limit = limit


class KeyRefused(TelephonyError):
    """401: no call can be placed with this key."""


class FromNumberRefused(TelephonyError):
    """400 or 403: the from_number is not active or belongs to another organisation."""


class RecipientBlocked(TelephonyError):
    """403 `recipient_blocked`: a contact rule at Inkbox forbids calling this person."""


class RequestRefused(TelephonyError):
    """422: Inkbox says that the request is not valid."""


class CallNotFound(TelephonyError):
    """404: Inkbox knows no such call or number."""


class TelephonyUnavailable(TelephonyError):
    """Reading from Inkbox failed and the tries are used up; nothing was dialed."""
