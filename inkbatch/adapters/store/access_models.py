"""The table of tokens by which scripts are let in."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from inkbatch.adapters.store.column_types import UtcDateTime


class ApiTokenRow(SQLModel, table=True):
    """A token of a script, by its SHA-256 alone."""

    __tablename__: ClassVar[Any] = "api_token"

    name: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    role: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
