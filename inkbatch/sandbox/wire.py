"""The JSON of the API: what its requests take, and how numbers, calls and usage are told."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from inkbatch.sandbox.call import LedgerCall
from inkbatch.sandbox.organisations import (
    FilterMode,
    ForwardingTarget,
    IncomingCallAction,
    PhoneNumber,
)
from inkbatch.sandbox.rolling_limits import Usage
from inkbatch.sandbox.script import E164

URL_LENGTH_MAX = 2048
WebSocketURL = Annotated[
    str, StringConstraints(pattern=r"^wss?://[^\s/]+", max_length=URL_LENGTH_MAX)
]
WebhookURL = Annotated[
    str, StringConstraints(pattern=r"^https?://[^\s/]+", max_length=URL_LENGTH_MAX)
]


class PlaceCallRequest(BaseModel):
    """The body of place-call; unknown fields are ignored."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    from_number: E164
    """Caller ID in E.164 format: an active number of your organization."""
    to_number: E164
    """Destination number in E.164 format."""
    client_websocket_url: WebSocketURL | None = None
    """Where your agent listens; the phone number's own URL if omitted. Here ws:// is taken too."""
    webhook_url: WebhookURL | None = None
    """URL to receive call status events."""
    origination: Literal["dedicated_number"] = "dedicated_number"
    """Newer servers have other lines to call from; the sandbox has phone numbers."""
    mode: Literal["client_websocket"] = "client_websocket"
    """Newer servers have a voice agent of their own; in the sandbox yours talks."""


class UpdateNumberRequest(BaseModel):
    """The body of a number's update: what is left out stays, a URL of null is taken away.

    Unknown fields are ignored.
    """

    model_config = ConfigDict(use_attribute_docstrings=True)

    incoming_call_action: IncomingCallAction = IncomingCallAction.AUTO_REJECT
    """What happens to a call to the number."""
    client_websocket_url: WebSocketURL | None = None
    """Where your agent listens, for calls that are placed without a URL of their own."""
    incoming_call_webhook_url: WebhookURL | None = None
    """URL that is asked about incoming calls, where the action is webhook."""
    forwarding_target_type: ForwardingTarget | None = None
    """Where calls are forwarded to, where the action is forward."""
    forwarding_phone_number: E164 | None = None
    """The phone that they are forwarded to, in E.164 format."""
    forwarding_sip_uri: Annotated[str, StringConstraints(max_length=URL_LENGTH_MAX)] | None = None
    """The SIP destination that they are forwarded to."""
    filter_mode: FilterMode = FilterMode.BLACKLIST
    """Whether contact rules name those who may not reach the number, or those who may."""


_NEWER_FIELDS: dict[str, Any] = {
    "origin": "dedicated_number",
    "mode": "client_websocket",
    "reason": None,
    "hosted_agent_authority_mode": "contact_scoped",
    "voicemail_detection": "enabled",
    "on_voicemail": "hang_up",
    "post_call_action_items": [],
    "forwardings": [],
    "connections": [],
}
"""What newer servers tell of every call that a client drives; older clients ignore it."""


def number_json(number: PhoneNumber) -> dict[str, Any]:
    """Tell a phone number with all fields that clients have seen."""
    return {
        "id": str(number.id),
        "number": number.number,
        "type": number.type,
        "status": number.status,
        "sms_status": "ready",
        "incoming_call_action": number.incoming_call_action,
        "client_websocket_url": number.client_websocket_url,
        "incoming_call_webhook_url": number.incoming_call_webhook_url,
        "forwarding_target_type": number.forwarding_target_type,
        "forwarding_phone_number": number.forwarding_phone_number,
        "forwarding_sip_uri": number.forwarding_sip_uri,
        "filter_mode": number.filter_mode,
        "created_at": moment_text(number.created_at),
        "updated_at": moment_text(number.updated_at),
        "state": None,
        "agent_identity_id": None,
    }


def call_json(call: LedgerCall) -> dict[str, Any]:
    """Tell a call as the page's call object."""
    return {
        "id": str(call.call_id),
        "local_phone_number": call.from_number,
        "remote_phone_number": call.to_number,
        "direction": "outbound",
        "status": call.status,
        "client_websocket_url": call.client_websocket_url,
        "use_inkbox_tts": call.use_inkbox_tts,
        "use_inkbox_stt": call.use_inkbox_stt,
        "hangup_reason": call.hangup_reason,
        "started_at": moment_text(call.started_at),
        "ended_at": moment_text(call.ended_at),
        "created_at": moment_text(call.created_at),
        "updated_at": moment_text(call.updated_at),
        "is_blocked": False,
        **_NEWER_FIELDS,
    }


def rate_limit_json(usage: Usage) -> dict[str, Any]:
    """Tell the usage snapshot that rides on an accepted call."""
    return {
        "calls_used": usage.calls_used,
        "calls_remaining": usage.calls_remaining,
        "calls_limit": usage.calls_limit,
        "minutes_used": usage.minutes_used,
        "minutes_remaining": usage.minutes_remaining,
        "minutes_limit": usage.minutes_limit,
    }


def ledger_json(call: LedgerCall) -> dict[str, Any]:
    """Tell a call of the sandbox's own ledger, with the names that the ledger uses."""
    return {
        "organisation": call.organisation,
        "call_id": str(call.call_id),
        "from_number": call.from_number,
        "to_number": call.to_number,
        "status": call.status,
        "hangup_reason": call.hangup_reason,
        "created_at": moment_text(call.created_at),
        "started_at": moment_text(call.started_at),
        "ended_at": moment_text(call.ended_at),
        "talk_seconds": call.talk.total_seconds(),
        "client_websocket_url": call.client_websocket_url,
        "webhook_url": call.webhook_url,
    }


def moment_text(moment: datetime | None) -> str | None:
    """Return a moment of UTC as the API writes it."""
    return None if moment is None else f"{moment.replace(tzinfo=None).isoformat()}Z"
