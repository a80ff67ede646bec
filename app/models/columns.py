"""Column types that every table shares."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy import DateTime, Enum, Index, MetaData
from sqlmodel import SQLModel

if TYPE_CHECKING:
    from enum import StrEnum

# Names of constraints are part of the schema: a migration can only drop what it can name.
SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

Instant: Any = DateTime(timezone=True)

Value = TypeVar("Value")


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """Return a UUID of version 7: made here, a row's id is known before the row is written.

    Like Postgres's `uuidv7()`: 48 bits of milliseconds, 12 bits of their fraction, 62 random ones,
    so that rows written one after the other stand beside each other in an index.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    random = secrets.randbits(62)
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 0b10 << 62 | random)


def first_id_of(moment: datetime) -> UUID:
    """Return the least id that a row of that moment can have: ids follow time, see `new_id`.

    Raises ValueError for a moment before 1970.
    """
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _words(states: type[StrEnum]) -> list[str]:
    return [state.value for state in states]


def enum_of(cls: type[StrEnum], name: str) -> Any:  # noqa: ANN401 - SQLModel types sa_type as Any
    """Return the column type of a state: its words as text, guarded by a check named `name`."""
    return Enum(
        cls,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=_words,
    )


def trigrams(table: str, column: str) -> Index:
    """Return the index that finds a text by any three letters of it, as ILIKE asks."""
    return Index(
        f"ix_{table}_{column}_trigrams",
        column,
        postgresql_using="gin",
        postgresql_ops={column: "gin_trgm_ops"},
    )


def stored(value: Value | None) -> Value:
    """Return what the database fills in (an id, a number) of a row that has been written."""
    if value is None:
        msg = "the row has not been written yet"
        raise ValueError(msg)
    return value
