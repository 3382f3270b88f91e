"""What a transaction does with the tokens of scripts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What somebody may do on the page, or a script by its token."""

    VIEWER = "viewer"  # look at everything, with masked numbers, and change nothing
    OPERATOR = "operator"  # everything


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token by which a script is let in; the token itself is kept nowhere, only its hash.

    `name` is what the activity log says, and is never given to another one.
    """

    name: str
    role: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_good(self, *, now: datetime) -> bool:
        """Return whether it lets in now."""
        return self.revoked_at is None and now < self.expires_at


class Access(Protocol):
    """Tokens of scripts; part of `Transaction`."""

    def add_api_token(self, token: ApiToken, *, digest: str) -> bool:
        """Keep a new one by its hash; False, changing nothing, where one had its name before."""
        ...

    def api_token_of(self, digest: str) -> ApiToken | None:
        """Return the one with this hash, whether or not it is still good."""
        ...

    def api_tokens(self) -> list[ApiToken]:
        """Return all that there ever were, the newest first."""
        ...

    def revoke_api_token(self, name: str, *, now: datetime) -> bool:
        """Let it let nobody in from now on; False where there is no such one, or it was revoked."""
        ...
