"""Products, what they cost when, where they can be had, and the words that find them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlmodel import Field, SQLModel

from app.models.columns import Instant, now, trigrams


class Category(SQLModel, table=True):
    """A node of the category tree, shared by all suppliers; known by its path of names."""

    __tablename__: Any = "category"

    id: int | None = Field(default=None, primary_key=True)
    parent_id: int | None = Field(default=None, foreign_key="category.id", index=True)
    name: str = Field(sa_type=Text)
    path: list[str] = Field(sa_type=ARRAY(Text), unique=True)


class Product(SQLModel, table=True):
    """One item of one feed.

    Prices are minor units of `currency` (ISO 4217); `stock` is pieces, None where the supplier
    does not say; a sync compares `source_hash`, of the record as it came, and `record_hash`, of the
    row it made; `search` is written by the sync with the database function `catalogue_vector`. Its
    indexes stand in the migration alone: they are partial (a withdrawn product is in no listing),
    some on expressions.
    """

    __tablename__: Any = "product"
    __table_args__ = (UniqueConstraint("feed_id", "external_id"),)

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()]
    )
    feed_id: int = Field(foreign_key="feed.id")
    supplier_id: int = Field(foreign_key="supplier.id")
    external_id: str = Field(sa_type=Text)
    sku: str | None = Field(default=None, sa_type=Text)
    name: str = Field(sa_type=Text)
    description: str = Field(default="", sa_type=Text)
    brand: str | None = Field(default=None, sa_type=Text)
    category_id: int | None = Field(default=None, foreign_key="category.id")
    price_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    price_since: datetime = Field(default_factory=now, sa_type=Instant)
    previous_price_minor: int | None = Field(default=None, sa_type=BigInteger)
    stock: int | None = None
    pictures: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    attributes: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    search: str | None = Field(default=None, sa_type=TSVECTOR)
    record_hash: bytes
    source_hash: bytes | None = None
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    changed_at: datetime = Field(default_factory=now, sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class PricePoint(SQLModel, table=True):
    """A product's price from `since` until the next price point."""

    __tablename__: Any = "price_point"
    __table_args__ = (Index("ix_price_point_product_since", "product_id", "since"),)

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()]
    )
    product_id: int = Field(foreign_key="product.id", sa_type=BigInteger, ondelete="CASCADE")
    price_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    since: datetime = Field(default_factory=now, sa_type=Instant)


class Store(SQLModel, table=True):
    """A place where a supplier's goods can be had.

    Latitude and longitude, in degrees, are both None for a store that needs a place;
    `place_problem` says what is wrong with the feed's own, also where a person has set others
    (`placed_at`). `opening_hours` maps `mon` … `sun` to text, or `text` to all of them where no
    days can be told apart; `time_zone` is a name such as Europe/Helsinki, None where the feed
    says nothing. Its other indexes on places stand in migrations alone: they are on expressions.
    """

    __tablename__: Any = "store"
    __table_args__ = (
        UniqueConstraint("feed_id", "external_id"),
        # Lists of stores are read by name or by town.
        Index("ix_store_by_name", "name", "id"),
        Index("ix_store_by_city", "city", "id"),
        # Those that a person has to mend, which are few.
        Index(
            "ix_store_without_place",
            "name",
            "id",
            postgresql_where=text("latitude IS NULL AND withdrawn_at IS NULL"),
        ),
        trigrams("store", "name"),
        trigrams("store", "city"),
    )

    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    supplier_id: int = Field(foreign_key="supplier.id", index=True)
    external_id: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    street: str = Field(default="", sa_type=Text)
    postcode: str = Field(default="", sa_type=Text)
    city: str = Field(default="", sa_type=Text)
    country: str = Field(default="", max_length=2)
    latitude: float | None = None
    longitude: float | None = None
    place_problem: str | None = Field(default=None, sa_type=Text)
    placed_at: datetime | None = Field(default=None, sa_type=Instant)
    opening_hours: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    time_zone: str | None = Field(default=None, sa_type=Text)
    services: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs={"server_default": text("'{}'")}
    )
    record_hash: bytes
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class StoreCell(SQLModel, table=True):
    """How many stores with a place stand in one square of the map, kept by triggers of `store`.

    On level 0 the whole map is one square, on each further level a square is cut into four; `x`
    counts from the west, `y` from the north. Sums are of millionths of a degree and of ids: whole
    numbers, so that nothing is lost however often stores come and go; the sum of one id is the id.
    """

    __tablename__: Any = "store_cell"

    level: int = Field(primary_key=True, sa_type=SmallInteger)
    x: int = Field(primary_key=True)
    y: int = Field(primary_key=True)
    stores: int
    latitudes: int = Field(sa_type=BigInteger)
    longitudes: int = Field(sa_type=BigInteger)
    ids: int = Field(sa_type=BigInteger)


class StoreStock(SQLModel, table=True):
    """How many pieces of a product a store has, and what it asks for one.

    `price_minor` is the price in the shop, in the product's currency; NULL where it is the
    product's. An order is at the catalogue's price, also one that is picked up: price points,
    snapshots and order lines are about that one.
    """

    __tablename__: Any = "store_stock"
    __table_args__ = (Index("ix_store_stock_shelves", "store_id", "product_id"),)

    product_id: int = Field(
        foreign_key="product.id", primary_key=True, sa_type=BigInteger, ondelete="CASCADE"
    )
    store_id: int = Field(foreign_key="store.id", primary_key=True, ondelete="CASCADE")
    stock: int
    price_minor: int | None = Field(default=None, sa_type=BigInteger)


class Word(SQLModel, table=True):
    """A word of the catalogue, without accents, and in how many products it was seen.

    A mistyped word is first corrected to the nearest of these and then searched, so a typo costs
    a look into a small table and not a scan of every name. The database function
    `catalogue_words` cuts names, brands and categories into them.
    """

    __tablename__: Any = "word"
    __table_args__ = (
        Index(
            "ix_word_trigrams",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        ),
        Index("ix_word_prefix", "word", postgresql_ops={"word": "text_pattern_ops"}),
    )

    word: str = Field(primary_key=True, sa_type=Text)
    products: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
