"""Suppliers: who sells, where their purchase orders go, and what completes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.integrations.mail.addresses import split_address
from app.integrations.ports import MailRefused
from app.models.accounts import Permission
from app.models.audit import AuditAction
from app.models.feeds import CompletionPolicy, Supplier
from app.models.ordering import FollowPolicy
from app.services.audit import note

if TYPE_CHECKING:
    from typing import Any

    from app.views.accounts import Viewer
    from app.work import Work

LONGEST_NAME: Final = 200


def change_supplier(
    work: Work,
    *,
    viewer: Viewer,
    supplier_id: int,
    name: str,
    order_email: str,
    completion_policy: CompletionPolicy,
) -> None:
    """Correct a supplier; open orders follow a changed policy by a job of their own.

    Mails that are already meant go where they were meant to. Raises NotAllowed, NotFound, BadInput
    for a name or an address that cannot be used, Conflict for a name that is another supplier's.
    """
    if not viewer.may(Permission.SUPPLIER_CHANGE):
        raise NotAllowed("Only an administrator may change a supplier.")
    name, order_email = _named(name), _address(order_email)
    supplier = work.session.scalar(
        select(Supplier).where(col(Supplier.id) == supplier_id).with_for_update()
    )
    if supplier is None:
        raise NotFound("There is no such supplier.")
    taken = select(col(Supplier.id)).where(
        col(Supplier.name) == name, col(Supplier.id) != supplier_id
    )
    if work.session.scalar(taken) is not None:
        raise Conflict(f"There is another supplier named {name}.")
    before = _facts(supplier)
    supplier.name, supplier.order_email = name, order_email
    supplier.completion_policy = completion_policy
    after = _facts(supplier)
    if before == after:
        return
    if before["completion_policy"] != after["completion_policy"]:
        work.enqueue(FollowPolicy(supplier_id=supplier_id))
    note(
        work,
        AuditAction.SUPPLIER_CHANGED,
        kind="supplier",
        id=str(supplier_id),
        title=name,
        before=before,
        after=after,
    )
    work.touch("suppliers", "feeds")


def _facts(supplier: Supplier) -> dict[str, Any]:
    return {
        "name": supplier.name,
        "order_email": supplier.order_email,
        "completion_policy": supplier.completion_policy,
    }


def _named(name: str) -> str:
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST_NAME:
        raise BadInput(f"A supplier needs a name of at most {LONGEST_NAME} letters.", field="name")
    return kept


def _address(order_email: str) -> str:
    """Return the address alone, as mail services take it."""
    given = order_email.strip()
    try:
        if split_address(given)[1] == given:
            return given
    except MailRefused:
        pass
    raise BadInput(f"“{given[:80]}” is no e-mail address.", field="order_email")
