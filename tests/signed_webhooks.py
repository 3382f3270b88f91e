"""Webhooks as the platform signs them; written from its documents alone."""

import hashlib
import hmac
import json
from uuid import uuid4

KEY = "whsec_test-signing-key"


def headers_for(body, *, at, key=KEY, request_id=None):
    """Return the three headers over these bytes; `at` is an aware time."""
    request_id = request_id or f"req_{uuid4()}"
    timestamp = str(int(at.timestamp()))
    signed = f"{request_id}.{timestamp}.".encode() + body
    digest = hmac.new(key.removeprefix("whsec_").encode(), signed, hashlib.sha256).hexdigest()
    return {
        "X-Inkbox-Request-ID": request_id,
        "X-Inkbox-Timestamp": timestamp,
        "X-Inkbox-Signature": f"sha256={digest}",
    }


def call_event(call_id, *, event_id="evt_1", event_type="call.ended", **call):
    """Return the body of one event in the platform's envelope."""
    told = {"id": str(call_id), "status": "completed", "direction": "outbound", **call}
    envelope = {
        "id": event_id,
        "event_type": event_type,
        "timestamp": "2026-03-02T15:00:00Z",
        "data": {"call": told, "contacts": [], "agent_identities": [], "transcript": None},
    }
    return json.dumps(envelope).encode()
