"""Conditions on entries that are written so that an index answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.models.audit import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import SQLColumnExpression


def matching(words: str) -> ColumnElement[bool]:
    """Return the condition that the words stand in the name of who did it or of what it was."""
    # Written as the index is, else it is not used.
    text = col(AuditEntry.actor_name).op("||")(literal(" ")).op("||")(col(AuditEntry.subject_title))
    return text.icontains(words, autoescape=True)


def done_when(
    lies_within: Callable[[SQLColumnExpression[Any]], ColumnElement[bool]],
) -> ColumnElement[bool]:
    """Return the condition on the moment as one on the number too, which follows the moment.

    Without that, a page of long ago is found by reading back to it from the newest entry.
    """
    other = aliased(AuditEntry)
    at, number = col(other.at), col(other.sequence)
    there = select(number).where(lies_within(at)).limit(1)
    first = there.order_by(at, number).scalar_subquery()
    last = there.order_by(at.desc(), number.desc()).scalar_subquery()
    own = col(AuditEntry.sequence)
    return lies_within(col(AuditEntry.at)) & (own >= first) & (own <= last)
