"""Money, numbers and times as readers write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views import formatting
from app.views.catalogue_panel import typed_price

NOW = datetime(2026, 5, 15, 12, 0, tzinfo=UTC)


def plain(text: str) -> str:
    """Return the text with ordinary spaces, which is how people compare it."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "written"),
    [
        (123490, "EUR", "en", "€1,234.90"),
        (123490, "EUR", "fi", "1 234,90 €"),
        (123490, "EUR", "de-CH", "EUR 1’234.90"),  # noqa: RUF001 - as the Swiss write it
        (99, "SEK", "en", "SEK 0.99"),
        (1234, "JPY", "en", "¥1,234"),
        (1234, "KWD", "en", "KWD 1.234"),
        (-500, "EUR", "en", "-€5.00"),
        (100, "EUR", "no such locale", "€1.00"),
    ],
)
def test_money_is_written_in_the_readers_locale(
    minor: int, currency: str, locale: str, written: str
) -> None:
    assert plain(formatting.money(minor, currency, locale)) == written


@given(st.integers(0, 10**15), st.sampled_from(["EUR", "SEK", "JPY", "KWD"]))
def test_minor_and_major_units_are_the_same_money(minor: int, currency: str) -> None:
    amount = formatting.major(minor, currency)
    assert formatting.minor(amount, currency) == minor
    assert typed_price(f"{amount:f}", currency) == minor


@given(st.integers(0, 10**12), st.sampled_from(["EUR", "SEK"]))
def test_what_a_reader_sees_can_be_typed_back(minor: int, currency: str) -> None:
    for locale in ("en", "fi", "de", "sv"):
        assert typed_price(formatting.money(minor, currency, locale), currency) == minor


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("12,50 €", 1250),
        ("1.234,50", 123450),
        ("1,234.50", 123450),
        (".5", 50),
        ("-3", 300),
        ("", None),
        ("cheap", None),
        ("9" * 40, None),
    ],
)
def test_a_typed_price_is_read_whatever_the_decimal_sign(typed: str, minor: int | None) -> None:
    assert typed_price(typed, "EUR") == minor


def test_a_bound_has_no_minor_units() -> None:
    assert formatting.short_money(13950, "EUR", "en") == "€140"
    assert plain(formatting.short_money(13950, "SEK", "sv")) == "140 kr"


def test_a_count_says_where_it_stops_to_be_exact() -> None:
    assert formatting.capped(12, exact=True, limit=10_000) == "12"
    assert formatting.capped(10_000, exact=False, limit=10_000) == "10,000+"
    assert formatting.capped(10_001, exact=True, limit=10_000) == "10,000+"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(100, 88, "-12%"), (100, 112, "+12%"), (1000, 1004, ""), (0, 5, ""), (100, 100, "")],
)
def test_a_change_of_price_is_a_share_with_its_sign(before: int, after: int, said: str) -> None:
    assert formatting.change(before, after, "en") == said


def test_times_are_relative_or_exact() -> None:
    assert formatting.ago(NOW - timedelta(minutes=6), NOW, "en") == "6 min ago"
    assert formatting.moment(NOW, "en") == "15 May 2026, 12:00 UTC"
    assert formatting.day(NOW, "fi") == "15.5.2026"
    assert formatting.number(12084, "en") == "12,084"
    assert formatting.currency_sign("EUR") == "€"
    assert formatting.major(1250, "EUR") == Decimal("12.50")


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("fi-FI,fi;q=0.9,en;q=0.8", "fi_FI"),
        ("en;q=0.2,de-AT", "de_AT"),
        ("xx, *;q=0.1", "en"),
        ("", "en"),
        ("en;q=heavy,sv;q=0.1", "sv"),
        (";;;,,,=" * 200, "en"),
    ],
)
def test_the_browsers_languages_choose_the_locale(header: str, locale: str) -> None:
    assert formatting.preferred_locale(header) == locale
