"""A supplier's REST/JSON product system, read page by page and turned into our own records."""

from app.integrations.feeds.client import Access, FeedClient, Limits
from app.integrations.feeds.errors import FeedMalformed, FeedRefused, FeedUnreachable
from app.integrations.feeds.products import ProductReader
from app.integrations.feeds.reader import FeedReader
from app.integrations.feeds.rows import ProductRow, Rejection, StoreRow, record_text
from app.integrations.feeds.source import (
    CategorySource,
    FeedSource,
    Paging,
    ProductMapping,
    StoreSource,
)

__all__ = [
    "Access",
    "CategorySource",
    "FeedClient",
    "FeedMalformed",
    "FeedReader",
    "FeedRefused",
    "FeedSource",
    "FeedUnreachable",
    "Limits",
    "Paging",
    "ProductMapping",
    "ProductReader",
    "ProductRow",
    "Rejection",
    "StoreRow",
    "StoreSource",
    "record_text",
]
