"""Registering a feed with its supplier, or correcting one that is registered."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from croniter import croniter
from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlmodel import col

from app.errors import BadInput, Conflict
from app.integrations.feeds import CategorySource, FeedSource, ProductMapping, StoreSource
from app.integrations.feeds.source import NoPaging
from app.models.columns import now, stored
from app.models.feeds import Authentication, Feed, Supplier
from app.services.audit import AuditAction, note
from app.services.feeds.source import access_of
from app.services.feeds.times import next_due

if TYPE_CHECKING:
    from app.integrations.feeds import Paging
    from app.models.feeds import CompletionPolicy
    from app.work import Work

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def feed_source(**parts: Any) -> FeedSource:  # noqa: ANN401 - what a file or a form holds, checked here
    """Return how a feed is read, from loose parts: url, products, paging, stores, categories.

    Raises BadInput with the first part that is wrong.
    """
    try:
        return FeedSource.model_validate(
            {name: _loose(part) for name, part in parts.items() if part is not None}
        )
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{place}: {first['msg'].removeprefix('Value error, ')}.") from None


def _loose(part: object) -> object:
    return part.model_dump() if isinstance(part, BaseModel) else part


def register_feed(
    work: Work,
    *,
    name: str,
    supplier: str,
    url: str,
    mapping: ProductMapping | dict[str, Any],
    paging: Paging | dict[str, Any] | None = None,
    stores: StoreSource | dict[str, Any] | None = None,
    categories: CategorySource | dict[str, Any] | None = None,
    authentication: Authentication = Authentication.NONE,
    header_name: str | None = None,
    secret: str | None = None,
    schedule: str | None = None,
    due_at: datetime | None = None,
    order_email: str | None = None,
    completion_policy: CompletionPolicy | None = None,
) -> int:
    """Register a feed under a name of its own, with its supplier where that is new.

    The feed is due at `due_at`, else when its schedule (a cron expression in UTC) says so next.
    Returns its id. Raises BadInput for what cannot be used, Conflict for a name that is taken.
    """
    _check(name=name, supplier=supplier, url=url, schedule=schedule)
    source = feed_source(
        url=url, products=mapping, paging=paging or NoPaging(), stores=stores, categories=categories
    )
    if work.session.scalar(select(col(Feed.id)).where(col(Feed.name) == name)) is not None:
        raise Conflict(f"There is a feed named {name} already.")
    feed = Feed(
        name=name,
        supplier_id=_supplier_id(work, supplier, order_email, completion_policy),
        url=source.url,
        authentication=authentication,
        header_name=header_name,
        secret=secret,
        paging=source.paging.model_dump(mode="json"),
        mapping=source.products.model_dump(mode="json"),
        store_source=source.stores.model_dump(mode="json") if source.stores else None,
        category_source=source.categories.model_dump(mode="json") if source.categories else None,
        schedule=schedule,
        due_at=due_at or (next_due(schedule, after=now()) if schedule else None),
    )
    # What is wrong with the sign-in is said now, not at the first sync.
    access_of(feed)
    work.session.add(feed)
    work.session.flush()
    work.touch("feeds")
    _note(work, feed, supplier)
    return stored(feed.id)


def _note(work: Work, feed: Feed, supplier: str) -> None:
    note(
        work,
        AuditAction.FEED_REGISTERED,
        kind="feed",
        id=str(feed.id),
        title=feed.name,
        after={
            "supplier": supplier,
            "url": feed.url,
            "authentication": feed.authentication,
            "secret": feed.secret,
            "schedule": feed.schedule,
        },
    )


def _check(*, name: str, supplier: str, url: str, schedule: str | None) -> None:
    if not _NAME.fullmatch(name):
        raise BadInput("A feed's name is made of small letters, digits and hyphens.")
    if not supplier.strip():
        raise BadInput("A feed needs the name of its supplier.")
    address = urlsplit(url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise BadInput(f"The address {url} does not begin with http:// or https://.")
    if address.username or address.password:
        raise BadInput("Give the user and password as the feed's secret, not in its address.")
    if schedule is not None and not croniter.is_valid(schedule):
        raise BadInput(f'The schedule "{schedule}" is not a cron expression such as "0 * * * *".')


def _supplier_id(
    work: Work, name: str, order_email: str | None, policy: CompletionPolicy | None
) -> int:
    """Return the id of the supplier of that name, written first where there is none."""
    found = work.session.scalar(select(Supplier).where(col(Supplier.name) == name.strip()))
    if found is None:
        if order_email is None or not _ADDRESS.fullmatch(order_email):
            raise BadInput(f"{name} is new: give the e-mail address that takes its orders.")
        found = Supplier(name=name.strip(), order_email=order_email)
        if policy is not None:
            found.completion_policy = policy
        work.session.add(found)
        work.session.flush()
    return stored(found.id)
