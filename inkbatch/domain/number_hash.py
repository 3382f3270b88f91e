"""What is left of a number that was forgotten: a keyed hash, by which it is known again.

HMAC-SHA256 by a key of the database's own, so that hashes of two databases cannot be compared and
no table of hashes made elsewhere fits. Numbers are few enough to try them all, so whoever has the
key too can find the number of a hash: it is a pseudonym and not anonymous.
"""

import hmac
import secrets

PREFIX = "hash:"
DIGITS = 32
"""Hexadecimal digits that are kept: 128 bits, so no two numbers ever share them."""

KEY_BYTES = 32

ERASED = "erased"
ERASED_BY = "inkbatch erase"
"""The reason why a number that was erased may not be called, and where that comes from."""


def new_key() -> str:
    """Return a random key, in hexadecimal digits."""
    return secrets.token_hex(KEY_BYTES)


def hashed(number: str, *, key: str) -> str:
    """Return what stands in place of a number, such as `hash:0f3c...`; a hash stays as it is."""
    if is_hashed(number):
        return number
    digest = hmac.digest(bytes.fromhex(key), number.encode(), "sha256")
    return PREFIX + digest.hex()[:DIGITS]


def is_hashed(number: str) -> bool:
    """Return whether this is the hash of a number that was forgotten."""
    return number.startswith(PREFIX)
