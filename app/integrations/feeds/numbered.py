"""Pages that are asked for by number or by how many records come before them."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from itertools import count
from typing import TYPE_CHECKING

import httpx

from app.integrations.feeds.errors import FeedMalformed, FeedMissing
from app.integrations.feeds.expressions import JMESPathError, compile_expression
from app.integrations.feeds.source import OffsetPaging, PagePaging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.integrations.feeds.client import Answer
    from app.integrations.feeds.walk import Records, Walk


def _total(expression: str | None, answer: Answer) -> int | None:
    """Return how many records the listing says it has, None where it does not say."""
    if expression is None:
        return None
    try:
        found = compile_expression(expression)(answer.content)
    except JMESPathError:
        return None
    if isinstance(found, str) and found.isdecimal():
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def numbered(walk: Walk, paging: PagePaging | OffsetPaging) -> Iterator[Records]:
    """Ask for pages by number or offset, several at once where the total is known.

    The step is what the first page really held, because suppliers hand out less than was asked. A
    page of another size in the middle moves the offsets, so what was asked ahead is asked again.
    """
    ahead: deque[tuple[int, Future[Answer]]] = deque()
    received = step = 0
    total: int | None = None
    for number in count():
        place = number if isinstance(paging, PagePaging) else received
        if ahead and ahead[0][0] != place:
            ahead.clear()
        if not ahead:
            ahead.append((place, walk.ask(_numbered_url(walk, paging, place))))
        answer = _unless_behind_the_end(ahead.popleft()[1], received, total)
        records = walk.records(answer) if answer else []
        total = _total(paging.total, answer) if answer else total
        received += len(records)
        if not records:
            _check_complete(received, total)
            return
        step = step or len(records)
        yield records
        if total is not None and received >= total:
            return
        _ask_ahead(walk, paging, ahead, (number, received, step, total))


def _unless_behind_the_end(
    coming: Future[Answer], received: int, total: int | None
) -> Answer | None:
    """Return the answer; None for a 404 behind the last page, where no total says otherwise."""
    try:
        return coming.result()
    except FeedMissing:
        if total is None and received:
            return None
        raise


def _ask_ahead(
    walk: Walk,
    paging: PagePaging | OffsetPaging,
    ahead: deque[tuple[int, Future[Answer]]],
    where: tuple[int, int, int, int | None],
) -> None:
    """Keep as many pages asked as may be in flight, none behind the total."""
    number, received, step, total = where
    if total is None:
        return
    for distance in range(len(ahead), walk.client.limits.in_flight):
        offset = received + distance * step
        if offset >= total:
            return
        place = number + 1 + distance if isinstance(paging, PagePaging) else offset
        ahead.append((place, walk.ask(_numbered_url(walk, paging, place))))


def _numbered_url(walk: Walk, paging: PagePaging | OffsetPaging, place: int) -> httpx.URL:
    if isinstance(paging, PagePaging):
        parameters = {paging.page_parameter: str(paging.first + place)}
    else:
        parameters = {paging.offset_parameter: str(place)}
    if paging.size_parameter:
        parameters[paging.size_parameter] = str(paging.size)
    return walk.with_parameters(parameters)


def _check_complete(received: int, total: int | None) -> None:
    if total is not None and received < total:
        raise FeedMalformed(f"The listing ended after {received} of {total} records.")
