"""Money, numbers and times as the reader writes them. Pure: text from facts, nothing read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_datetime,
    format_time,
    format_timedelta,
    get_day_names,
)
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
    get_currency_symbol,
)

if TYPE_CHECKING:
    from datetime import tzinfo

DEFAULT_LOCALE: Final = "en"
_MAX_HEADER: Final = 500
_LETTERS_BEFORE_FIGURES: Final = re.compile(r"(?<=[A-Za-z])(?=[-\d])")


@lru_cache(maxsize=256)
def _locale(name: str) -> Locale:
    """Return the locale, the default one for a name that nobody knows."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale.parse(DEFAULT_LOCALE)


@lru_cache(maxsize=256)
def preferred_locale(accept_language: str) -> str:
    """Return the first language of an Accept-Language header that is known, else the default."""
    weighted: list[tuple[float, str]] = []
    for part in accept_language[:_MAX_HEADER].split(","):
        name, _, parameters = part.partition(";")
        try:
            weight = float(parameters.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        weighted.append((-weight, name.strip()))
    for _, name in sorted(weighted, key=lambda pair: pair[0]):
        try:
            return str(Locale.parse(name.replace("-", "_")))
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return DEFAULT_LOCALE


@lru_cache(maxsize=64)
def decimals(currency: str) -> int:
    """Return how many digits of a minor unit `currency` has: 2 for EUR, 0 for JPY."""
    return get_currency_precision(currency)


def major(minor: int, currency: str) -> Decimal:
    """Return an amount in whole units of its currency, exact."""
    return Decimal(minor).scaleb(-decimals(currency))


def minor(amount: Decimal, currency: str) -> int:
    """Return an amount of whole units in minor ones; what is finer than those is rounded."""
    return int(amount.scaleb(decimals(currency)).to_integral_value())


def money(minor: int, currency: str, locale: str = DEFAULT_LOCALE) -> str:
    """Return a price: `minor` units of `currency` (ISO 4217) as the reader writes it."""
    return _spaced(format_currency(major(minor, currency), currency, locale=_locale(locale)))


def short_money(minor: int, currency: str, locale: str = DEFAULT_LOCALE) -> str:
    """Return a price without its minor units, rounded, for scales and bounds."""
    return _spaced(
        format_currency(
            round(major(minor, currency)),
            currency,
            locale=_locale(locale),
            format=_locale(locale).currency_formats["standard"].pattern.replace(".00", ""),
            currency_digits=False,
        )
    )


def _spaced(amount: str) -> str:
    """Put a space between letters and figures, as CLDR asks for: "SEK 12", but "€12"."""
    return _LETTERS_BEFORE_FIGURES.sub("\u00a0", amount)


def currency_sign(currency: str, locale: str = DEFAULT_LOCALE) -> str:
    """Return the sign of a currency: € for EUR, SEK where the locale has none."""
    return get_currency_symbol(currency, locale=_locale(locale))


def number(value: float, locale: str = DEFAULT_LOCALE) -> str:
    """Return a count with the reader's separators."""
    return format_decimal(value, locale=_locale(locale))


def capped(value: int, *, exact: bool, limit: int, locale: str = DEFAULT_LOCALE) -> str:
    """Return a count, and "+" behind it where there are or may be more than could be counted."""
    shown = number(min(value, limit), locale)
    return shown if exact and value <= limit else f"{shown}+"


def percent(share: float, locale: str = DEFAULT_LOCALE) -> str:
    """Return a share of one in percent, without decimals."""
    return format_percent(share, locale=_locale(locale))


def change(before: int, after: int, locale: str = DEFAULT_LOCALE) -> str:
    """Return the change of a price in percent with its sign, "" where it rounds to nothing."""
    if before <= 0:
        return ""
    share = (after - before) / before
    if abs(share) < 0.005:  # noqa: PLR2004 - half a percent, the last that would round to 0 %
        return ""
    text = format_percent(share, locale=_locale(locale))
    return text if share < 0 else f"+{text}"


def weekday(day: int, locale: str = DEFAULT_LOCALE, *, long: bool = False) -> str:
    """Return the name of a day of the week, Monday being 0; the short one unless `long`."""
    return get_day_names("wide" if long else "abbreviated", locale=_locale(locale))[day]


def ago(at: datetime, now: datetime, locale: str = DEFAULT_LOCALE) -> str:
    """Return how long ago `at` was, in the short form: "6 min ago"."""
    text = format_timedelta(
        at - now, add_direction=True, format="short", threshold=0.95, locale=_locale(locale)
    )
    return text.replace(". ", " ")


def moment(at: datetime, locale: str = DEFAULT_LOCALE, zone: tzinfo = UTC) -> str:
    """Return a date and time in the reader's zone, the zone with it."""
    return format_datetime(at.astimezone(zone), "d MMM y, HH:mm z", locale=_locale(locale))


def day(at: datetime, locale: str = DEFAULT_LOCALE, zone: tzinfo = UTC) -> str:
    """Return the day of a moment in the reader's zone."""
    return format_date(at.astimezone(zone).date(), "medium", locale=_locale(locale))


def clock_time(at: datetime, locale: str = DEFAULT_LOCALE) -> str:
    """Return the time of day of a moment, in the zone that it is given in."""
    return format_time(at.time(), "short", locale=_locale(locale))
