"""Looking into a snapshot: its products are searched as they were, on local copies of its files.

Imported where somebody looks, since it loads DuckDB.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson
from pydantic import TypeAdapter
from sqlalchemy import select

from app.integrations.arrow.local import configured_parts
from app.integrations.arrow.past import counts_in, is_place, page_in, products_in
from app.integrations.bucket import configured_bucket
from app.integrations.cache import read_through
from app.services.catalogue.listing import picture_path
from app.services.catalogue.tables import PRODUCT
from app.services.snapshots.narrowing import facets_of, numbers_of, path_of, stores_of
from app.services.snapshots.queries import parts_of
from app.views.catalogue import Listing, ProductSummary, SearchResult
from app.views.past import PastCounts, PastQuestion
from app.work import reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from app.integrations.ports import Bucket
    from app.views.accounts import Viewer
    from app.views.catalogue_query import CatalogueQuery
    from app.views.past import PastProduct
    from app.work import Work

PAGE_SIZE: Final = 24
COUNTS_KEPT: Final = timedelta(hours=12)
_COUNTS: Final = TypeAdapter(PastCounts)
TOO_MANY_STORES: Final = "The place is left out: too many stores are in it. Choose a smaller one."
BROKEN: Final = "This page of the list does not exist any more; here is the first one."


@dataclass(frozen=True, slots=True)
class _Place:
    keys: tuple[Any, ...]
    back: bool


def search_snapshot(
    *,
    viewer: Viewer,
    snapshot_id: UUID,
    query: CatalogueQuery,
    known_by: datetime | None = None,
    bucket: Bucket | None = None,
) -> SearchResult:
    """Answer a question to a snapshot as the catalogue answers one, with what it knows.

    With `known_by`, products that came later are left out. The first look copies its files here;
    see `SNAPSHOT_CACHE`. Raises NotFound for one that is not stored or that they may not see,
    Unavailable, and Conflict where its files are not what was stored.
    """
    parts = reading(parts_of, viewer=viewer, snapshot_id=snapshot_id)
    path = reading(path_of, number=query.category) if query.category else ()
    stores = reading(stores_of, area=query.place) if query.place else None
    question = PastQuestion(query, path, known_by, stores)
    place, problem = _opened(query)
    if query.place and stores is None:
        problem = f"{problem} {TOO_MANY_STORES}".lstrip()
    with configured_parts().held(parts, chunks=(bucket or configured_bucket()).chunks) as files:
        page = page_in(
            files,
            question,
            size=PAGE_SIZE,
            after=place.keys if place else None,
            back=place.back if place else False,
        )
        # A snapshot does not change: what was counted once holds, for whoever may see it. Which
        # stores there are in an area does.
        when_and_where = f"{known_by or ''}:{hash(stores or ())}"
        counts = read_through(
            f"snapshot:{snapshot_id}:{when_and_where}:{query.narrowing().render()}",
            lambda: counts_in(files, question),
            kind=_COUNTS,
            keep=COUNTS_KEPT,
        )
    pictures = reading(_pictures, products=page.products)
    numbers = reading(numbers_of, path=path, below=[each.key for each in counts.categories])
    ahead, behind = (True, page.more) if place and place.back else (page.more, place is not None)
    listing = Listing(
        products=tuple(_summary(product, pictures) for product in page.products),
        next=_sealed(page.edges[-1:], back=False) if ahead else None,
        previous=_sealed(page.edges[:1], back=True) if behind else None,
        corrected="",
        problem=problem,
    )
    return SearchResult(listing, facets_of(counts, question, numbers), None)


def product_then(
    *, viewer: Viewer, snapshot_id: UUID, product_id: int, bucket: Bucket | None = None
) -> PastProduct | None:
    """Return one product as a snapshot has it, None where it is not in it. Raises as above."""
    parts = reading(parts_of, viewer=viewer, snapshot_id=snapshot_id)
    with configured_parts().held(parts, chunks=(bucket or configured_bucket()).chunks) as files:
        return products_in(files, [product_id]).get(product_id)


def _pictures(work: Work, products: Sequence[PastProduct]) -> Mapping[int, str]:
    """Return where this site shows pictures: those that are the products' own to this day."""
    urls = {product.id: product.picture for product in products if product.picture}
    rows = work.session.connection().execute(
        select(PRODUCT.c.id, PRODUCT.c.pictures[1].label("url")).where(PRODUCT.c.id.in_(urls))
    )
    return {row.id: picture_path(row.id, 0, row.url) for row in rows if row.url == urls[row.id]}


def _summary(product: PastProduct, pictures: Mapping[int, str]) -> ProductSummary:
    return ProductSummary(
        id=product.id,
        name=product.name,
        brand=product.brand,
        supplier=product.supplier,
        price_minor=product.price_minor,
        currency=product.currency,
        previous_price_minor=None,
        price_since=product.price_since,
        stock=product.stock,
        picture=pictures.get(product.id, ""),
        prices=(),
    )


def _sealed(edges: tuple[tuple[Any, ...], ...], *, back: bool) -> str | None:
    for edge in edges:
        packed = orjson.dumps([int(back), *edge])
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    return None


def _opened(query: CatalogueQuery) -> tuple[_Place | None, str]:
    """Return where a page starts, and a sentence where that cannot be read."""
    if query.after is None:
        return None, ""
    padded = query.after + "=" * (-len(query.after) % 4)
    try:
        back, *keys = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError):
        return None, BROKEN
    if back not in (0, 1) or not is_place(query.sort, keys):
        return None, BROKEN
    return _Place(tuple(keys), bool(back)), ""
