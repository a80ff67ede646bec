"""How a feed is read: its paging and its mapping, as they are kept in the row of the feed."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from app.integrations.feeds.expressions import Expression

PageSize = Annotated[int, Field(ge=1, le=10_000)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NoPaging(_Settings):
    """Everything comes in one answer."""

    style: Literal["none"] = "none"


class PagePaging(_Settings):
    """Pages have numbers. `total` finds how many records there are in an answer."""

    style: Literal["page"]
    page_parameter: str = "page"
    first: int = 1
    size_parameter: str | None = "per_page"
    size: PageSize = 100
    total: Expression | None = None


class OffsetPaging(_Settings):
    """Pages begin after a number of records. `total` finds how many there are in an answer."""

    style: Literal["offset"]
    offset_parameter: str = "skip"
    size_parameter: str | None = "limit"
    size: PageSize = 100
    total: Expression | None = "total"


class CursorPaging(_Settings):
    """Each answer carries, at `next`, the word that asks for the following one."""

    style: Literal["cursor"]
    cursor_parameter: str = "cursor"
    size_parameter: str | None = "limit"
    size: PageSize = 100
    next: Expression = "next"


class LinkPaging(_Settings):
    """Each answer names the next one's address: in its Link header, or in the body at `next`."""

    style: Literal["link"]
    size_parameter: str | None = None
    size: PageSize = 100
    next: Expression | None = None


Paging = Annotated[
    NoPaging | PagePaging | OffsetPaging | CursorPaging | LinkPaging, Field(discriminator="style")
]
PAGING: TypeAdapter[Paging] = TypeAdapter(Paging)


class PriceUnit(StrEnum):
    """Whether a price of 12.50 comes as `12.5` or "12.50" (major), or as `1250` (minor)."""

    MAJOR = "major"
    MINOR = "minor"


class ProductMapping(_Settings):
    """Where a product's fields are found, in JMESPath: `records` in an answer, others in a record.

    A constant is written as in JMESPath: `currency = "'EUR'"`. `category` gives a list of names, a
    text cut at `category_separator`, or a code of the feed's category source. `attributes` gives an
    object or a list of `{label, value}`; `store_stock` an object by store, of pieces or of
    `{stock, price}`, or a list of `{store, stock, price}`. A store's price comes in the unit of the
    product's; an entry that names its `currency` has to name the product's.
    """

    records: Expression = "@"
    external_id: Expression = "id"
    name: Expression = "name"
    description: Expression | None = "description"
    brand: Expression | None = "brand"
    sku: Expression | None = "sku"
    category: Expression | None = "category"
    category_separator: str | None = Field(default=None, min_length=1)
    price: Expression = "price"
    price_unit: PriceUnit = PriceUnit.MAJOR
    currency: Expression
    stock: Expression | None = "stock"
    pictures: Expression | None = None
    attributes: Expression | None = None
    store_stock: Expression | None = None


class StoreSource(_Settings):
    """Where the stores are read: an address, relative to the feed's, its paging and the fields.

    `position` gives an object with latitude and longitude by any of their usual names, at any
    usual place in it, a pair as in GeoJSON (longitude first), or a text (latitude first);
    `latitude` and `longitude` are for what it does not find. `opening_hours` gives an object of
    texts by weekday, a list of `{day, hours}` or one text; `time_zone` a name such as
    Europe/Helsinki; `services` a list of texts.
    """

    url: str
    paging: Paging = NoPaging()
    records: Expression = "@"
    external_id: Expression = "id"
    name: Expression = "name"
    street: Expression | None = None
    postcode: Expression | None = None
    city: Expression | None = None
    country: Expression | None = None
    position: Expression = "@"
    latitude: Expression | None = None
    longitude: Expression | None = None
    opening_hours: Expression | None = None
    time_zone: Expression | None = None
    services: Expression | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude are given together, or position alone")
        return self


class CategorySource(_Settings):
    """Where the category tree is read: `children` inside parents, or each naming its `parent`."""

    url: str
    paging: Paging = NoPaging()
    records: Expression = "@"
    code: Expression = "id"
    name: Expression = "name"
    parent: Expression | None = None
    children: Expression | None = None


class FeedSource(_Settings):
    """Everything that says how one feed is read."""

    url: str
    paging: Paging = NoPaging()
    products: ProductMapping
    stores: StoreSource | None = None
    categories: CategorySource | None = None
