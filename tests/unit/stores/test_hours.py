"""Opening hours: what feeds write, and whether a store is open now where it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import PROJECT_ROOT
from app.integrations.feeds.hours import hours_by_day
from app.services.stores.hours import Span, opening_of, spans_of, time_zone_of
from app.views.stores import WEEKDAYS, Open, Opening, StoreCard

BEST_BUY = PROJECT_ROOT.parent / "shared" / "feeds" / "bestbuy" / "stores.json"
ALL: dict[str, str] = dict.fromkeys(WEEKDAYS, "9-17")


def store(
    hours: dict[str, str],
    *,
    zone: str | None = None,
    country: str = "FI",
    place: tuple[float, float] | tuple[None, None] = (None, None),
) -> StoreCard:
    return StoreCard(1, "Oulu", "Norda", "", "", "", country, *place, hours, zone)


def opening(hours: dict[str, str], when: str, **given_: Any) -> Opening:
    return opening_of(store(hours, **given_), datetime.fromisoformat(when).replace(tzinfo=UTC))


def open_on(hours: dict[str, str], when: str, **given_: Any) -> str:
    return opening(hours, when, **given_).state


def until(hours: dict[str, str], when: str, **given_: Any) -> str:
    found = opening(hours, when, **given_).until
    return found.strftime("%a %H:%M %z") if found else ""


@pytest.mark.parametrize(
    ("given_", "read"),
    [
        ({"Monday": "9-17", "sun": None}, {"mon": "9-17", "sun": "closed"}),
        ([{"day": "MON", "hours": "9-17"}, {"day": "Tues", "hours": ""}],
            {"mon": "9-17", "tue": "closed"}),
        ("Mon: 10-9:30; Thurs: 10-9; Sun: 11-7", {"mon": "10-9:30", "thu": "10-9", "sun": "11-7"}),
        ("Mo-Fr 08:00-18:00; Sa 09:00-13:00",
            {**dict.fromkeys(WEEKDAYS[:5], "08:00-18:00"), "sat": "09:00-13:00"}),
        ("Mon - Wed, Sat 9-17, Sun closed",
            {"mon": "9-17", "tue": "9-17", "wed": "9-17", "sat": "9-17", "sun": "closed"}),
        ("Sat–Mon: 9am to 5pm",  # noqa: RUF001 - as people write it
            {"mon": "9am to 5pm", "sat": "9am to 5pm", "sun": "9am to 5pm"}),
        (["Monday: 9-17", "Friday: 9-16"], {"mon": "9-17", "fri": "9-16"}),
        ("Daily 9-17", ALL),
        ("24/7", dict.fromkeys(WEEKDAYS, "24 hours")),
        ("By appointment", {"text": "By appointment"}),
        ("Open Mon-Fri 9-17", {"text": "Open Mon-Fri 9-17"}),
        ("Monday", {"text": "Monday"}),
        ({"someday": "9"}, {}),
        ({"mon": ["9-17"]}, {}),
        (7, {}),
        (None, {}),
        ("", {}),
    ],
)  # fmt: skip
def test_hours_are_sorted_by_day_or_kept_as_they_are(given_: Any, read: dict[str, str]) -> None:
    assert hours_by_day(given_) == read


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=60),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    )
)
def test_whatever_a_feed_says_of_its_hours_never_costs_the_store(value: Any) -> None:
    read = hours_by_day(value)
    assert set(read) <= {*WEEKDAYS, "text"}
    assert all(type(text) is str and text for text in read.values())
    assert opening_of(store(read), datetime.now(UTC)).state in Open


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("9-17", [(9 * 60, 17 * 60)]),
        ("06:30–18:00", [(390, 1080)]),  # noqa: RUF001 - as the demo feeds write it
        ("10-9:30", [(600, 21 * 60 + 30)]),
        ("11-7", [(660, 19 * 60)]),
        ("9am-5:30 p.m.", [(540, 17 * 60 + 30)]),
        ("12 pm to 12 am", [(720, 1440)]),
        ("22:00-06:00", [(1320, 1800)]),
        ("10:00-02:00", [(600, 1560)]),
        ("0-24", [(0, 1440)]),
        ("00:00-24:00", [(0, 1440)]),
        ("Open 24 hours", [(0, 1440)]),
        ("9-12, 13.00-17.30", [(540, 720), (780, 1050)]),
        ("closed", []),
        ("off", []),
    ],
)
def test_a_text_is_read_as_spans_of_minutes(text: str, spans: list[tuple[int, int]]) -> None:
    assert spans_of(text) == tuple(Span(*span) for span in spans)


@pytest.mark.parametrize(
    "text", ["9", "9-", "25-26", "9:75-17", "13pm-5pm", "by appointment", "9-17, ask"]
)
def test_what_cannot_be_read_is_not_guessed(text: str) -> None:
    assert spans_of(text) is None
    assert open_on({"mon": text}, "2026-11-16T10:00") == Open.UNKNOWN


def test_open_is_meant_in_the_time_zone_of_the_store() -> None:
    # 16 November 2026 is a Monday; Finland is two hours ahead of UTC then.
    assert open_on({"mon": "9-17"}, "2026-11-16T07:00") == Open.OPEN
    assert open_on({"mon": "9-17"}, "2026-11-16T06:59") == Open.CLOSED
    assert open_on({"mon": "9-17"}, "2026-11-16T15:00") == Open.CLOSED
    assert open_on({"mon": "9-17"}, "2026-11-16T15:00", zone="America/New_York") == Open.OPEN
    assert open_on({"mon": "9-17"}, "2026-11-15T23:30", zone="Pacific/Auckland") == Open.OPEN
    # Three hours ahead in summer.
    assert open_on({"mon": "9-17"}, "2026-07-13T06:00") == Open.OPEN


def test_after_midnight_the_evening_before_still_counts() -> None:
    late = {"fri": "18:00-02:00"}
    assert open_on(late, "2026-11-20T23:59") == Open.OPEN
    assert open_on(late, "2026-11-21T00:01") == Open.CLOSED
    assert open_on(late, "2026-11-20T01:00") == Open.CLOSED


def test_without_a_time_zone_or_hours_nobody_says_that_it_is_open() -> None:
    assert open_on(ALL, "2026-11-16T12:00", country="US") == Open.UNKNOWN
    assert open_on(ALL, "2026-11-16T12:00", country="") == Open.UNKNOWN
    assert open_on({}, "2026-11-16T12:00") == Open.UNKNOWN
    assert open_on({"text": "By appointment"}, "2026-11-16T12:00") == Open.UNKNOWN
    assert open_on(ALL, "2026-11-16T12:00", zone="Europe/Atlantis") == Open.UNKNOWN


def zone_of(moment: datetime, **given_: Any) -> str:
    return str(time_zone_of(store({}, **given_), moment))


def test_a_country_with_several_zones_of_the_same_time_has_one() -> None:
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    assert zone_of(moment) == "Europe/Helsinki"
    berlin = time_zone_of(store({}, country="DE"), moment)
    assert berlin is not None
    assert str(moment.astimezone(berlin).utcoffset()) == "2:00:00"
    assert zone_of(moment, country="CA") == "None"


@pytest.mark.parametrize(
    ("place", "country", "zone"),
    [
        ((44.85, -93.25), "US", "America/Chicago"),
        ((33.43, -111.9), "US", "America/Phoenix"),
        ((40.75, -73.99), "", "America/New_York"),
        ((21.3, -157.86), "US", "Pacific/Honolulu"),
        # In the middle of the sea it is as late as the sun says.
        ((0.0, -150.0), "", "Etc/GMT+10"),
        # All of Finland has one: the place is not looked at.
        ((0.0, 0.0), "FI", "Europe/Helsinki"),
    ],
)
def test_in_a_country_of_several_times_the_place_says_which(
    place: tuple[float, float], country: str, zone: str
) -> None:
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    assert zone_of(moment, country=country, place=place) == zone
    assert zone_of(moment, country=country, place=place, zone="Asia/Tokyo") == "Asia/Tokyo"


def test_until_when_it_is_open_or_closed_in_its_own_time() -> None:
    # Monday, 16 November 2026.
    week = {**dict.fromkeys(WEEKDAYS[:5], "9-12, 13-17"), "sat": "10-14"}
    assert until(week, "2026-11-16T08:00") == "Mon 12:00 +0200"
    assert until(week, "2026-11-16T10:30") == "Mon 13:00 +0200"
    assert until(week, "2026-11-16T16:00") == "Tue 09:00 +0200"
    assert until(week, "2026-11-20T16:00") == "Sat 10:00 +0200"
    # Closed on Sunday, which the feed leaves out.
    assert until(week, "2026-11-21T13:00") == "Mon 09:00 +0200"


def test_until_when_across_midnight_and_without_end() -> None:
    late = {"fri": "18:00-02:00", "sat": "closed"}
    assert until(late, "2026-11-20T17:00") == "Sat 02:00 +0200"
    assert until(late, "2026-11-21T02:00") == "Fri 18:00 +0200"
    always: dict[str, str] = dict.fromkeys(WEEKDAYS, "24 hours")
    assert opening(always, "2026-11-16T10:00").state is Open.OPEN
    assert until(always, "2026-11-16T10:00") == ""
    weekend = {"sat": "0-24", "sun": "0-24"}
    assert until(weekend, "2026-11-21T10:00") == "Mon 00:00 +0200"


def test_what_stands_between_and_cannot_be_read_leaves_the_end_unknown() -> None:
    odd = {"mon": "9-17", "tue": "ask", "wed": "9-17"}
    assert opening(odd, "2026-11-16T16:00") == Opening(
        Open.CLOSED, opening(odd, "2026-11-16T16:00").there
    )
    never: dict[str, str] = dict.fromkeys(WEEKDAYS, "closed")
    assert until(never, "2026-11-16T16:00") == ""


def test_all_hours_of_real_stores_are_read() -> None:
    if not BEST_BUY.exists():
        pytest.skip("the real data is not beside the project: ../shared/feeds/bestbuy")
    stores = orjson.loads(BEST_BUY.read_bytes())
    read = [hours_by_day(one["hours"]) for one in stores if one["hours"]]
    assert len(read) > 1_500
    unread = [hours for hours in read if "text" in hours or None in map(spans_of, hours.values())]
    assert unread == []
