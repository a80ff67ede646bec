"""Pictures of products, served from our own origin: fetched and sized once, kept in the bucket."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app.errors import AppError, NotFound, Unavailable
from app.integrations.picture_sizes import in_sizes
from app.integrations.pictures import Picture, fetch_picture
from app.services.catalogue.listing import picture_mark
from app.services.catalogue.tables import FEED, PRODUCT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.integrations.ports import Bucket
    from app.views.pictures import Width
    from app.work import Work

# An address that gave no picture is left alone for so long.
REST_SECONDS: Final = 60.0
REMEMBERED: Final = 2000
# Requests that wait for suppliers at the same time; a slow supplier must not stop other pages.
AT_ONCE: Final = 8
WAIT_SECONDS: Final = 5.0

log = logging.getLogger(__name__)
_resting: dict[str, float] = {}
_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class PictureSource:
    """Where a supplier keeps a picture; `mark` changes with that address."""

    url: str
    feed_url: str
    mark: str


def picture_source(work: Work, *, product_id: int, place: int) -> PictureSource:
    """Return where a product's picture comes from; `place` counts from 0.

    Raises NotFound where the product has no such picture.
    """
    row = (
        work.session.connection()
        .execute(
            select(PRODUCT.c.pictures[place + 1].label("picture"), FEED.c.url)
            .join(FEED, FEED.c.id == PRODUCT.c.feed_id)
            .where(PRODUCT.c.id == product_id)
        )
        .one_or_none()
    )
    if row is None or not row.picture:
        raise NotFound("There is no such picture.")
    return PictureSource(row.picture, row.url, picture_mark(row.picture))


def load_picture(bucket: Bucket, source: PictureSource, width: Width) -> Picture:
    """Return the picture in this width from the bucket, else made of what the supplier has.

    A drawing is the same in every width. Reaches outside and stands in no transaction. Raises
    NotFound where the supplier gives none; the same address is then not asked again for
    `REST_SECONDS`.
    """
    name = f"pictures/{hashlib.sha256(source.url.encode()).hexdigest()}"
    try:
        kept = bucket.get(f"{name}-{width}")
    except NotFound:
        keeps = True
    except Unavailable as problem:
        log.warning("Pictures come from the suppliers: %s", problem.sentence)
        keeps = False
    else:
        return Picture(kept.content, kept.content_type)
    made = _make(source)
    if keeps:
        try:
            for size, picture in made.items():
                bucket.put(f"{name}-{size}", picture.content, content_type=picture.content_type)
        except Unavailable as problem:
            log.warning("A picture could not be kept: %s", problem.sentence)
    return made[width]


def _make(source: PictureSource) -> Mapping[Width, Picture]:
    """Fetch the picture and return it in every width; what is no picture is left alone a while."""
    missing = NotFound("The supplier gives no such picture.")
    if _resting.get(source.url, 0.0) > time.monotonic():
        raise missing
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise missing
    try:
        return in_sizes(fetch_picture(source.url, feed_url=source.feed_url))
    except AppError as problem:
        log.info("No picture at %s: %s", source.url, problem.sentence)
        if len(_resting) >= REMEMBERED:
            _resting.clear()
        _resting[source.url] = time.monotonic() + REST_SECONDS
        raise missing from None
    finally:
        _places.release()
