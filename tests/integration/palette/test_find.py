"""What the palette finds for whom: by number, reference, name or address, and never more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.config import Environment, settings
from app.models.accounts import Role
from app.models.ordering import Order
from app.services.accounts import access
from app.services.palette import LONGEST, find, places_of
from app.work import open_work
from tests.factories.ordering import a_viewer, an_order, some_products

if TYPE_CHECKING:
    from redis import Redis

    from app.views.accounts import Viewer
    from app.work import Work


@dataclass(frozen=True)
class Scene:
    """Two buyers with an order each, and who looks."""

    own: int
    other: int
    viewers: dict[str, Viewer | None]


@pytest.fixture
def scene(database: None, redis: Redis) -> Scene:  # noqa: ARG001 - both empty
    with open_work() as work:
        products = some_products(work.session, each=2)
        buyer = a_viewer(work.session, name="Ada Lovelace")
        other = a_viewer(work.session, name="Mary Somerville")
        viewers = {
            "nobody": None,
            "buyer": buyer,
            "operator": a_viewer(work.session, Role.OPERATOR, "Grace Hopper"),
            "admin": a_viewer(work.session, Role.ADMIN, "Katherine Johnson"),
        }
        return Scene(
            an_order(work, buyer, products[:1]), an_order(work, other, products[1:]), viewers
        )


def titles(
    viewer: Viewer | None, text: str, work: Work | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the titles of what is found, by kind."""
    if work is None:
        with open_work(read_only=True) as opened:
            return titles(viewer, text, opened)
    found = find(work, viewer=viewer, text=text)
    return {group.title: tuple(row.title for row in group.rows) for group in found}


def under(monkeypatch: pytest.MonkeyPatch, **changed: object) -> None:
    """Decide who may under other settings."""
    other = settings().model_copy(update=changed)
    monkeypatch.setattr(access, "settings", lambda: other)


# Who finds whose orders; people are for administrators.
RIGHTS = {
    "nobody": (False, False, False),
    "buyer": (True, False, False),
    "operator": (True, True, False),
    "admin": (True, True, True),
}


@pytest.mark.parametrize("who", RIGHTS)
def test_everybody_finds_what_they_may_see_and_no_more(scene: Scene, who: str) -> None:
    viewer = scene.viewers[who]
    own, other, people = RIGHTS[who]
    assert ("Orders" in titles(viewer, str(scene.own))) is own
    assert ("Orders" in titles(viewer, str(scene.other))) is other
    assert titles(viewer, "somerville").get("People", ()) == (
        ("Mary Somerville",) if people else ()
    )
    assert titles(viewer, "buyers.example").get("People", ()) == (
        ("Ada Lovelace", "Grace Hopper", "Katherine Johnson", "Mary Somerville") if people else ()
    )
    assert set(titles(viewer, "screwdriver")["Products"]) == {
        "Screwdriver 1.1",
        "Screwdriver 1.2",
    }


@pytest.mark.parametrize("who", RIGHTS)
def test_a_reference_finds_the_orders_that_one_may_see(scene: Scene, who: str) -> None:
    own, other, _ = RIGHTS[who]
    with open_work() as work:
        work.session.execute(update(Order).values(reference="Site 7 / 100%"))
    expected = tuple(
        f"Order {number}" for number, is_seen in ((scene.other, other), (scene.own, own)) if is_seen
    )
    assert titles(scene.viewers[who], "site 7").get("Orders", ()) == expected
    assert titles(scene.viewers[who], "100%").get("Orders", ()) == expected
    # No pattern: what somebody types is what is looked for.
    assert "Orders" not in titles(scene.viewers[who], "s%7")
    assert "Orders" not in titles(scene.viewers[who], "site_7")


def test_the_note_names_the_buyer_to_whom_sees_all_orders_only(scene: Scene) -> None:
    def note(who: str) -> str:
        with open_work(read_only=True) as work:
            (group,) = find(work, viewer=scene.viewers[who], text=f"#{scene.own}")
        assert [row.href for row in group.rows] == [f"/orders/{scene.own}"]
        return group.rows[0].note

    assert "Ada Lovelace" in note("operator")
    assert "Ada Lovelace" not in note("buyer")
    assert "pending" in note("buyer")


def test_the_catalogue_is_searched_as_far_as_it_is_public(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    under(monkeypatch, public_catalogue=False)
    assert titles(None, "screwdriver") == {}
    assert "Products" in titles(scene.viewers["buyer"], "screwdriver")


@pytest.mark.parametrize(
    "text", ["", " ", "x", "%%%", "\x00\x00\x00", "9" * 30, "\ud800abc", "'; --", "²³", "a" * 5000]
)
def test_odd_words_find_nothing(scene: Scene, text: str) -> None:
    assert titles(scene.viewers["admin"], text) == {}


def test_what_is_found_is_a_handful(scene: Scene) -> None:
    with open_work() as work:
        some = [a_viewer(work.session, name=f"Ada {number}") for number in range(9)]
        assert len(titles(scene.viewers["admin"], "ada", work)["People"]) == 5
        assert len(some) > 5
    assert titles(scene.viewers["admin"], "lovelace" + " " * LONGEST)["People"] == ("Ada Lovelace",)


def test_places_are_shown_by_what_one_may_do(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    under(monkeypatch, app_env=Environment.CI)
    keys = {
        who: tuple(place.key for place in places_of(viewer).operations)
        for who, viewer in scene.viewers.items()
    }
    assert keys == {
        "nobody": (),
        "buyer": (),
        "operator": ("admin", "mailbox"),
        "admin": ("admin", "mailbox"),
    }
