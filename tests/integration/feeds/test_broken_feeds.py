"""A feed that is broken ends its run with one sentence, and the catalogue stays as it was."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from app import db
from app.services.feeds import list_feeds
from app.work import reading
from tests.integration.feeds.conftest import HASTY, a_record, pull, register
from tests.suppliers import Asked, Reply, Supplier, json_reply, offset_pages


def fingerprint() -> Any:
    with db.engine().connect() as connection:
        return connection.execute(
            text(
                "SELECT count(*), sum(hashtext(product::text)::bigint), "
                "(SELECT count(*) FROM price_point), (SELECT count(*) FROM category), "
                "(SELECT sum(products) FROM word) FROM product"
            )
        ).one()


def failed(feed_id: int, **limits: Any) -> str:
    """Sync, see that nothing but the run was written, and return the run's problem."""
    before = fingerprint()
    synced = reading(list_feeds)[0].synced_at
    run = pull(feed_id, replace(HASTY, **limits))
    assert run.state == "failed"
    assert run.problem
    assert fingerprint() == before
    assert reading(list_feeds)[0].synced_at == synced
    return run.problem


@pytest.fixture(params=["before anything came", "with products"])
def any_feed(request: pytest.FixtureRequest, feed_id: int) -> int:
    """Return a feed that is new, and one that has been synced."""
    if request.param == "with products":
        assert pull(feed_id).state == "applied"
    return feed_id


def test_the_server_dies_half_way(any_feed: int, supplier: Supplier, records: list[Any]) -> None:
    records[3]["price"] = 77
    whole = supplier.answer

    def dying(asked: Asked) -> Reply:
        if int(asked.query["skip"]) < 50:
            return whole(asked)
        return Reply(b'{"products": [', promised=1000)

    supplier.answer = dying
    assert "could not be reached" in failed(any_feed)


def test_nobody_listens(database: None) -> None:  # noqa: ARG001 - an empty database
    feed_id = register("http://127.0.0.1:1/products")
    assert "could not be reached" in failed(feed_id)


def test_the_server_never_answers(any_feed: int, supplier: Supplier) -> None:
    silence = threading.Event()

    def silent(_asked: Asked) -> Reply:
        silence.wait(10)
        return Reply()

    supplier.answer = silent
    try:
        assert failed(any_feed, attempts=1, read=0.2).endswith("did not answer in time.")
    finally:
        silence.set()


def test_429_is_waited_for_as_long_as_asked(feed_id: int, supplier: Supplier) -> None:
    slept: list[float] = []
    supplier.first = [json_reply({}, status=429, **{"Retry-After": "7"})]
    run = pull(feed_id, replace(HASTY, sleep=slept.append))
    assert run.state == "applied"
    assert slept == [7.0]


def test_a_supplier_that_asks_for_an_hour_is_not_waited_for(
    any_feed: int, supplier: Supplier
) -> None:
    supplier.first = [json_reply({}, status=503, **{"Retry-After": "3600"})]
    assert "asks to wait 3600 s" in failed(any_feed)


def test_500_is_tried_again_with_growing_pauses(feed_id: int, supplier: Supplier) -> None:
    slept: list[float] = []
    supplier.first = [Reply(status=500), Reply(status=502)]
    run = pull(feed_id, replace(HASTY, sleep=slept.append, first_pause=1.0))
    assert run.state == "applied"
    assert 0.5 <= slept[0] <= 1.0 <= slept[1] <= 2.0


def test_500_for_ever_fails(any_feed: int, supplier: Supplier) -> None:
    supplier.answer = lambda _asked: Reply(status=500)
    supplier.asked.clear()
    assert "answered 500" in failed(any_feed)
    assert len(supplier.asked) == HASTY.attempts


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(b"<html>", headers={"Content-Type": "text/html"}), "a web page instead of JSON"),
        (Reply(b"id;name", headers={"Content-Type": "text/csv"}), "text/csv instead of JSON"),
        (Reply(b"<html></html>"), "answered what is not JSON"),
        (Reply(b'{"products": ['), "answered what is not JSON"),
        (json_reply({"items": []}), 'no list of records at "products"'),
        (json_reply({"products": {"1": {}}}), 'no list of records at "products"'),
        (json_reply({"products": [], "total": 40}), "ended after 0 of 40 records"),
        (Reply(status=401), "answered 401 Unauthorized; check the feed's authentication"),
        (Reply(status=404), "answered 404"),
        (Reply(status=302, headers={"Location": "ftp://127.0.0.1/x"}), "redirects to ftp://"),
        (Reply(status=302, headers={"Location": "/products"}), "redirects more than 3 times"),
    ],
)
def test_answers_that_are_no_feed(
    any_feed: int, supplier: Supplier, reply: Reply, said: str
) -> None:
    supplier.answer = lambda _asked: reply
    assert said in failed(any_feed)


def test_a_body_without_end_is_not_read(any_feed: int, supplier: Supplier) -> None:
    supplier.answer = lambda _asked: json_reply({"products": [a_record(1, text="x" * 2_000_000)]})
    assert "more than 1 MB" in failed(any_feed, body=1_048_576)


def test_a_listing_that_repeats_itself_is_found_out(any_feed: int, supplier: Supplier) -> None:
    same = json_reply({"products": [a_record(1), a_record(2)], "total": 100})
    supplier.answer = lambda _asked: same
    assert "Page 2 is the same as the one before" in failed(any_feed)


def test_a_listing_without_end_is_cut_off(any_feed: int, supplier: Supplier) -> None:
    supplier.answer = lambda asked: json_reply(
        {"products": [a_record(int(asked.query["skip"]))], "total": None}
    )
    assert "more than 30 pages" in failed(any_feed, pages=30)


def test_a_feed_that_comes_back_empty_withdraws_nothing(feed_id: int, supplier: Supplier) -> None:
    pull(feed_id)
    supplier.answer = offset_pages([])
    assert "came back empty" in failed(feed_id)


def test_a_feed_of_which_nothing_can_be_taken_withdraws_nothing(
    feed_id: int, records: list[Any]
) -> None:
    pull(feed_id)
    for record in records:
        del record["price"]
    assert failed(feed_id).endswith("The first: price: there is no value.")
