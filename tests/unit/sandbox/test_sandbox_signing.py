"""The platform's signature; every expected one was computed by `openssl dgst -sha256 -hmac KEY`."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from inkbatch.sandbox.signing import signed_headers

AT = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)

VECTORS = [
    # printf '%s' 'req_1.1772474400.{"id":"evt_1"}' | openssl dgst -sha256 -hmac 'sandbox'
    (
        "whsec_sandbox",
        b'{"id":"evt_1"}',
        "req_1",
        AT,
        "862c7d7a0f0ee6c8ac6e38402df9fd7812b2dadf77168731a7ae42e7249bb2fc",
    ),
    # printf '%s' 'req_2.1772474400.' | openssl dgst -sha256 -hmac 'sandbox-b'
    (
        "whsec_sandbox-b",
        b"",
        "req_2",
        AT + timedelta(microseconds=999_999),
        "7c8252d8b81f6a84a8dcc1196e0cd022924d3891f501b71e4e56f588614bba76",
    ),
    # printf 'req_3.1772474399.{"name":"Zo\303\253"}\n' | openssl dgst -sha256 -hmac '...'
    (
        "key without prefix",
        '{"name":"Zoë"}\n'.encode(),
        "req_3",
        (AT - timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-5))),
        "8803922e9965ff52e63506b11c1c8016503f423a62b99f732b740d185a7e74aa",
    ),
]


@pytest.mark.parametrize(("key", "body", "request_id", "now", "digest"), VECTORS)
def test_headers_carry_the_signature_that_openssl_computes(key, body, request_id, now, digest):
    """Key prefix dropped, whole epoch seconds, the raw body as it is sent."""
    assert signed_headers(key, body, now=now, request_id=request_id) == {
        "X-Inkbox-Request-ID": request_id,
        "X-Inkbox-Timestamp": str(int(now.timestamp())),
        "X-Inkbox-Signature": f"sha256={digest}",
    }
