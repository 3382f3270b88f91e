"""The tables of who is let in by which token, and of what people did on the page."""

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


class AuditEntryRow(SQLModel, table=True):
    """What somebody did on the page; entries are only ever added."""

    __tablename__: ClassVar[Any] = "audit_entry"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    who: str
    role: str
    action: str
    subject: str
