"""Prices: exact to the smallest coin, or refused."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.integrations.feeds.money import MOST_MINOR, exponent, to_minor
from app.integrations.feeds.source import PriceUnit
from app.integrations.feeds.values import Rejected

# Currencies without, with two and with three decimals.
CURRENCIES = st.sampled_from(["EUR", "SEK", "JPY", "KWD"])
MINOR = st.integers(0, MOST_MINOR)


def written(minor: int, currency: str) -> str:
    """Return an amount as suppliers write it, with all its decimals."""
    return str(Decimal(minor).scaleb(-exponent(currency)))


@given(MINOR, CURRENCIES)
def test_every_amount_written_out_comes_back_exactly(minor: int, currency: str) -> None:
    text = f"{Decimal(minor).scaleb(-exponent(currency)):f}"
    assert to_minor(text, currency, PriceUnit.MAJOR) == minor
    assert to_minor(text + ("" if "." in text else ".0"), currency, PriceUnit.MAJOR) == minor


@given(MINOR, CURRENCIES)
def test_every_amount_as_a_json_number_comes_back_exactly(minor: int, currency: str) -> None:
    assert to_minor(float(written(minor, currency)), currency, PriceUnit.MAJOR) == minor


@given(MINOR, CURRENCIES)
def test_minor_units_are_taken_as_they_are(minor: int, currency: str) -> None:
    assert to_minor(minor, currency, PriceUnit.MINOR) == minor
    assert to_minor(str(minor), currency, PriceUnit.MINOR) == minor


@given(st.integers(1, 10**7), st.integers(1, 99))
def test_the_noise_of_binary_fractions_is_forgiven(cents: int, times: int) -> None:
    """A supplier's program that multiplies a price by a quantity makes 0.30000000000000004."""
    assert to_minor(cents * 0.01 * times, "EUR", PriceUnit.MAJOR) == cents * times


@given(st.floats(allow_nan=True, allow_infinity=True) | st.text() | st.integers())
def test_anything_is_an_amount_or_refused_with_a_sentence(value: float | str) -> None:
    said = ""
    try:
        minor = to_minor(value, "EUR", PriceUnit.MAJOR)
    except Rejected as problem:
        said = str(problem)
    else:
        assert 0 <= minor <= MOST_MINOR
        assert isinstance(minor, int)
        if not isinstance(value, str):
            assert math.isclose(minor / 100, value, abs_tol=1e-8, rel_tol=1e-9)
    assert not said or (said.startswith("price: ") and said.endswith("."))


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        (19.99, "EUR", 1999),
        (19.990000000000002, "EUR", 1999),
        ("19.9", "EUR", 1990),
        ("19.9000", "EUR", 1990),
        (" 12,50 ", "EUR", 1250),
        (1500, "JPY", 1500),
        ("1.234", "KWD", 1234),
        (0, "EUR", 0),
        ("0.00", "EUR", 0),
        (9_999_999_999.99, "EUR", 999_999_999_999),
    ],
)
def test_amounts(value: float | str, currency: str, minor: int) -> None:
    assert to_minor(value, currency, PriceUnit.MAJOR) == minor


@pytest.mark.parametrize(
    ("value", "currency", "why"),
    [
        (-0.01, "EUR", "0 or more"),
        ("-5", "EUR", "not an amount"),
        (math.nan, "EUR", "0 or more"),
        (math.inf, "EUR", "0 or more"),
        ("NaN", "EUR", "not an amount"),
        (1e13, "EUR", "beyond any price"),
        ("10000000000.01", "EUR", "beyond any price"),
        ("0.005", "EUR", "more decimals than EUR has"),
        (0.125, "EUR", "more decimals than EUR has"),
        (1.5, "JPY", "more decimals than JPY has"),
        ("1,299", "EUR", "not an amount"),
        ("1.299,00", "EUR", "not an amount"),
        ("12.50 €", "EUR", "not an amount"),
        ("1e3", "EUR", "not an amount"),
        ("٣", "EUR", "not an amount"),
        ("", "EUR", "not an amount"),
        (True, "EUR", "not an amount"),
        (5, "XYZ", "not the code of a currency"),
        (5, "€", "not the code of a currency"),
    ],
)
def test_what_is_refused(value: float | str, currency: str, why: str) -> None:
    with pytest.raises(Rejected, match=why):
        to_minor(value, currency, PriceUnit.MAJOR)


def test_a_refusal_and_an_amount_that_are_equal_in_python_are_kept_apart() -> None:
    """The cache must not answer for `True` what it knows of `1`."""
    assert to_minor(value=1, currency="EUR", unit=PriceUnit.MAJOR) == 100
    with pytest.raises(Rejected):
        to_minor(value=True, currency="EUR", unit=PriceUnit.MAJOR)
