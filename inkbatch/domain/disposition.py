"""What an attempt came to, told from the call's wire status."""

from enum import StrEnum

from inkbatch.domain.call import Call, CallStatus


class Disposition(StrEnum):
    """The outcomes that a campaign's retry policy, reports and people speak of."""

    ANSWERED = "answered"  # a person picked up and the agent talked
    VOICEMAIL = "voicemail"  # a machine picked up
    REJECTED = "rejected"  # the person refused the call
    NO_ANSWER = "no_answer"  # it rang and nobody picked up
    FAILED = "failed"  # the call was made but did not come about, or no agent was there to talk
    DIAL_FAILED = "dial_failed"  # the carrier could not dial; no call exists
    BLOCKED = "blocked"  # a contact rule at Inkbox forbids calling this person
    REFUSED = "refused"  # Inkbox refused the from_number or the key; the person's try is kept
    INVALID = "invalid"  # Inkbox says the request is not valid; the same again cannot work
    UNKNOWN = "unknown"  # nobody can tell whether it rang; a person reviews it


NO_CALL_MADE = frozenset(
    {
        Disposition.REFUSED,
        Disposition.BLOCKED,
        Disposition.INVALID,
        Disposition.DIAL_FAILED,
    }
)
"""Outcomes after which no call exists that the server could count."""

RANG = frozenset(
    {Disposition.ANSWERED, Disposition.VOICEMAIL, Disposition.REJECTED, Disposition.NO_ANSWER}
)
"""Outcomes of which it is certain that the phone rang; the answer rate is a share of these."""

NEVER_RANG = frozenset({Disposition.REFUSED})
"""Outcomes that use up none of the contact's tries."""


def disposition_of(call: Call) -> Disposition | None:
    """Return what an ended call came to, None while it lasts.

    Source: the API page's call object (`status`, `hangup_reason`) and `started_at`, which is set
    when the call is answered. Who answered and had no agent to talk to was not reached. A machine
    or a refusal outranks the status, since carriers report both as completed and as failed.
    """
    if not call.has_ended:
        return None
    if call.hangup_reason == "voicemail":
        return Disposition.VOICEMAIL
    if call.hangup_reason == "rejected":
        return Disposition.REJECTED
    if call.started_at is not None:
        return Disposition.FAILED if call.lacked_agent else Disposition.ANSWERED
    if call.status == CallStatus.FAILED:
        return Disposition.FAILED
    return Disposition.NO_ANSWER
