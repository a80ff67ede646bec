"""Create the tables of catalogue."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What separates words in names like "Bits 1/4", "USB-C" or "black/white": Postgres' parser would
# read them as paths, versions and signed numbers. Apostrophes join.
_SEPARATORS = r"""/\-_.,;:@#&+=*~|"()[]{}<>!?$%^°×·–—"""  # noqa: RUF001 - meant as they are

_JOINERS = "''’"  # noqa: RUF001 - meant as they are; the first is one, doubled for SQL

# The one definition of what is searched: the sync fills product.search and word with it, and a
# question is cut into words by the same function.
_FUNCTIONS = (
    f"""
    CREATE FUNCTION catalogue_text(text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN translate(coalesce($1, ''), '{_SEPARATORS}{_JOINERS}', repeat(' ', {len(_SEPARATORS)}))
    """,
    """
    CREATE FUNCTION catalogue_vector(
        name text, brand text, sku text, category text, description text
    ) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN setweight(to_tsvector('catalogue', catalogue_text(name)), 'A')
        || setweight(
            to_tsvector(
                'catalogue',
                catalogue_text(
                    coalesce(brand, '') || ' ' || coalesce(sku, '') || ' ' || coalesce(category, '')
                )
            ),
            'B'
        )
        || setweight(to_tsvector('catalogue', catalogue_text(description)), 'D')
    """,
    """
    CREATE FUNCTION catalogue_words(text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN tsvector_to_array(to_tsvector('catalogue_words', catalogue_text($1)))
    """,
)

# Every listing leaves withdrawn products out; each order has the index that hands its pages out.
_PRODUCT_INDEXES = {
    "search": "USING gin (search)",
    "supplier_id": "(supplier_id)",
    "category_id": "(category_id)",
    "brand": "(brand)",
    "name": "(lower(name), id)",
    "price": "(currency, price_minor, id)",
    # What one sync brought is created at one moment: mixed by a hash, so that the first page of the
    # newest is not a single shelf.
    "created_at": "(created_at, hashint8(id), id)",
    "sku": "(lower(sku))",
    "external_id": "(lower(external_id))",
}


def upgrade() -> None:
    """Create them, after the extensions and the search configuration they use."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    # Accents are removed before stemming, on the way in and in the query alike.
    op.execute("CREATE TEXT SEARCH CONFIGURATION catalogue (COPY = english)")
    op.execute(
        "ALTER TEXT SEARCH CONFIGURATION catalogue ALTER MAPPING FOR "
        "hword, hword_part, word, asciiword, asciihword, hword_asciipart "
        "WITH unaccent, english_stem"
    )
    # The vocabulary keeps words as people write them, without accents and capitals.
    op.execute("CREATE TEXT SEARCH CONFIGURATION catalogue_words (COPY = simple)")
    op.execute(
        "ALTER TEXT SEARCH CONFIGURATION catalogue_words ALTER MAPPING FOR "
        "hword, hword_part, word, asciiword, asciihword, hword_asciipart "
        "WITH unaccent, simple"
    )
    for function in _FUNCTIONS:
        op.execute(function)
    op.create_table(
        "category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["category.id"], name=op.f("fk_category_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("path", name=op.f("uq_category_path")),
    )
    op.create_index(op.f("ix_category_parent_id"), "category", ["parent_id"], unique=False)
    op.create_table(
        "word",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("products", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_word")),
    )
    op.create_index(
        "ix_word_trigrams",
        "word",
        ["word"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_word_prefix",
        "word",
        ["word"],
        unique=False,
        postgresql_ops={"word": "text_pattern_ops"},
    )
    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("pictures", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=True),
        sa.Column("record_hash", sa.LargeBinary(), nullable=False),
        sa.Column("source_hash", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_product_category_id")
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_product_feed_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_product_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("feed_id", "external_id", name=op.f("uq_product_feed_id_external_id")),
    )
    for name, what in _PRODUCT_INDEXES.items():
        op.execute(f"CREATE INDEX ix_product_{name} ON product {what} WHERE withdrawn_at IS NULL")
    op.create_table(
        "store",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("opening_hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("record_hash", sa.LargeBinary(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_store_feed_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_store_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store")),
        sa.UniqueConstraint("feed_id", "external_id", name=op.f("uq_store_feed_id_external_id")),
    )
    op.create_index(op.f("ix_store_supplier_id"), "store", ["supplier_id"], unique=False)
    op.create_table(
        "price_point",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_price_point_product_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_point")),
    )
    op.create_index(
        "ix_price_point_product_since", "price_point", ["product_id", "since"], unique=False
    )
    op.create_table(
        "store_stock",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_store_stock_product_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_store_stock_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "store_id", name=op.f("pk_store_stock")),
    )
    op.create_index(op.f("ix_store_stock_store_id"), "store_stock", ["store_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_store_stock_store_id"), table_name="store_stock")
    op.drop_table("store_stock")
    op.drop_index("ix_price_point_product_since", table_name="price_point")
    op.drop_table("price_point")
    op.drop_index(op.f("ix_store_supplier_id"), table_name="store")
    op.drop_table("store")
    op.drop_table("product")
    op.drop_table("word")
    op.drop_index(op.f("ix_category_parent_id"), table_name="category")
    op.drop_table("category")
    op.execute("DROP FUNCTION catalogue_vector, catalogue_words, catalogue_text")
    op.execute("DROP TEXT SEARCH CONFIGURATION catalogue_words")
    op.execute("DROP TEXT SEARCH CONFIGURATION catalogue")
