"""Who mends what went wrong, and what the audit then says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.models.accounts import Role
from app.models.audit import AuditEntry
from app.work import open_work
from tests.factories.ordering import a_viewer

if TYPE_CHECKING:
    from app.views.accounts import Viewer


def signed_in(role: Role, name: str = "Grace Hopper") -> Viewer:
    """Write somebody of that role and return them as signed in."""
    with open_work() as work:
        return a_viewer(work.session, role, name)


@pytest.fixture
def buyer(database: None) -> Viewer:  # noqa: ARG001 - on an empty database
    """Return somebody who may mend nothing."""
    return signed_in(Role.BUYER, "Ada Lovelace")


@pytest.fixture
def operator(database: None) -> Viewer:  # noqa: ARG001 - on an empty database
    """Return an operator."""
    return signed_in(Role.OPERATOR)


@pytest.fixture
def administrator(database: None) -> Viewer:  # noqa: ARG001 - on an empty database
    """Return an administrator."""
    return signed_in(Role.ADMIN, "Katherine Johnson")


def audited(*, besides: str = "") -> list[tuple[str, str]]:
    """Return what was noted, oldest first: the deed and what it was done to."""
    with open_work() as work:
        rows = work.session.scalars(select(AuditEntry).order_by(col(AuditEntry.sequence)))
        return [(row.action, row.subject_title) for row in rows if row.action != besides]
