"""What only our own map does: its ground, and fingers and wheels that Google minds by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.map_page import Opens


def test_our_map_draws_the_ground_in_the_colours_of_the_theme(opens: Opens) -> None:
    # The corner of a tile that has been drawn: what has not is of no colour, and transparent.
    is_drawn = """([least, most]) => {
        const tile = document.querySelector(".leaflet-tile-loaded");
        const [red, green, blue, alpha] = tile
            ? tile.getContext("2d").getImageData(0, 0, 1, 1).data : [];
        return alpha === 255 && [red, green, blue].every((one) => one > least && one < most);
    }"""
    with opens(provider="fallback") as shown:
        shown.wait_for("settle")
        shown.page.wait_for_function(is_drawn, arg=[200, 256])
        shown.page.evaluate("document.documentElement.className = 'dark'")
        shown.page.wait_for_function(is_drawn, arg=[-1, 60])


def test_a_wheel_scrolls_the_page_past_a_small_map(opens: Opens) -> None:
    with opens(provider="fallback") as shown:
        zoom = shown.wait_for("settle")[4]
        box = shown.page.get_by_test_id("map").bounding_box()
        assert box
        shown.page.mouse.move(box["x"] + 50, box["y"] + 50)
        # The hint is gone again after a moment: it is waited for from before it is there.
        shown.page.evaluate(
            """() => { window.hints = []; new MutationObserver(() => {
                const hint = document.querySelector(".map-hint");
                if (hint?.checkVisibility()) window.hints.push(hint.textContent);
            }).observe(document.body, {childList: true, subtree: true}) }"""
        )
        shown.page.mouse.wheel(0, -300)
        shown.page.wait_for_function("window.hints.join().includes('to zoom the map')")
        so_far = len(shown.said())
        shown.page.keyboard.down("Control")
        shown.page.mouse.wheel(0, -300)
        shown.page.keyboard.up("Control")
        assert shown.wait_for("settle", after=so_far)[4] > zoom


def test_a_wheel_zooms_a_map_that_takes_most_of_the_window(opens: Opens) -> None:
    with opens(provider="fallback", window={"viewport": {"width": 1000, "height": 500}}) as shown:
        zoom = shown.wait_for("settle")[4]
        box = shown.page.get_by_test_id("map").bounding_box()
        assert box
        shown.page.mouse.move(box["x"] + 50, box["y"] + 50)
        so_far = len(shown.said())
        shown.page.mouse.wheel(0, -300)
        assert shown.wait_for("settle", after=so_far)[4] > zoom


@pytest.mark.parametrize(("height", "one_finger"), [(900, "pan-x pan-y"), (500, "none")])
def test_one_finger_scrolls_the_page_past_a_small_map(
    opens: Opens, height: int, one_finger: str
) -> None:
    phone = {"viewport": {"width": 390, "height": height}, "has_touch": True, "is_mobile": True}
    with opens(provider="fallback", window=phone) as shown:
        shown.wait_for("settle")
        expect(shown.page.locator(".map-place")).to_have_css("touch-action", one_finger)


def test_nothing_flies_for_people_who_want_no_motion(opens: Opens) -> None:
    with opens(provider="fallback", window={"reduced_motion": "reduce"}) as shown:
        shown.wait_for("settle")
        expect(shown.page.locator(".leaflet-fade-anim")).to_have_count(0)
    with opens(provider="fallback") as shown:
        shown.wait_for("settle")
        expect(shown.page.locator(".leaflet-fade-anim")).to_have_count(1)


def test_who_opens_a_mark_by_keys_goes_on_in_its_details(opens: Opens) -> None:
    with opens(provider="fallback") as shown:
        shown.wait_for("settle")
        shown.mark("store-2").press("Enter")
        details = shown.page.get_by_role("group", name="Turku, Aurakatu 8")
        expect(details).to_be_focused()
        shown.page.keyboard.press("Tab")
        expect(details.get_by_role("link")).to_be_focused()
        shown.page.keyboard.press("Escape")
        expect(details).to_have_count(0)
        expect(shown.mark("store-2")).to_be_focused()
        # Opened by a click, they leave the focus where it is.
        shown.mark("store-2").click()
        expect(details).to_be_visible()
        expect(shown.mark("store-2")).to_be_focused()
