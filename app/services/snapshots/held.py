"""Which prices held at a moment, by the price history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ARRAY, BigInteger, bindparam, func, select, true

from app.models.catalogue import PricePoint
from app.services.catalogue.tables import table_of
from app.views.past import HeldPrice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.work import Work

_POINT: Final = table_of(PricePoint)
_ASKED: Final = (
    func.unnest(bindparam("ids", type_=ARRAY(BigInteger)))
    .table_valued("id")
    .render_derived("asked")
)
# One step into the index for each product, however long its history.
_LAST: Final = (
    select(_POINT.c.price_minor, _POINT.c.currency, _POINT.c.since)
    .where(_POINT.c.product_id == _ASKED.c.id, _POINT.c.since <= bindparam("moment"))
    .order_by(_POINT.c.since.desc(), _POINT.c.id.desc())
    .limit(1)
    .lateral("held")
)
_HELD: Final[Any] = select(_ASKED.c.id, *_LAST.c).join_from(_ASKED, _LAST, true())


def prices_held(work: Work, *, products: Sequence[int], moment: datetime) -> dict[int, HeldPrice]:
    """Return what products cost at a moment; those that were not known then are left out."""
    rows = work.session.execute(_HELD, {"ids": list(products), "moment": moment})
    return {row.id: HeldPrice(row.price_minor, row.currency, row.since) for row in rows}
