"""The three demo suppliers as feeds: each read in another way, with nothing but settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import col

from app.models.columns import now
from app.models.feeds import Authentication, Feed
from app.services.audit import AuditAction, note
from app.services.feeds.register import register_feed
from app.work import goes_on

if TYPE_CHECKING:
    from app.work import Work

EVERY_QUARTER = "*/15 * * * *"

# What the demo server asks for; it opens made-up prices on this machine and nothing else.
_NORDA_KEY = "norda-demo-key"
_ATLAS_TOKEN = "atlas-demo-token"  # noqa: S105 - see above

_FEEDS: tuple[dict[str, Any], ...] = (
    {
        "name": "verkko-tools",
        "supplier": "Verkko Tools",
        "order_email": "orders@verkko-tools.example",
        "path": "/verkko/products",
        "paging": {"style": "offset", "size": 200},
        "mapping": {
            "records": "products",
            "name": "title",
            "currency": "currency",
            "pictures": "images",
            "attributes": "properties",
            "store_stock": "stockByStore",
        },
        "stores": {
            "url": "stores",
            "paging": {"style": "offset"},
            "records": "stores",
            "street": "address.street",
            "postcode": "address.postcode",
            "city": "address.city",
            "country": "address.country",
            "latitude": "location.lat",
            "longitude": "location.lon",
            "opening_hours": "hours",
        },
    },
    {
        "name": "norda-supply",
        "supplier": "Norda Supply",
        "order_email": "orders@norda-supply.example",
        "path": "/norda/products",
        "authentication": Authentication.HEADER,
        "header_name": "X-Api-Key",
        "secret": _NORDA_KEY,
        "paging": {"style": "link", "size_parameter": "per_page", "size": 200},
        "mapping": {
            "external_id": "articleNumber",
            "sku": "articleNumber",
            "name": "names.en",
            "description": "text",
            "brand": "manufacturer.name",
            "category": "categoryCode",
            "price": "price.cents",
            "price_unit": "minor",
            "currency": "price.currency",
            "stock": "availability.quantity",
            "pictures": "media[?type=='image'].href",
            "attributes": "specifications",
            "store_stock": ("availability.depots[].{store: depot, stock: quantity, price: cents}"),
        },
        "stores": {
            "url": "stores",
            "paging": {"style": "link"},
            "external_id": "depot",
            "name": "label",
            "street": "street",
            "postcode": "zip",
            "city": "town",
            "country": "countryCode",
            "latitude": "lat",
            "longitude": "lng",
            "opening_hours": "openingHours",
        },
        "categories": {
            "url": "categories",
            "records": "categories",
            "code": "code",
            "children": "children",
        },
    },
    {
        "name": "atlas-office",
        "supplier": "Atlas Office",
        "order_email": "orders@atlas-office.example",
        "path": "/atlas/products",
        "authentication": Authentication.BEARER,
        "secret": _ATLAS_TOKEN,
        "paging": {"style": "cursor", "size_parameter": "page_size", "size": 200},
        "mapping": {
            "records": "results",
            "external_id": "code",
            "sku": "code",
            "name": "product.title",
            "description": "product.summary",
            "brand": "product.make",
            "category": "department",
            "category_separator": " > ",
            "price": "pricing.amount",
            "currency": "pricing.currency",
            "stock": "stock.total",
            "pictures": "[photos.main, photos.more][]",
            "attributes": "attributes",
            "store_stock": "stock.stores",
        },
        "stores": {
            "url": "stores",
            "paging": {"style": "cursor"},
            "records": "results",
            "external_id": "slug",
            "street": "address_line",
            "postcode": "postcode",
            "city": "town",
            "country": "country",
            "latitude": "coordinates[0]",
            "longitude": "coordinates[1]",
            "opening_hours": "hours",
        },
    },
)

DEMO_FEEDS = frozenset(str(feed["name"]) for feed in _FEEDS)


@goes_on
def seed_demo(work: Work, *, base_url: str) -> tuple[int, ...]:
    """Register the demo suppliers' feeds at `base_url`, due at once and then every 15 minutes.

    May be called again: a feed that is there is only moved to the new address, and is due at once
    where it moved. Returns the ids of the feeds.
    """
    base = base_url.rstrip("/")
    ids: list[int] = []
    for settings in _FEEDS:
        given = dict(settings)
        url = base + given.pop("path")
        feed = work.session.scalar(select(Feed).where(col(Feed.name) == given["name"]))
        if feed is None:
            ids.append(register_feed(work, **given, url=url, schedule=EVERY_QUARTER, due_at=now()))
            continue
        if feed.url != url:
            note(
                work,
                AuditAction.FEED_CHANGED,
                kind="feed",
                id=str(feed.id),
                title=feed.name,
                before={"url": feed.url},
                after={"url": url},
            )
            feed.url = url
            feed.due_at = None if feed.paused_at else now()
        if feed.id is not None:
            ids.append(feed.id)
    return tuple(ids)
