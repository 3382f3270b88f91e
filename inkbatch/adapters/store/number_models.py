"""The tables of numbers, whoever has them: never to be called, forgotten, left in peace."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from inkbatch.adapters.store.column_types import UtcDateTime


class SuppressedNumberRow(SQLModel, table=True):
    """A number never to call."""

    __tablename__: ClassVar[Any] = "suppressed_number"

    number: str = Field(primary_key=True)
    reason: str
    source: str
    added_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NumberKeyRow(SQLModel, table=True):
    """The key of the hashes that stand in place of forgotten numbers; one row, once one was.

    `has_traces` says that what was forgotten may still be in unused bytes of an SQLite file.
    """

    __tablename__: ClassVar[Any] = "number_key"

    id: int | None = Field(default=None, primary_key=True)
    key: str
    has_traces: bool


class ErasedNumberRow(SQLModel, table=True):
    """A number that was erased and is not dialed again, by its hash.

    `number` is there only while the erasure waits for the end of a call.
    """

    __tablename__: ClassVar[Any] = "erased_number"

    number_hash: str = Field(primary_key=True)
    number: str | None = None
    asked_at: datetime = Field(sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CoolDownRow(SQLModel, table=True):
    """Until when a number is left in peace, as the rules said that made its last call."""

    __tablename__: ClassVar[Any] = "cool_down"

    number: str = Field(primary_key=True)
    until: datetime = Field(sa_type=UtcDateTime)
    why: str
