"""Finding a place by words, with a stand-in that refuses what Google refuses, and without one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import BadInput, Misconfigured, Unavailable
from app.integrations.geocoding.google import PATH, GoogleGeocoding
from app.integrations.ports import GeocodedPlace
from app.services.stores import find, find_places
from app.services.stores.find import towns_of_stores
from tests.factories.catalogue import a_feed
from tests.factories.stores import a_store
from tests.suppliers import Supplier, json_reply

if TYPE_CHECKING:
    from app.work import Work

KEY = "made-up-server-key"
OULU = {
    "formatted_address": "Oulu, Finland",
    "geometry": {"location": {"lat": 65.0121, "lng": 25.4651}, "location_type": "APPROXIMATE"},
    "place_id": "ChIJ",
    "types": ["locality", "political"],
}

ANSWERS = {
    "Oulu": {"status": "OK", "results": [OULU]},
    "": {
        "status": "INVALID_REQUEST",
        "results": [],
        "error_message": "Invalid request. Missing the 'address' parameter.",
    },
    "too often": {"status": "OVER_QUERY_LIMIT", "results": []},
    "broken": {"status": "OK", "results": [{"geometry": None}]},
}


def google(asked: Any) -> Any:
    """Answer as the contract says: 200 for all but a broken server, what is wrong in `status`."""
    if asked.path != PATH:
        return json_reply({}, status=404)
    key, address = asked.query.get("key"), asked.query.get("address", "")
    if key != KEY:
        message = f"API keys with referer restrictions cannot be used with this API. {key}"
        return json_reply({"status": "REQUEST_DENIED", "results": [], "error_message": message})
    return json_reply(ANSWERS.get(address, {"status": "ZERO_RESULTS", "results": []}))


def test_google_is_asked_by_its_contract() -> None:
    with Supplier(google).serving() as server:
        geocoder = GoogleGeocoding(key=KEY, base_url=server.url)
        assert geocoder.find("Oulu") == (GeocodedPlace("Oulu, Finland", 65.0121, 25.4651),)
        assert geocoder.find("nowhere at all") == ()
        with pytest.raises(Unavailable, match="OVER_QUERY_LIMIT"):
            geocoder.find("too often")
        with pytest.raises(Unavailable, match="cannot be read"):
            geocoder.find("broken")
        with pytest.raises(Misconfigured, match="INVALID_REQUEST"):
            geocoder.find("")
    with pytest.raises(Unavailable, match="cannot be reached"):
        geocoder.find("Oulu")


def test_a_key_that_is_refused_is_said_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with Supplier(google).serving() as server:
        geocoder = GoogleGeocoding(key="restricted-key", base_url=server.url)
        with pytest.raises(Misconfigured, match="GOOGLE_GEOCODING_API_KEY") as refused:
            geocoder.find("Oulu")
    assert "restricted-key" not in str(refused.value)
    assert "restricted-key" not in caplog.text


@pytest.fixture
def stores(work: Work) -> Work:
    feed = a_feed(work.session)
    a_store(work.session, feed, "A", city="Oulu", postcode="90530", country="FI")
    a_store(work.session, feed, "B", city="Oulu", postcode="90100", country="FI", latitude=65.03)
    for name, latitude, longitude in (("C", 39.8, -89.6), ("D", 37.2, -93.3)):
        place = {"latitude": latitude, "longitude": longitude, "country": "US"}
        a_store(work.session, feed, name, city="Springfield", postcode=f"62{name}", **place)
    lost = {"latitude": None, "longitude": None}
    a_store(work.session, feed, "E", city="Atlantis", postcode="1", **lost)
    a_store(work.session, feed, "F", city="London", postcode="EC1M 3JB", country="GB")
    for name, city in (("G", "M\u00e1laga"), ("H", "MALAGA"), ("I", "M\u00e1laga")):
        place = {"latitude": 36.72, "longitude": -4.42, "country": "ES"}
        a_store(work.session, feed, name, city=city, postcode="29001", **place)
    a_store(work.session, feed, "K", city="Dublin", country="IE", latitude=53.3, longitude=-6.3)
    place = {"latitude": 50.94, "longitude": 6.96, "country": "DE"}
    a_store(work.session, feed, "J", city="K\u00f6ln", postcode="50667", **place)
    return work


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("oul", ["Oulu, FI"]),
        ("Oulu,", ["Oulu, FI"]),
        ("90530", ["Oulu, FI"]),
        ("90530 Oulu", ["Oulu, FI"]),
        ("Kaarnatie 8, 90530 Oulu", ["Oulu, FI"]),
        ("ec1m3jb", ["London, GB"]),
        ("EC1M 3JB", ["London, GB"]),
        # Two towns of one name are two places.
        ("Springfield", ["Springfield, US", "Springfield, US"]),
        # However it is written, it is one town, called what most call it.
        ("malaga", ["M\u00e1laga, ES"]),
        ("M\u00c1L", ["M\u00e1laga, ES"]),
        ("Koln", ["K\u00f6ln, DE"]),
        ("K\u00f6ln", ["K\u00f6ln, DE"]),
        ("Atlantis", []),
        ("%", []),
        (", ,", []),
    ],
)
def test_towns_and_postcodes_of_stores(stores: Work, words: str, found: list[str]) -> None:
    assert [place.name for place in towns_of_stores(stores, words=words)] == found


def test_a_town_stands_amid_its_stores(stores: Work) -> None:
    (oulu,) = towns_of_stores(stores, words="Oulu")
    assert (oulu.stores, oulu.point.latitude) == (2, pytest.approx(65.02))


def test_without_a_key_or_an_answer_the_stores_are_asked(
    stores: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores.session.commit()
    assert [place.stores for place in find_places(" Oulu ")] == [2]
    assert find_places("  ") == find_places("\0") == ()
    with pytest.raises(BadInput):
        find_places("o" * 201)
    with Supplier(google).serving() as server:
        for key, counted in ((KEY, None), ("restricted-key", 2)):
            geocoder = GoogleGeocoding(key=key, base_url=server.url)
            monkeypatch.setattr(find, "geocoder", lambda chosen=geocoder: chosen)
            assert [place.stores for place in find_places("Oulu")] == [counted]
