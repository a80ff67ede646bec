"""Paging over real HTTP: every record once and in order, whatever the supplier's way."""

from __future__ import annotations

import math
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.integrations.feeds import Access, FeedClient, FeedMalformed, FeedRefused, Limits
from app.integrations.feeds.pages import pages
from app.integrations.feeds.source import PAGING
from app.integrations.feeds.walk import Listing
from tests.suppliers import Asked, Reply, Supplier, json_reply

HASTY = Limits(attempts=2, read=60.0, first_pause=0.01, in_flight=3)


def listed(
    supplier: Supplier,
    paging: dict[str, Any],
    *,
    records: str = "items",
    access: Access = Access(),  # noqa: B008 - frozen
) -> list[Any]:
    with FeedClient(f"{supplier.url}/list?fixed=1", access, HASTY) as client:
        listing = Listing(client.url, PAGING.validate_python(paging), records)
        return [record for page in pages(client, listing) for record in page]


def by_offset(total: int, most: int, *, told: bool) -> Supplier:
    """Return a supplier that hands out at most `most` of `total` numbers, whatever is asked."""

    def answer(asked: Asked) -> Reply:
        skip = int(asked.query["skip"])
        size = min(int(asked.query["limit"]), most)
        items = list(range(skip, min(skip + size, total)))
        return json_reply({"items": items, "total": total if told else None})

    return Supplier(answer)


@settings(max_examples=25, deadline=None)
@given(
    total=st.integers(0, 40), most=st.integers(1, 12), size=st.integers(1, 12), told=st.booleans()
)
def test_offsets_bring_every_record_once(total: int, most: int, size: int, told: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    with by_offset(total, most, told=told).serving() as supplier:
        assert listed(supplier, {"style": "offset", "size": size}) == list(range(total))
        if told and total:
            pages_needed = math.ceil(total / min(size, most))
            assert len(supplier.asked) == pages_needed
        assert {asked.query["fixed"] for asked in supplier.asked} == {"1"}


def test_pages_of_uneven_size_are_not_skipped() -> None:
    """A supplier that leaves hidden records out hands out pages of any size."""
    sizes = {0: 5, 5: 3, 8: 5, 13: 1, 14: 6}

    def answer(asked: Asked) -> Reply:
        skip = int(asked.query["skip"])
        items = list(range(skip, skip + sizes.get(skip, 0)))
        return json_reply({"items": items, "total": 20})

    with Supplier(answer).serving() as supplier:
        assert listed(supplier, {"style": "offset", "size": 5}) == list(range(20))


@pytest.mark.parametrize("total", [None, "count"])
@pytest.mark.parametrize("first", [0, 1])
def test_numbered_pages(total: str | None, first: int) -> None:
    def answer(asked: Asked) -> Reply:
        start = (int(asked.query["p"]) - first) * 4
        return json_reply({"items": list(range(start, min(start + 4, 10))), "count": "10"})

    paging = {
        "style": "page", "page_parameter": "p", "size_parameter": None, "first": first,
        "total": total,
    }  # fmt: skip
    with Supplier(answer).serving() as supplier:
        assert listed(supplier, paging) == list(range(10))


def test_404_behind_the_last_page_is_the_end_only_where_no_total_is_known() -> None:
    def answer(asked: Asked) -> Reply:
        number = int(asked.query["page"])
        if number > 2:
            return Reply(status=404)
        return json_reply({"items": [number], "total": 5})

    with Supplier(answer).serving() as supplier:
        assert listed(supplier, {"style": "page"}) == [1, 2]
        with pytest.raises(FeedRefused, match="404"):
            listed(supplier, {"style": "page", "total": "total"})


@given(total=st.integers(0, 12))
@settings(max_examples=13, deadline=None)
def test_cursors(total: int) -> None:
    def answer(asked: Asked) -> Reply:
        start = int(asked.query.get("cursor", "0"))
        following = start + 3 if start + 3 < total else None
        return json_reply(
            {"items": list(range(start, min(start + 3, total))), "meta": {"next": following}}
        )

    with Supplier(answer).serving() as supplier:
        paging = {"style": "cursor", "next": "meta.next"}
        assert listed(supplier, paging) == list(range(total))
        assert {asked.query["limit"] for asked in supplier.asked} == {"100"}


def test_link_headers_and_links_in_the_body() -> None:
    def in_header(asked: Asked) -> Reply:
        number = int(asked.query.get("page", "1"))
        link = f'</list?page={number + 1}>; rel="next", </list>; rel="first"'
        return json_reply([number], Link=link) if number < 4 else json_reply([number])

    def in_body(asked: Asked) -> Reply:
        number = int(asked.query.get("page", "1"))
        return json_reply({"items": [number], "next": f"?page={number + 1}" if number < 4 else ""})

    with Supplier(in_header).serving() as supplier:
        assert listed(supplier, {"style": "link"}, records="@") == [1, 2, 3, 4]
        supplier.answer = in_body
        assert listed(supplier, {"style": "link", "next": "next"}) == [1, 2, 3, 4]


def test_a_circle_is_found_out() -> None:
    def answer(asked: Asked) -> Reply:
        number = int(asked.query.get("cursor", "0"))
        return json_reply({"items": [number], "next": str((number + 1) % 3)})

    with Supplier(answer).serving() as supplier, pytest.raises(FeedMalformed, match="circle"):
        listed(supplier, {"style": "cursor"})


def test_a_next_page_elsewhere_is_not_asked() -> None:
    with (
        Supplier(lambda _asked: json_reply([])).serving() as other,
        Supplier(
            lambda _asked: json_reply([1], Link=f'<{other.url}/x>; rel="next"')
        ).serving() as s,
    ):
        with pytest.raises(FeedMalformed, match="another origin"):
            listed(s, {"style": "link"}, records="@")
        assert other.asked == []


@pytest.mark.parametrize(
    ("access", "header", "value"),
    [
        (Access(headers=(("X-Api-Key", "k"),)), "X-Api-Key", "k"),
        (Access(headers=(("Authorization", "Bearer t"),)), "Authorization", "Bearer t"),
        (Access(basic=("user", "pass")), "Authorization", "Basic dXNlcjpwYXNz"),
    ],
)
def test_what_opens_a_feed_goes_to_its_own_origin_only(
    access: Access, header: str, value: str
) -> None:
    with Supplier(lambda _asked: json_reply([1])).serving() as other:
        with Supplier(lambda _asked: json_reply([1])).serving() as supplier:
            assert listed(supplier, {"style": "none"}, records="@", access=access) == [1]
            assert supplier.asked[0].headers[header] == value
            away = Reply(status=307, headers={"Location": f"{other.url}/moved"})
            supplier.answer = lambda _asked: away
            assert listed(supplier, {"style": "none"}, records="@", access=access) == [1]
        assert [asked.path for asked in other.asked] == ["/moved"]
        assert header not in other.asked[0].headers


def test_an_address_that_is_none_is_refused() -> None:
    for address in ("file:///etc/passwd", "supplier.example/products", "http://"):
        with pytest.raises(FeedRefused, match="http://"):
            FeedClient(address, Access(), HASTY)


def test_a_key_in_the_address_is_in_no_message() -> None:
    with Supplier(lambda _asked: Reply(status=403)).serving() as supplier:
        address = f"{supplier.url}/list?key=hidden"
        with (
            FeedClient(address, Access(), HASTY) as client,
            pytest.raises(FeedRefused, match="answered 403") as problem,
        ):
            client.get(httpx.URL(address))
    assert "hidden" not in problem.value.sentence
