"""The JSON of the API: what place-call takes, and how numbers, calls and usage are told."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints

from inkbatch.sandbox.call import LedgerCall
from inkbatch.sandbox.organisations import PhoneNumber
from inkbatch.sandbox.rolling_limits import Usage
from inkbatch.sandbox.script import E164

URL_LENGTH_MAX = 2048
WebSocketURL = Annotated[
    str, StringConstraints(pattern=r"^wss?://[^\s/]+", max_length=URL_LENGTH_MAX)
]
WebhookURL = Annotated[
    str, StringConstraints(pattern=r"^https?://[^\s/]+", max_length=URL_LENGTH_MAX)
]

_RENTED_AT = "2026-01-01T00:00:00Z"


class PlaceCallRequest(BaseModel):
    """The body of place-call; unknown fields are ignored."""

    from_number: E164
    to_number: E164
    client_websocket_url: WebSocketURL | None = None
    webhook_url: WebhookURL | None = None


def number_json(number: PhoneNumber) -> dict[str, Any]:
    """Tell a phone number with all fields that clients have seen."""
    return {
        "id": str(number.id),
        "number": number.number,
        "type": "local",
        "status": number.status,
        "sms_status": None,
        "incoming_call_action": "auto_reject",
        "client_websocket_url": number.client_websocket_url,
        "incoming_call_webhook_url": None,
        "filter_mode": "blacklist",
        "created_at": _RENTED_AT,
        "updated_at": _RENTED_AT,
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
        "started_at": _moment(call.started_at),
        "ended_at": _moment(call.ended_at),
        "created_at": _moment(call.created_at),
        "updated_at": _moment(call.updated_at),
        "is_blocked": False,
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
        "created_at": _moment(call.created_at),
        "started_at": _moment(call.started_at),
        "ended_at": _moment(call.ended_at),
        "talk_seconds": call.talk.total_seconds(),
        "client_websocket_url": call.client_websocket_url,
        "webhook_url": call.webhook_url,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.replace(tzinfo=None).isoformat()}Z"
