"""Which language and region a person reads numbers, money and dates in."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from babel import Locale, UnknownLocaleError
from babel.core import parse_locale
from babel.localedata import locale_identifiers

if TYPE_CHECKING:
    from collections.abc import Iterator

FALLBACK: Final = "en"
MOST_LANGUAGES: Final = 10


def chosen_locale(said: str, languages: str) -> str:
    """Return a locale Babel has data for, such as `de_AT`.

    What the provider said comes first, then the browser's Accept-Language header, then English.
    """
    for tag in (said, *_preferred(languages)):
        if known := _known(tag):
            return known
    return FALLBACK


def _preferred(header: str) -> Iterator[str]:
    """Yield the tags of an Accept-Language header, the most wanted first."""
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:MOST_LANGUAGES]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), place, tag.strip()))
        except ValueError:
            continue
    for _, _, tag in sorted(weighed):
        yield tag


@lru_cache(maxsize=256)
def _known(tag: str) -> str | None:
    """Return Babel's name of `tag`, or of its language where the region is unknown."""
    try:
        language, territory, script, *_ = parse_locale(tag.replace("_", "-"), sep="-")
        locale = Locale.parse(
            "_".join(part for part in (language, script, territory) if part), sep="_"
        )
    except (ValueError, UnknownLocaleError):
        language = tag.replace("_", "-").split("-")[0].lower()
        return language if language in _identifiers() else None
    return str(locale) if locale.language in _identifiers() else None


@lru_cache(maxsize=1)
def _identifiers() -> frozenset[str]:
    return frozenset(locale_identifiers()) - {"root"}
