"""Is anything wrong now? Each question in one place, with who may know the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.models.accounts import Permission
from app.services.operations.background import (
    do_jobs_succeed,
    is_the_queue_moving,
    was_any_job_given_up,
)
from app.services.operations.freshness import are_prices_fresh, were_records_rejected
from app.services.operations.orders import (
    did_any_mail_bounce,
    do_mails_go_out,
    is_any_order_stuck,
)
from app.services.operations.stores import have_all_stores_a_place
from app.services.operations.watched import (
    does_the_program_fail,
    is_anything_switched_off,
    is_the_audit_whole,
    is_the_snapshot_chain_whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.views.accounts import Viewer
    from app.views.operations import Answer
    from app.work import Work

# In the order of the tiles. The permission is that of the place where one mends it.
QUESTIONS: Final[tuple[tuple[Permission, Callable[[Work, str], Answer]], ...]] = (
    (Permission.ORDER_READ_ALL, is_any_order_stuck),
    (Permission.ORDER_READ_ALL, did_any_mail_bounce),
    (Permission.JOB_READ, do_mails_go_out),
    (Permission.JOB_READ, was_any_job_given_up),
    (Permission.JOB_READ, is_the_queue_moving),
    (Permission.JOB_READ, do_jobs_succeed),
    (Permission.AUDIT_READ, does_the_program_fail),
    (Permission.FEED_READ, are_prices_fresh),
    (Permission.FEED_READ, were_records_rejected),
    (Permission.SUPPLIER_READ, have_all_stores_a_place),
    (Permission.FLAG_READ, is_anything_switched_off),
    (Permission.AUDIT_READ, is_the_audit_whole),
    (Permission.SNAPSHOT_VERIFY, is_the_snapshot_chain_whole),
)


def operations_overview(work: Work, *, viewer: Viewer) -> tuple[Answer, ...]:
    """Return the answers that `viewer` may know, always in the same order."""
    return tuple(
        ask(work, viewer.locale) for permission, ask in QUESTIONS if viewer.may(permission)
    )
