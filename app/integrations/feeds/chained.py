"""Pages that say themselves which one comes next: by a cursor or by a link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from app.integrations.feeds.errors import FeedMalformed
from app.integrations.feeds.expressions import JMESPathError, compile_expression
from app.integrations.feeds.source import CursorPaging, LinkPaging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.integrations.feeds.client import Answer
    from app.integrations.feeds.walk import Records, Walk


def chained(walk: Walk, paging: CursorPaging | LinkPaging) -> Iterator[Records]:
    """Follow cursors or links; the next page is asked before the present one is used."""
    size = {paging.size_parameter: str(paging.size)} if paging.size_parameter else {}
    url: httpx.URL | None = walk.with_parameters(size)
    asked: set[str] = {str(url)}
    coming = walk.ask(url)
    while True:
        answer = coming.result()
        url = (
            _after_cursor(walk, paging, size, answer)
            if isinstance(paging, CursorPaging)
            else _after_link(walk, paging, answer)
        )
        if url is not None:
            if str(url) in asked:
                raise FeedMalformed("The listing runs in a circle: a page names an earlier one.")
            asked.add(str(url))
            coming = walk.ask(url)
        yield walk.records(answer)
        if url is None:
            return


def _after_cursor(
    walk: Walk, paging: CursorPaging, size: dict[str, str], answer: Answer
) -> httpx.URL | None:
    cursor = _found(paging.next, answer)
    if cursor is None:
        return None
    return walk.with_parameters({**size, paging.cursor_parameter: cursor})


def _after_link(walk: Walk, paging: LinkPaging, answer: Answer) -> httpx.URL | None:
    link = _found(paging.next, answer) if paging.next else answer.link_next
    if link is None:
        return None
    try:
        url = answer.url.join(link)
    except httpx.InvalidURL:
        raise FeedMalformed("A page names a next one that is no address.") from None
    if not walk.client.is_own(url):
        raise FeedMalformed(f"A page names a next one at another origin, {url.host}.")
    return url


def _found(expression: str, answer: Answer) -> str | None:
    """Return the text or number that leads to the next page, None behind the last."""
    try:
        value = compile_expression(expression)(answer.content)
    except JMESPathError:
        value = None
    if value is None or value == "" or value is False:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise FeedMalformed(f'What leads to the next page at "{expression}" is not text.')
    return str(value)
