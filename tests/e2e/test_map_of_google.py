"""How Google's map is asked for, and how ours takes its place when Google refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.map_page import FINLAND, NEAR, STORES

if TYPE_CHECKING:
    from tests.google_maps_twin import Answer
    from tests.map_page import Opens


def test_google_is_told_the_theme_and_what_the_settings_say(opens: Opens) -> None:
    asked = {
        "loaded": True,
        "key": "a-browser-key",
        "mapId": "ours",
        "language": "fi",
        "region": "FI",
    }
    with opens(provider="google", google=asked) as shown:
        shown.wait_for("settle")
        (query,) = shown.twin.asked
        assert (query["key"], query["language"], query["region"]) == ("a-browser-key", "fi", "FI")
        shown.page.evaluate("document.documentElement.className = 'dark'")
        shown.page.wait_for_function("window.googleMapsTwin.maps.length === 2")
        maps = shown.page.evaluate("window.googleMapsTwin.maps")
        assert [one["colorScheme"] for one in maps] == ["LIGHT", "DARK"]
        assert {one["mapId"] for one in maps} == {"ours"}


@pytest.mark.parametrize(
    ("answer", "key", "notice"),
    [
        ("is unreachable", "a-browser-key", "could not be reached"),
        ("refuses", "a-browser-key", "does not accept"),
        ("is spent", "a-browser-key", "does not accept"),
        ("accepts", "another-key", "does not accept"),
    ],
)
def test_our_map_takes_the_place_of_googles(
    opens: Opens, answer: Answer, key: str, notice: str
) -> None:
    with opens(provider="google", answer=answer, key=key) as shown:
        expect(shown.page.get_by_test_id("map-provider")).to_have_text("fallback")
        expect(shown.page.get_by_test_id("map-notice")).to_contain_text(notice)
        expect(shown.marks).to_have_count(len(STORES))
        south, west, north, east, _ = shown.wait_for("settle")
        assert south <= FINLAND.south < FINLAND.north <= north
        assert west <= FINLAND.west < FINLAND.east <= east


def test_nobody_waits_for_google_for_ever(opens: Opens) -> None:
    with opens(provider="google", answer="never answers", held=True) as shown:
        expect(shown.page.get_by_test_id("map-provider")).to_have_text("google")
        asked = "document.querySelector('script[src^=\"https://maps.googleapis.com/\"]')"
        shown.page.wait_for_function(asked)
        expect(shown.marks).to_have_count(0)
        shown.page.clock.fast_forward(11_000)
        expect(shown.page.get_by_test_id("map-provider")).to_have_text("fallback")
        expect(shown.page.get_by_test_id("map-notice")).to_contain_text("could not be reached")


def test_our_map_is_where_googles_was_when_it_gave_up(opens: Opens) -> None:
    with opens(provider="google") as shown:
        shown.wait_for("settle")
        so_far = len(shown.said())
        shown.mark("cluster-1").click()
        before = shown.wait_for("settle", after=so_far)
        so_far = len(shown.said())
        shown.page.evaluate("window.gm_authFailure()")
        expect(shown.page.get_by_test_id("map-provider")).to_have_text("fallback")
        expect(shown.marks).to_have_count(len(STORES))
        after = shown.wait_for("settle", after=so_far)
        assert after[4] == before[4]
        assert abs((after[1] + after[3]) / 2 - (before[1] + before[3]) / 2) < NEAR


@pytest.mark.parametrize(
    ("script", "refusal"),
    [
        ('new google.maps.LatLng("60.1", "24.9")', "not a number"),
        ("new google.maps.LatLng(NaN, 24.9)", "not a number"),
        ('document.querySelector("[data-key]").position = {lat: "60", lng: 24}', "not a number"),
        ("document.querySelector('[data-key]').position = [60, 24]", "LatLng"),
        (
            """new google.maps.marker.AdvancedMarkerElement().map =
                new google.maps.Map(document.createElement("div"), {})""",
            "Map ID",
        ),
    ],
)
def test_the_stand_in_refuses_what_google_refuses(opens: Opens, script: str, refusal: str) -> None:
    with opens(provider="google") as shown:
        shown.wait_for("settle")
        said = shown.page.evaluate(
            "script => { try { eval(script) } catch (problem) { return String(problem) } }", script
        )
    assert said.startswith("InvalidValueError")
    assert refusal in said


@pytest.mark.parametrize("query", ["callback=google.maps.__ib__", "key=a-browser-key"])
def test_the_stand_in_needs_a_key_and_a_callback(opens: Opens, query: str) -> None:
    with opens(provider="google") as shown:
        shown.wait_for("settle")
        address = f"https://maps.googleapis.com/maps/api/js?{query}"
        shown.page.evaluate("address => fetch(address, {mode: 'no-cors'})", address)
        assert shown.twin.refused == [address]
