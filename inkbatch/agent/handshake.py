"""Whether whoever opens the agent's WebSocket is Inkbox.

Inkbox sends `X-Call-Context`, a JSON object about the call, and signs its raw value: HMAC-SHA256
over `"{request id}.{timestamp}." + value`, with the signing key less its prefix `whsec_`.
"""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from inkbatch.domain.errors import HandshakeRefused, SettingsError
from inkbatch.ports import Clock

CONTEXT, REQUEST_ID = b"x-call-context", b"x-inkbox-request-id"
TIMESTAMP, SIGNATURE = b"x-inkbox-timestamp", b"x-inkbox-signature"
FORMATS = {
    # Servers take header lines of 8 KiB; contacts and what is remembered of them fill a context.
    CONTEXT: re.compile(rb"[^\x00-\x1f\x7f]{2,8000}"),
    REQUEST_ID: re.compile(rb"[\x21-\x7e]{1,200}"),
    TIMESTAMP: re.compile(rb"[0-9]{1,12}"),
    SIGNATURE: re.compile(rb"sha256=[0-9a-fA-F]{64}"),
}
SKEW_MAX = timedelta(seconds=300)
BAD_REQUEST, UNAUTHORIZED = 400, 401
CALL_ID = re.compile(r"[\x21-\x7e]{1,100}")

Headers = Sequence[tuple[bytes, bytes]]
"""As ASGI gives them: names in lower case, values as they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """What Inkbox says of the call when it opens the media stream.

    `local_number` is the number called from. `told` holds all that the header said.
    """

    call_id: str | None = None
    local_number: str | None = None
    direction: str | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


class Gate:
    """Admits handshakes that one of the signing keys signed within the last 300 seconds.

    Several keys are for a rotation: the old and the new one. Raises SettingsError without any
    key, unless `verify` is False, which lets in whoever comes and is for development alone.
    """

    def __init__(
        self, signing_keys: Sequence[SecretStr | str], *, verify: bool, clock: Clock
    ) -> None:
        self._keys = tuple(_key_bytes(key) for key in signing_keys)
        self._verify = verify
        self._clock = clock
        if verify and not self._keys:
            raise SettingsError(
                "an agent needs a signing key to tell Inkbox from strangers. Give the one of your "
                "organisation at Inkbox (INKBATCH_WEBHOOK_SIGNING_KEYS; whsec_sandbox for the "
                "sandbox), or, for development alone, switch the check off."
            )

    def admit(self, headers: Headers) -> CallContext:
        """Return the call's context; raises HandshakeRefused (400 or 401), naming the header."""
        if not self._verify:
            return _context_if_any(headers)
        context, request_id, timestamp, signature = (_only(headers, name) for name in FORMATS)
        age = abs(self._clock.now().timestamp() - int(timestamp))
        if age > SKEW_MAX.total_seconds():
            raise _refused(TIMESTAMP, "is more than 300 seconds from this machine's clock")
        signed = b"%s.%s.%s" % (request_id, timestamp, context)
        if not self._is_signed(signed, signature):
            raise _refused(SIGNATURE, "fits none of the agent's signing keys")
        return _read(context)

    def _is_signed(self, signed: bytes, signature: bytes) -> bool:
        given = signature.removeprefix(b"sha256=").lower()
        # All are compared, so that the time tells nothing of which one fits.
        fitting = [
            hmac.compare_digest(given, hmac.digest(key, signed, "sha256").hex().encode())
            for key in self._keys
        ]
        return any(fitting)


def _only(headers: Headers, name: bytes) -> bytes:
    values = [value for header, value in headers if header == name]
    if not values:
        raise _refused(name, "is missing")
    if len(values) > 1:
        raise _refused(name, "stands twice", status=BAD_REQUEST)
    if not FORMATS[name].fullmatch(values[0]):
        raise _refused(name, "does not have its form", status=BAD_REQUEST)
    return values[0]


def _context_if_any(headers: Headers) -> CallContext:
    given = any(name == CONTEXT for name, _ in headers)
    return _read(_only(headers, CONTEXT)) if given else CallContext()


def _read(context: bytes) -> CallContext:
    try:
        told = json.loads(context)
    except (ValueError, RecursionError) as error:
        raise _refused(CONTEXT, "is not JSON", status=BAD_REQUEST) from error
    if not isinstance(told, dict):
        raise _refused(CONTEXT, "is no JSON object", status=BAD_REQUEST)
    call_id = told.get("call_id", told.get("id"))  # newer servers may tell the whole call object
    if call_id is not None and not (isinstance(call_id, str) and CALL_ID.fullmatch(call_id)):
        raise _refused(CONTEXT, "has a call_id that is none", status=BAD_REQUEST)
    number = told.get("phone_number", told.get("local_phone_number"))
    direction = told.get("direction")
    return CallContext(
        call_id=call_id,
        local_number=number if isinstance(number, str) else None,
        direction=direction if isinstance(direction, str) else None,
        told=told,
    )


def _refused(name: bytes, why: str, *, status: int = UNAUTHORIZED) -> HandshakeRefused:
    shown = "-".join(part.capitalize() for part in name.decode().split("-"))
    return HandshakeRefused(f"the header {shown} {why}", status=status)


def _key_bytes(key: SecretStr | str) -> bytes:
    text = key.get_secret_value() if isinstance(key, SecretStr) else key
    secret = text.strip().removeprefix("whsec_")
    if not secret:
        raise SettingsError("a signing key of the agent is empty. Copy it again from Inkbox.")
    return secret.encode()
