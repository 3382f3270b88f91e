"""Tokens of scripts: found by their hash, and never deleted: a name means one token."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from inkbatch.adapters.store.statements import Statements
from inkbatch.adapters.store.tables import api_token as table
from inkbatch.ports.access import ApiToken

TOKEN = select(*(table.c[name] for name in ApiToken.__slots__))


class Access(Statements):
    """The part of a transaction that knows the tokens of scripts."""

    def add_api_token(self, token: ApiToken, *, digest: str) -> bool:
        """Keep a new one by its hash; False, changing nothing, where one had its name before."""
        if self._row(select(table.c.name).where(table.c.name == token.name)) is not None:
            return False
        self._change(insert(table).values(**asdict(token), digest=digest))
        return True

    def api_token_of(self, digest: str) -> ApiToken | None:
        """Return the one with this hash, whether or not it is still good."""
        row: Any = self._row(TOKEN.where(table.c.digest == digest))
        return None if row is None else ApiToken(**row._asdict())

    def api_tokens(self) -> list[ApiToken]:
        """Return all that there ever were, the newest first."""
        rows = self._rows(TOKEN.order_by(table.c.created_at.desc(), table.c.name))
        return [ApiToken(**row._asdict()) for row in rows]

    def revoke_api_token(self, name: str, *, now: datetime) -> bool:
        """Let it let nobody in from now on; False where there is no such one, or it was revoked."""
        good = (table.c.name == name) & table.c.revoked_at.is_(None)
        return self._change(update(table).where(good).values(revoked_at=now)) == 1
