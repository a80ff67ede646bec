"""Registering a feed: what cannot work is said at once and changes nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from app import db
from app.errors import AppError, Conflict
from app.models.feeds import Authentication, CompletionPolicy, Feed
from app.services.feeds import list_feeds
from app.services.feeds.source import access_of, source_of
from app.work import open_work, reading
from tests.integration.feeds.conftest import MAPPING, register

URL = "https://supplier.example/products"

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "My feed"}, "small letters, digits and hyphens"),
        ({"supplier": " "}, "needs the name of its supplier"),
        ({"url": "supplier.example"}, "does not begin with http:// or https://"),
        ({"url": "file:///etc/passwd"}, "does not begin with http:// or https://"),
        ({"url": "https://me:secret@supplier.example"}, "not in its address"),
        ({"schedule": "every day"}, "is not a cron expression"),
        ({"order_email": None}, "give the e-mail address that takes its orders"),
        ({"order_email": "nobody"}, "give the e-mail address that takes its orders"),
        ({"mapping": {"currency": "["}}, "products.currency: '[' is not JMESPath"),
        ({"mapping": {}}, "products.currency: Field required"),
        ({"mapping": {**MAPPING, "colour": "c"}}, "products.colour: Extra inputs"),
        ({"paging": {"style": "magic"}}, "paging: "),
        ({"paging": {"style": "page", "size": 0}}, "paging.page.size: "),
        ({"stores": {"url": "stores", "latitude": 7}}, "stores.latitude: "),
        ({"authentication": Authentication.BEARER}, "needs a secret"),
        ({"authentication": Authentication.BEARER, "secret": "a\nb"}, "a secret of one line"),
        ({"authentication": Authentication.BASIC, "secret": "me"}, 'like "user:password"'),
        ({"authentication": Authentication.HEADER, "secret": "k"}, "the name of the header"),
    ],
)
def test_what_cannot_work(given: dict[str, Any], said: str) -> None:
    with pytest.raises(AppError, match=re.escape(said)):
        register(**{"url": URL, **given})
    assert reading(list_feeds) == ()
    with db.engine().connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM supplier")).scalar() == 0


def test_a_name_is_given_once_and_a_supplier_may_have_several_feeds() -> None:
    register(URL, name="one", completion_policy=CompletionPolicy.CONFIRMED)
    register(URL, name="two", order_email=None)
    with pytest.raises(Conflict, match="a feed named two already"):
        register(URL, name="two")
    assert [(feed.name, feed.supplier) for feed in reading(list_feeds)] == [
        ("one", "Verkko Tools"),
        ("two", "Verkko Tools"),
    ]


def test_what_was_given_comes_back_as_it_will_be_used() -> None:
    feed_id = register(
        URL,
        paging={"style": "cursor", "next": "meta.next"},
        stores={"url": "stores"},
        categories={"url": "categories", "children": "children"},
        authentication=Authentication.BASIC,
        secret="me:my:word",
        schedule="0 6 * * *",
    )
    with open_work(read_only=True) as work:
        feed = work.session.get(Feed, feed_id)
        assert feed
        source = source_of(feed)
        assert access_of(feed).basic == ("me", "my:word")
        assert feed.due_at
        assert (feed.due_at.hour, feed.due_at.minute) == (6, 0)
    assert source.paging.model_dump()["next"] == "meta.next"
    assert source.products.name == "title"
    assert source.stores
    assert source.stores.url == "stores"
    assert source.categories
    assert source.categories.children == "children"
