"""One-time links, passwords, and the sessions that they become.

Everything is kept in this process: when it ends, all sessions end, and the next one prints a new
link. Tokens are kept as digests alone.
"""

import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import SecretStr

from inkbatch.ports.access import Role

LINK_LASTS = timedelta(hours=1)
SESSION_LASTS = timedelta(hours=12)
LINKS_MAX, SESSIONS_MAX = 100, 1_000
TOKEN_BYTES = 32
NAME_LENGTH_MAX = 60

TRIES_MAX, TRIES_WITHIN = 10, timedelta(minutes=5)
"""So many wrong passwords are taken in a while, of all strangers together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who was let in; `name` is what the log says."""

    name: str
    role: Role

    @property
    def may_change(self) -> bool:
        """Whether this is an operator."""
        return self.role is Role.OPERATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    person: Person
    until: datetime


@dataclass(slots=True, kw_only=True)
class Sessions:
    """Who is let in; every method takes the time, and forgets what is over.

    `passwords` are those by which people come in without a link; none lets nobody in so.
    """

    passwords: Mapping[Role, SecretStr] = field(default_factory=dict)
    _links: dict[str, _Kept] = field(default_factory=dict)
    _sessions: dict[str, _Kept] = field(default_factory=dict)
    _wrong: deque[datetime] = field(default_factory=deque)

    def new_link_token(self, person: Person, *, now: datetime) -> str:
        """Return a token that lets this person in once; the oldest make room for new ones."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        _keep(self._links, token, person, until=now + LINK_LASTS, at_most=LINKS_MAX)
        return token

    def enter_by_link(self, token: str, *, now: datetime) -> str | None:
        """Return a new session's token for a link's; None where it was used, or is over."""
        kept = self._links.pop(_digest(token), None)
        if kept is None or kept.until <= now:
            return None
        return self._begin(kept.person, now=now)

    def enter_by_password(self, name: str, password: str, *, now: datetime) -> str | None:
        """Return a new session's token; None for a wrong password, or too many of them lately."""
        if self.is_slowed(now=now):
            return None
        role = self._role_of(password)
        if role is None:
            self._wrong.append(now)
            return None
        return self._begin(Person(name=person_name(name), role=role), now=now)

    def is_slowed(self, *, now: datetime) -> bool:
        """Return whether so many passwords were wrong lately that no more are looked at."""
        while self._wrong and self._wrong[0] <= now - TRIES_WITHIN:
            self._wrong.popleft()
        return len(self._wrong) >= TRIES_MAX

    def person(self, token: str, *, now: datetime) -> Person | None:
        """Return whose session this is; None where there is none, or it is over."""
        kept = self._sessions.get(_digest(token))
        if kept is None:
            return None
        if kept.until <= now:
            self.leave(token)
            return None
        return kept.person

    def leave(self, token: str) -> None:
        """End a session."""
        self._sessions.pop(_digest(token), None)

    def _begin(self, person: Person, *, now: datetime) -> str:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        _keep(self._sessions, token, person, until=now + SESSION_LASTS, at_most=SESSIONS_MAX)
        return token

    def _role_of(self, password: str) -> Role | None:
        """Compare with every password in constant time, whichever fits."""
        fits = [
            role
            for role, secret in self.passwords.items()
            if hmac.compare_digest(_digest(secret.get_secret_value()), _digest(password))
        ]
        return Role.OPERATOR if Role.OPERATOR in fits else next(iter(fits), None)


def person_name(text: str) -> str:
    """Return a name as the log may have it: one short line."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:NAME_LENGTH_MAX] or "somebody"


def _keep(
    kept: dict[str, _Kept], token: str, person: Person, *, until: datetime, at_most: int
) -> None:
    while len(kept) >= at_most:
        del kept[next(iter(kept))]
    kept[_digest(token)] = _Kept(person=person, until=until)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
