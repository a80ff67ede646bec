"""The columns of a snapshot, each with its type and what it means: the schema of its files.

`docs/snapshots.md` is for those who read them with another program. Whoever changes a column, or
what goes into `row_hash`, raises `SCHEMA_VERSION` (`version.py`).
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

_TEXTS: Final = pa.list_(pa.string())
_UTC: Final = pa.timestamp("us", tz="UTC")
_STORES: Final = pa.list_(
    pa.struct([("store_id", pa.int32()), ("name", pa.string()), ("stock", pa.int32())])
)

_COLUMNS: Final[tuple[tuple[str, pa.DataType, str], ...]] = (
    ("product_id", pa.int64(), "The product, sorted by it."),
    ("feed_id", pa.int32(), "The feed; with external_id it names the product for good."),
    ("feed", pa.string(), "The feed's name."),
    ("supplier_id", pa.int32(), "Who sells it."),
    ("supplier", pa.string(), "The supplier's name."),
    ("external_id", pa.string(), "What the supplier calls it."),
    ("sku", pa.string(), "Article number."),
    ("name", pa.string(), "Name."),
    ("description", pa.string(), "Description."),
    ("brand", pa.string(), "Brand."),
    ("category", _TEXTS, "Names from the root of the tree down."),
    ("price_minor", pa.int64(), "Price in minor units of currency."),
    ("currency", pa.string(), "ISO 4217."),
    ("price_since", _UTC, "Since when it costs that."),
    ("price_point_id", pa.int64(), "The price point that an order's line names as its proof."),
    ("stock", pa.int32(), "Pieces; nothing where the supplier does not say."),
    ("stores", _STORES, "Where it can be had, and how many pieces there."),
    ("pictures", _TEXTS, "Addresses of pictures."),
    ("attributes", pa.map_(pa.string(), pa.string()), "Labels and values, as the supplier has."),
    ("created_at", _UTC, "When it came into the catalogue."),
    ("changed_at", _UTC, "When a sync last changed it."),
    ("row_hash", pa.int64(), "Differs when anything that people see of the product does."),
)
SCHEMA: Final = pa.schema(
    [pa.field(name, kind, metadata={"is": meaning}) for name, kind, meaning in _COLUMNS]
)
# Where values come again, a dictionary in each group of rows holds them once. Elsewhere it would
# hold them all, and a number for each besides: a third more to store, to fetch and to unpack.
REPEATING: Final = (
    "feed_id",
    "feed",
    "supplier_id",
    "supplier",
    "description",
    "brand",
    "category.list.element",
    "price_minor",
    "currency",
    "price_since",
    "stock",
    "stores.list.element.store_id",
    "stores.list.element.name",
    "stores.list.element.stock",
    "attributes.key_value.key",
    "attributes.key_value.value",
    "created_at",
    "changed_at",
)


def columns() -> list[dict[str, str]]:
    """Return names and types as a manifest lists them."""
    return [{"name": field.name, "type": str(field.type)} for field in SCHEMA]


def typed(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch as Postgres sends it in the types of `SCHEMA`.

    Postgres sends a map as two lists (`attribute_names`, `attribute_values`) and a list of records
    as three (`store_ids`, `store_names`, `store_stock`), each as long as the others.
    """
    made = {"attributes": _map(batch), "stores": _records(batch)}
    return pa.RecordBatch.from_arrays(
        [
            made[field.name]
            if field.name in made
            else batch.column(field.name).cast(field.type, safe=True)
            for field in SCHEMA
        ],
        schema=SCHEMA,
    )


def _map(batch: pa.RecordBatch) -> pa.Array:
    names, values = batch.column("attribute_names"), batch.column("attribute_values")
    return pa.MapArray.from_arrays(names.offsets, names.values, values.values)


def _records(batch: pa.RecordBatch) -> pa.Array:
    ids = batch.column("store_ids")
    kinds = {field.name: field.type for field in _STORES.value_type}
    records = pa.StructArray.from_arrays(
        [
            ids.values.cast(kinds["store_id"]),
            batch.column("store_names").values,
            batch.column("store_stock").values.cast(kinds["stock"]),
        ],
        fields=list(_STORES.value_type),
    )
    return pa.ListArray.from_arrays(ids.offsets, records, type=_STORES)
