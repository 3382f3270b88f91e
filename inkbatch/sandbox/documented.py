"""What the OpenAPI document promises of answers. Nothing is checked against it while serving.

Answers are built as plain JSON (`wire`, `refusals`); that they keep these promises is tested.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from inkbatch.sandbox.call import CallStatus, HangupReason
from inkbatch.sandbox.media.transcript import Party
from inkbatch.sandbox.organisations import (
    FilterMode,
    ForwardingTarget,
    IncomingCallAction,
    NumberStatus,
    NumberType,
)

Responses = dict[int | str, dict[str, Any]]


class Number(BaseModel):
    """A phone number of the organisation."""

    id: UUID
    number: str
    type: NumberType
    status: NumberStatus
    sms_status: str | None
    incoming_call_action: IncomingCallAction
    client_websocket_url: str | None
    incoming_call_webhook_url: str | None
    forwarding_target_type: ForwardingTarget | None
    forwarding_phone_number: str | None
    forwarding_sip_uri: str | None
    filter_mode: FilterMode
    created_at: datetime
    updated_at: datetime
    state: str | None
    agent_identity_id: UUID | None


class Call(BaseModel):
    """The call object."""

    id: UUID
    local_phone_number: str
    remote_phone_number: str
    direction: str
    status: CallStatus
    client_websocket_url: str | None
    use_inkbox_tts: bool | None
    use_inkbox_stt: bool | None
    hangup_reason: HangupReason | None
    started_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    updated_at: datetime
    is_blocked: bool

    origin: Literal["dedicated_number"]
    mode: Literal["client_websocket"]
    reason: None
    hosted_agent_authority_mode: Literal["contact_scoped"]
    voicemail_detection: Literal["enabled"]
    on_voicemail: Literal["hang_up"]
    post_call_action_items: list[dict[str, Any]]
    forwardings: list[dict[str, Any]]
    connections: list[dict[str, Any]]


class TranscriptSegment(BaseModel):
    """One turn of a call; `ts_ms` counts from the answer to its first word."""

    id: UUID
    call_id: UUID
    seq: int
    ts_ms: int
    party: Party
    text: str
    phone_number: str | None
    created_at: datetime


class ToolInvocations(BaseModel):
    """A page of what Inkbox's own voice agent did in a call."""

    items: list[dict[str, Any]]
    limit: int
    offset: int
    has_more: bool


class RateLimit(BaseModel):
    """What the organisation has used of its rolling 24 hours."""

    calls_used: int
    calls_remaining: int
    calls_limit: int
    minutes_used: float
    minutes_remaining: float
    minutes_limit: float


class PlacedCall(Call):
    """The call object with the usage that includes it."""

    rate_limit: RateLimit


class Problem(BaseModel):
    """An error in one sentence."""

    detail: str


class CodedProblem(BaseModel):
    """An error in one sentence, or with a code beside it."""

    detail: str | dict[str, str]


def responses(answer: Any, **problems: str) -> Responses:
    """Document a 200 with its model, the 401, and further problems by name of their status."""
    documented: Responses = {
        HTTPStatus.OK.value: {"model": answer},
        HTTPStatus.UNAUTHORIZED.value: {
            "model": Problem,
            "description": "Missing or invalid API key",
        },
    }
    for name, description in problems.items():
        status = HTTPStatus[name.upper()].value
        documented[status] = {"model": Problem, "description": description}
    return documented


PLACE_CALL = responses(
    PlacedCall,
    bad_request="from_number is not active, or the body cannot be read",
    forbidden="from_number does not belong to your organization, or recipient_blocked",
    too_many_requests="Organization has exceeded its calls or minutes in the last 24 hours",
    bad_gateway="Telnyx dial failed",
)
PLACE_CALL[HTTPStatus.FORBIDDEN.value]["model"] = CodedProblem
PLACE_CALL[HTTPStatus.TOO_MANY_REQUESTS.value]["headers"] = {
    name: {"description": meaning, "required": True, "schema": {"type": "integer", "minimum": 0}}
    for name, meaning in (
        ("Retry-After", "Seconds until the next call is accepted"),
        ("X-RateLimit-Limit", "The limit that is used up: calls or minutes"),
        ("X-RateLimit-Remaining", "What is left of it: 0"),
        ("X-RateLimit-Reset", "The epoch second at which the next call is accepted"),
    )
}
NUMBER_PROBLEMS = {
    "bad_request": "The body cannot be read",
    "forbidden": "Phone number does not belong to your organization",
    "not_found": "Phone number not found",
}
CALL_PROBLEMS = {
    "forbidden": "Call does not belong to your organization",
    "not_found": "Call not found",
}
HANG_UP = {**CALL_PROBLEMS, "conflict": "Call has already ended"}
