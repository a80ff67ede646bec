"""The catalogue of a day, and whether the chain is whole."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from app.errors import NotFound
from app.services.operations.watched import is_the_snapshot_chain_whole
from app.services.snapshots import snapshot_of_day
from app.services.snapshots.as_of import product_of_day
from app.services.snapshots.verify import verify_snapshot
from app.views.accounts import Viewer
from app.views.operations import Answer
from app.views.past import ProductOfDay
from app.views.snapshots import SnapshotView
from app.work import open_work, reading
from tests.integration.snapshots.conftest import INSTALLATION, somebody, taken

pytestmark = pytest.mark.usefixtures("catalogue")


def taken_at(moment: str, query: str = "") -> SnapshotView:
    """Take a snapshot and say that it was at that moment."""
    snapshot = taken(query)
    with open_work() as work:
        work.session.execute(
            text("UPDATE snapshot SET taken_at = :moment WHERE id = :id"),
            {"moment": moment, "id": snapshot.id},
        )
    return snapshot


def of_day(day: str) -> SnapshotView:
    """Return the snapshot of a day as the installation sees it."""
    return reading(snapshot_of_day, viewer=INSTALLATION, day=date.fromisoformat(day))


def chain() -> Answer:
    """Return what the dashboard says."""
    return reading(is_the_snapshot_chain_whole, locale="en")


def test_a_day_is_answered_by_the_last_snapshot_of_everything_by_its_end() -> None:
    early = taken_at("2026-03-01T23:59:59Z")
    late = taken_at("2026-03-03T00:00:00Z")
    taken_at("2026-03-02T12:00:00Z", "q=bottle")
    assert of_day("2026-03-01").id == of_day("2026-03-02").id == early.id
    assert of_day("2026-03-03").id == of_day("2030-01-01").id == late.id


def test_a_day_before_the_first_one_is_answered_by_that() -> None:
    first = taken_at("2026-03-01T12:00:00Z")
    assert of_day("2026-02-01").id == of_day("0001-01-01").id == first.id


def test_where_there_is_none_it_is_said_what_to_do() -> None:
    with pytest.raises(NotFound, match="take one first"):
        of_day("2026-03-01")
    somebody_s = taken(viewer=somebody())
    assert of_day("2026-03-01").id == somebody_s.id
    with pytest.raises(NotFound):
        reading(snapshot_of_day, viewer=somebody(name="Grace"), day=date(2026, 3, 1))


def test_the_dashboard_says_whether_the_chain_is_whole() -> None:
    assert (chain().is_good, chain().figure) == (True, "0")
    snapshot = taken()
    assert (chain().is_good, chain().answer) == (
        True,
        "Nothing is damaged; not verified yet: 1.",
    )
    verify_snapshot(viewer=INSTALLATION, snapshot_id=snapshot.id)
    assert (chain().is_good, "as it was stored" in chain().answer) == (True, True)
    with open_work() as work:
        work.session.execute(text("UPDATE snapshot SET root_hash = repeat('0', 64)"))
    verify_snapshot(viewer=INSTALLATION, snapshot_id=snapshot.id)
    assert (chain().is_good, chain().answer) == (False, "Not as they were stored: 1.")


def product(day: str, product_id: int, viewer: Viewer | None = INSTALLATION) -> ProductOfDay:
    """Return what is said of a product on a day."""
    return product_of_day(viewer=viewer, product_id=product_id, day=date.fromisoformat(day))


def test_a_product_is_answered_by_its_history_and_by_the_nearest_snapshot(
    catalogue: dict[str, int],
) -> None:
    full = catalogue["full"]
    snapshot = taken()
    with open_work() as work:
        work.session.execute(text("UPDATE product SET price_minor = 1"))
        work.session.execute(
            text(
                "INSERT INTO price_point (product_id, price_minor, currency, since) VALUES "
                "(:id, 700, 'EUR', '2026-02-10T23:59:59Z'), (:id, 800, 'EUR', '2026-02-12Z')"
            ),
            {"id": full},
        )
    found = product("2026-02-11", full)
    assert found.price
    assert (found.price.price_minor, found.price.currency) == (700, "EUR")
    assert found.snapshot
    assert found.snapshot.id == snapshot.id
    assert found.product
    # What it says is what was captured, and not what holds now.
    assert (found.product.price_minor, found.remark) == (12_345, "")
    assert product("2026-02-10", full).price == found.price
    later = product("2026-02-12", full).price
    assert later
    assert later.price_minor == 800
    assert product("1999-01-01", full).price is None


def test_what_a_snapshot_does_not_say_is_told(catalogue: dict[str, int]) -> None:
    full = catalogue["full"]
    nothing = product("2030-01-01", full)
    assert (nothing.snapshot, nothing.product) == (None, None)
    assert "take one first" in nothing.remark
    taken()
    assert "does not have" in product("2030-01-01", catalogue["gone"]).remark
    stranger = product("2030-01-01", full, viewer=None)
    assert stranger.price
    assert (stranger.snapshot, stranger.product) == (None, None)
    assert "Sign in" in stranger.remark
    with pytest.raises(NotFound, match="no such product"):
        product("2030-01-01", 987_654_321)
