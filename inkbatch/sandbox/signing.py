"""The signature that the platform puts on what it sends: webhooks and stream handshakes."""

import hashlib
import hmac
from datetime import datetime

KEY_PREFIX = "whsec_"


def signed_headers(key: str, body: bytes, *, now: datetime, request_id: str) -> dict[str, str]:
    """Return the three headers that prove a body to be the platform's.

    The signature is HMAC-SHA256 in hex over `{request_id}.{epoch seconds}.` and the raw body. A
    `whsec_` in front of the key is dropped and the rest used as bytes, as it stands (nothing is
    decoded). A stream's handshake signs its `X-Call-Context` as the body.
    """
    timestamp = str(int(now.timestamp()))
    secret = key.removeprefix(KEY_PREFIX).encode()
    signed = f"{request_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret, signed, hashlib.sha256).hexdigest()
    return {
        "X-Inkbox-Request-ID": request_id,
        "X-Inkbox-Timestamp": timestamp,
        "X-Inkbox-Signature": f"sha256={digest}",
    }
