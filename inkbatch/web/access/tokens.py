"""Tokens for scripts: made once, shown once, kept as a hash, good for a while."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from inkbatch.domain.errors import UserMistake
from inkbatch.ports import Store
from inkbatch.ports.access import ApiToken, Role
from inkbatch.ports.viewing import AuditEntry
from inkbatch.web.access.sessions import Person

PREFIX = "inkbatch_"
"""By it scanners of published code know what they found."""

TOKEN_BYTES = 32
FORM = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
DAYS_MAX = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Who a script is, by its token; 256 random bits need no slowing of tries."""

    store: Store

    def person(self, token: str, *, now: datetime) -> Person | None:
        """Return for whom a token stands; None where it is none, is over, or was revoked."""
        if not FORM.fullmatch(token):
            return None
        with self.store.reading() as tx:
            kept = tx.api_token_of(_digest(token))
        if kept is None or not kept.is_good(now=now):
            return None
        return Person(name=shown_name(kept.name), role=Role(kept.role))


def create_token(
    store: Store, name: str, *, role: Role, lasts: timedelta, by: str, now: datetime
) -> str:
    """Return a new token, which is to be had here alone; raises UserMistake."""
    if not NAME.fullmatch(name):
        raise UserMistake(
            f"{name!r} is no name for a token: at most 40 letters, digits, dots, dashes and "
            "underscores, which begin with a letter or digit."
        )
    if not timedelta() < lasts <= timedelta(days=DAYS_MAX):
        raise UserMistake(f"a token is good for at least a day and at most {DAYS_MAX}.")
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    made = ApiToken(name=name, role=role, created_at=now, expires_at=now + lasts)
    with store.transaction() as tx:
        if not tx.add_api_token(made, digest=_digest(token)):
            raise UserMistake(
                f"a token was called {name} before. The activity log names tokens, so each has a "
                "name of its own for ever: give another one."
            )
        tx.add_audit_entry(_entry(by, f"made a token for a {role}", name, now=now))
    return token


def revoke_token(store: Store, name: str, *, by: str, now: datetime) -> None:
    """End a token at once; raises UserMistake where there is none that could be ended."""
    with store.transaction() as tx:
        if not tx.revoke_api_token(name, now=now):
            raise UserMistake(
                f"no token {name} is there to be revoked; `inkbatch token list` has them all."
            )
        tx.add_audit_entry(_entry(by, "revoked a token", name, now=now))


def shown_name(name: str) -> str:
    """Return how the activity log names the holder of a token."""
    return f"{name} (token)"


def _entry(by: str, action: str, name: str, *, now: datetime) -> AuditEntry:
    return AuditEntry(at=now, who=by, role=Role.OPERATOR, action=action, subject=name)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
