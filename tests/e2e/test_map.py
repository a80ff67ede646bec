"""What Google's map and our own do alike, on a page with nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from app.views.maps import MapCamera, MapMark
from tests.map_page import HELSINKI, NEAR, OULU, STORES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.map_page import MapPage, Opens

FIJI = MapMark("store-3", -17.7134, 178.065, "Nadi")
SAMOA = MapMark("store-4", -13.83, -171.76, "Apia")
PARIS = MapCamera(48.0, 2.0, 49.0, 3.0, serial=5)
PACIFIC = MapCamera(-20.0, 175.0, -12.0, -170.0, serial=1)


@pytest.fixture
def given() -> dict[str, Any]:
    """Return what the map of `shown` is given beside some stores; a test may set it."""
    return {}


@pytest.fixture(params=["google", "fallback"])
def shown(opens: Opens, given: dict[str, Any], request: pytest.FixtureRequest) -> Iterator[MapPage]:
    """Open the page with each of the maps, its marks in place and its first view told."""
    with opens(provider=request.param, **given) as page:
        expect(page.page.get_by_test_id("map-provider")).to_have_text(request.param)
        page.wait_for("settle")
        yield page
        assert page.elsewhere == [], "the page asked somebody else"
        assert page.twin.refused == [], "Google would have refused this"
        assert bool(page.twin.asked) == (request.param == "google")


def centre(mark: Locator) -> tuple[float, float]:
    """Return where a mark is on screen, once it stands still there."""
    mark.hover(trial=True)
    box = mark.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def expect_at(mark: Locator, x: float, y: float, *, near: float) -> None:
    """Wait until the middle of a mark is within `near` pixels of a place on screen."""
    mark.page.wait_for_function(
        """([mark, x, y, near]) => {
            const box = mark.getBoundingClientRect();
            const right = box.left + box.width / 2 - x;
            const below = box.top + box.height / 2 - y;
            return Math.abs(right) <= near && Math.abs(below) <= near;
        }""",
        arg=[mark.element_handle(), x, y, near],
    )


def test_marks_have_names_and_show_a_price_a_count_or_a_pin(shown: MapPage) -> None:
    expect(shown.marks).to_have_count(len(STORES))
    for mark in STORES:
        expect(shown.page.get_by_role("button", name=mark.name)).to_have_count(1)
        expect(shown.mark(mark.key)).to_have_text(mark.text)
    expect(shown.mark("store-2").locator("svg")).to_be_visible()
    expect(shown.page.get_by_test_id("map")).to_have_count(1)
    expect(shown.page.get_by_test_id("map-notice")).to_have_count(0)


def test_marks_come_go_and_change(shown: MapPage) -> None:
    dearer = MapMark("store-1", 60.1699, 24.9384, "Helsinki: 14.00 EUR", "14.00 €")
    shown.show(marks=[dearer, FIJI])
    expect(shown.mark("store-1")).to_have_text("14.00 €")
    expect(shown.page.get_by_role("button", name="Helsinki: 14.00 EUR")).to_have_count(1)
    expect(shown.mark("store-2")).to_have_count(0)
    expect(shown.marks).to_have_count(2)


def test_a_press_chooses_a_store_and_its_details_close_again(shown: MapPage) -> None:
    details = shown.page.get_by_test_id("details")
    expect(details).to_have_count(0)
    shown.mark("store-2").click()
    assert shown.wait_for("choose") == ["store-2"]
    expect(details).to_contain_text("store-2")
    expect(details).to_be_visible()
    expect(shown.mark("store-2")).to_have_attribute("aria-pressed", "true")

    shown.show(chosen="store-1")
    expect(details).to_contain_text("store-1")
    expect(shown.mark("store-2")).to_have_attribute("aria-pressed", "false")

    so_far = len(shown.said())
    shown.page.get_by_role("button", name="Close").click()
    assert shown.wait_for("choose", after=so_far) == [""]
    expect(details).to_have_count(0)


def test_escape_closes_the_details_and_the_mark_has_the_focus(shown: MapPage) -> None:
    shown.mark("store-2").click()
    expect(shown.page.get_by_test_id("details")).to_be_visible()
    so_far = len(shown.said())
    shown.mark("store-2").press("Escape")
    assert shown.wait_for("choose", after=so_far) == [""]
    expect(shown.page.get_by_test_id("details")).to_have_count(0)
    expect(shown.mark("store-2")).to_be_focused()


def test_a_press_on_several_stores_zooms_in_there(shown: MapPage) -> None:
    before = shown.wait_for("settle")
    so_far = len(shown.said())
    shown.mark("cluster-1").click()
    south, west, north, east, zoom = shown.wait_for("settle", after=so_far)
    assert zoom == before[4] + 2
    assert abs((west + east) / 2 - OULU.longitude) < NEAR
    assert south < OULU.latitude < north
    assert not [said for said in shown.said() if said[0] == "choose"]


def test_many_moves_are_told_once(shown: MapPage) -> None:
    before = shown.wait_for("settle")
    so_far = len(shown.said())
    shown.page.evaluate(
        "document.querySelector('[aria-label=\"Zoom in\"]').click();"
        "document.querySelector('[aria-label=\"Zoom out\"]').click();"
        "document.querySelector('[aria-label=\"Zoom in\"]').click()"
    )
    after = shown.wait_for("settle", after=so_far)
    assert after[4] == before[4] + 1
    assert [said[0] for said in shown.said()[so_far:]] == ["settle"]


def test_dragging_the_ground_is_told_once_it_rests(shown: MapPage) -> None:
    before = shown.wait_for("settle")
    so_far = len(shown.said())
    box = shown.page.get_by_test_id("map").bounding_box()
    assert box
    x, y = box["x"] + 60, box["y"] + 60
    mouse = shown.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 120, y + 40, steps=6)
    mouse.up()
    after = shown.wait_for("settle", after=so_far)
    assert after[1] < before[1], "what was west of it is in sight"
    assert after[4] == before[4]
    assert not [said for said in shown.said() if said[0] in {"choose", "point"}]


def test_a_press_on_the_ground_tells_the_point(shown: MapPage) -> None:
    south, west, north, east, _ = shown.wait_for("settle")
    box = shown.page.get_by_test_id("map").bounding_box()
    assert box
    shown.page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    latitude, longitude = shown.wait_for("point")
    assert abs(longitude - (west + (east - west) / 4)) < NEAR
    assert south < latitude < north


@pytest.mark.parametrize("given", [{"draggable": True}])
def test_a_mark_is_dragged_and_stays_where_it_was_put(shown: MapPage) -> None:
    x, y = centre(shown.mark("store-1"))
    mouse = shown.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 60, y - 30, steps=6)
    mouse.up()
    key, latitude, longitude = shown.wait_for("drop")
    assert key == "store-1"
    assert latitude > HELSINKI.latitude + NEAR
    assert longitude > HELSINKI.longitude + NEAR
    expect_at(shown.mark("store-1"), x + 60, y - 30, near=4)
    # The page says where it is now, which is where it was put.
    shown.show(marks=[MapMark("store-1", latitude, longitude, "Helsinki", "12.90 €")])
    expect(shown.marks).to_have_count(1)
    expect_at(shown.mark("store-1"), x + 60, y - 30, near=4)
    assert not [said for said in shown.said() if said[0] == "choose"]


@pytest.mark.parametrize("given", [{"draggable": True}])
def test_a_mark_is_moved_by_keys(shown: MapPage) -> None:
    mark = shown.mark("store-1")
    x, y = centre(mark)
    mark.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        mark.press(key)
    expect(mark).to_be_focused()
    expect_at(mark, x + 16, y - 8, near=1)
    mark.press("Escape")
    expect_at(mark, x, y, near=1)
    assert not [said for said in shown.said() if said[0] == "drop"]

    mark.press("ArrowDown")
    mark.press("Enter")
    key, latitude, longitude = shown.wait_for("drop")
    assert key == "store-1"
    assert latitude < HELSINKI.latitude
    assert longitude == pytest.approx(HELSINKI.longitude, abs=1e-5)
    assert not [said for said in shown.said() if said[0] == "choose"]
    expect(mark).to_have_accessible_description(
        "The arrow keys move it, Enter puts it down, Escape puts it back"
    )


def test_the_keyboard_chooses_and_is_let_go(shown: MapPage) -> None:
    keyboard = shown.page.keyboard
    shown.page.locator("#before").focus()
    for _ in range(20):
        keyboard.press("Tab")
        if shown.page.evaluate("document.activeElement.id") == "after":
            break
    expect(shown.page.locator("#after")).to_be_focused()

    shown.mark("store-2").focus()
    keyboard.press("Enter")
    assert shown.wait_for("choose") == ["store-2"]


def test_it_looks_elsewhere_when_it_is_told_to_only(shown: MapPage) -> None:
    before = shown.wait_for("settle")
    so_far = len(shown.said())
    # Of the same serial: people are left alone. What follows would come too late for it.
    shown.show(camera=replace(PARIS, serial=0))
    shown.page.get_by_role("button", name="Zoom in").click()
    after = shown.wait_for("settle", after=so_far)
    assert abs((after[1] + after[3]) / 2 - (before[1] + before[3]) / 2) < NEAR

    so_far = len(shown.said())
    shown.show(camera=PARIS)
    south, west, north, east, _ = shown.wait_for("settle", after=so_far)
    assert south < PARIS.south < PARIS.north < north
    assert west < PARIS.west < PARIS.east < east


def test_behind_another_pane_it_says_nothing_and_looks_once_it_is_seen(shown: MapPage) -> None:
    # Two frames: sizes are told between them.
    swap = """display => new Promise((done) => {
        document.getElementById("map").style.display = display;
        requestAnimationFrame(() => requestAnimationFrame(done));
    })"""
    so_far = len(shown.said())
    shown.page.evaluate(swap, "none")
    shown.show(camera=PARIS)
    shown.page.evaluate(swap, "block")
    south, west, north, east, _ = shown.wait_for("settle", after=so_far)
    assert south < PARIS.south < PARIS.north < north
    assert west < PARIS.west < PARIS.east < east


def test_a_single_place_is_not_looked_at_from_too_near(shown: MapPage) -> None:
    so_far = len(shown.said())
    place = MapCamera(60.1699, 24.9384, 60.1699, 24.9384, serial=2)
    shown.show(camera=place)
    *_, zoom = shown.wait_for("settle", after=so_far)
    assert zoom == 15
    so_far = len(shown.said())
    shown.page.get_by_role("button", name="Zoom in").click()
    assert shown.wait_for("settle", after=so_far)[4] == 16


def test_what_a_map_has_shown_fills_it_again(shown: MapPage) -> None:
    seen = shown.wait_for("settle")
    so_far = len(shown.said())
    shown.show(camera=PARIS)
    shown.wait_for("settle", after=so_far)
    so_far = len(shown.said())
    # As an address writes it.
    south, west, north, east = (round(degrees, 4) for degrees in seen[:4])
    shown.show(camera=MapCamera(south, west, north, east, serial=6, is_whole=True))
    again = shown.wait_for("settle", after=so_far)
    assert again[4] == seen[4]
    assert all(abs(now - before) < NEAR for now, before in zip(again, seen, strict=True))


@pytest.mark.parametrize("given", [{"camera": PACIFIC, "marks": (FIJI, SAMOA)}])
def test_both_sides_of_the_180th_meridian_are_side_by_side(shown: MapPage) -> None:
    _, west, _, east, _ = shown.wait_for("settle")
    assert west > east
    assert -180 <= east < west <= 180
    (fiji, _), (samoa, _) = centre(shown.mark("store-3")), centre(shown.mark("store-4"))
    assert 0 < fiji < samoa < 1000


def test_another_theme_leaves_the_view_as_it_is(shown: MapPage) -> None:
    so_far = len(shown.said())
    shown.page.get_by_role("button", name="Zoom in").click()
    before = shown.wait_for("settle", after=so_far)
    shown.page.evaluate("document.documentElement.className = 'dark'")
    wait_for_theme(shown.page)
    shown.page.get_by_role("button", name="Zoom out").click()
    shown.page.wait_for_function("zoom => window.said.at(-1)[5] === zoom", arg=before[4] - 1)
    after = shown.said()[-1][1:]
    assert abs((after[1] + after[3]) / 2 - (before[1] + before[3]) / 2) < NEAR
    expect(shown.marks).to_have_count(len(STORES))


def wait_for_theme(page: Page) -> None:
    """Wait until the map can be told to zoom again: with other colours Google's is another one."""
    page.wait_for_function(
        "!window.googleMapsTwin || document.querySelectorAll('[data-testid=map]').length === 1 "
        "&& window.googleMapsTwin.maps.length === 2"
    )
