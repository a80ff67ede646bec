"""A feed's row as the reader wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import BadInput
from app.integrations.feeds import Access, FeedSource
from app.models.feeds import Authentication

if TYPE_CHECKING:
    from app.models.feeds import Feed


def source_of(feed: Feed) -> FeedSource:
    """Return how the feed is read; it was checked when the feed was registered."""
    return FeedSource.model_validate(
        {
            "url": feed.url,
            "paging": feed.paging or {"style": "none"},
            "products": feed.mapping,
            "stores": feed.store_source,
            "categories": feed.category_source,
        }
    )


def access_of(feed: Feed) -> Access:
    """Return what opens the feed. Raises BadInput where a part of it is missing."""
    secret = feed.secret or ""
    if feed.authentication is Authentication.NONE:
        return Access()
    if not secret or not secret.isprintable():
        raise BadInput(f"Authentication by {feed.authentication} needs a secret of one line.")
    if feed.authentication is Authentication.BEARER:
        return Access(headers=(("Authorization", f"Bearer {secret}"),))
    if feed.authentication is Authentication.BASIC:
        user, colon, password = secret.partition(":")
        if not colon:
            raise BadInput('Authentication by basic needs a secret like "user:password".')
        return Access(basic=(user, password))
    if not feed.header_name:
        raise BadInput("Authentication by header needs the name of the header.")
    return Access(headers=((feed.header_name, secret),))
