"""Is this webhook from Inkbox? Its signature, its age, and the form of both before anything else.

Source: HMAC-SHA256 over `"{request_id}.{timestamp}." + raw body`, with the signing key less its
prefix `whsec_` as the raw bytes of the key. The platform's own kit checks no age; this does.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr
from starlette.datastructures import Headers

AGE_MAX = timedelta(seconds=300)
"""How far the signed time may be from ours, before or after."""

FORMS = {
    "X-Inkbox-Request-ID": re.compile(r"[!-~]{1,200}"),
    "X-Inkbox-Timestamp": re.compile(r"[0-9]{1,11}"),
    "X-Inkbox-Signature": re.compile(r"sha256=([0-9a-fA-F]{64})"),
}
"""Printable ASCII, seconds since 1970, and the digest; each header once."""

KEY_PREFIX = "whsec_"


class NotSigned(Exception):
    """The request is not shown to come from Inkbox; the message says what speaks against it."""


def check_form(headers: Headers) -> None:
    """Raise NotSigned where a header is missing, doubled or of another form."""
    for name, form in FORMS.items():
        values = headers.getlist(name)
        if len(values) != 1 or not form.fullmatch(values[0]):
            raise NotSigned(f"the header {name} is missing or not of its form")


def check_signature(
    headers: Headers, body: bytes, *, keys: Sequence[SecretStr], now: datetime
) -> None:
    """Raise NotSigned unless one of the keys signed this body lately; no key signs nothing.

    The headers are of their form. Every key is compared in constant time, whichever fits.
    """
    timestamp = headers["X-Inkbox-Timestamp"]
    if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > AGE_MAX:
        raise NotSigned("it was signed more than five minutes before or after our time")
    signed = f"{headers['X-Inkbox-Request-ID']}.{timestamp}.".encode("ascii") + body
    told = bytes.fromhex(headers["X-Inkbox-Signature"].removeprefix("sha256="))
    fits = [
        hmac.compare_digest(hmac.digest(key, signed, hashlib.sha256), told)
        for key in usable_keys(keys)
    ]
    if not any(fits):
        raise NotSigned("no signing key of ours made its signature")


def usable_keys(keys: Sequence[SecretStr]) -> list[bytes]:
    """Return the keys as bytes, without those that are empty once their prefix is dropped."""
    texts = (key.get_secret_value().strip().removeprefix(KEY_PREFIX) for key in keys)
    return [text.encode() for text in texts if text]
