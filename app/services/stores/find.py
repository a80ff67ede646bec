"""Finding a place by words: through a geocoder where there is one, else among the stores."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from app.errors import BadInput, Misconfigured, Unavailable
from app.integrations.geocoding import geocoder
from app.services.stores import statements
from app.views.stores import FoundPlace, Point
from app.work import reading

if TYPE_CHECKING:
    from app.work import Work

log = logging.getLogger(__name__)

LONGEST: Final = 200
MOST_PLACES: Final = 8
_TOWNS: Final = text(statements.TOWNS)


def find_places(words: str, *, language: str = "en") -> tuple[FoundPlace, ...]:
    """Return the places that `words` may mean, at most 8, the likeliest first.

    Not in a unit of work: an outside system may be asked. Where that one does not answer, or there
    is none, towns and postcodes of the stores are looked through. Raises BadInput for too many
    words.
    """
    # A zero byte can be typed by nobody, but sent; Postgres takes none in a text.
    words = " ".join(words.replace("\0", " ").split())
    if len(words) > LONGEST:
        raise BadInput(f"A place is searched for with up to {LONGEST} letters.")
    if not words:
        return ()
    if (outside := geocoder()) is not None:
        try:
            found = outside.find(words, language=language)
            return tuple(FoundPlace(p.name, Point(p.latitude, p.longitude)) for p in found)
        except (Unavailable, Misconfigured) as problem:
            log.warning("places are searched for among the stores: %s", problem)
    return reading(towns_of_stores, words=words)


def towns_of_stores(work: Work, *, words: str) -> tuple[FoundPlace, ...]:
    """Return the towns that begin so, or have such a postcode, those with most stores first.

    `words` is a town, a postcode, or an address whose parts are separated by commas.
    """
    # An empty part would be the postcode of every store that has none.
    parts = [part for part in map(str.strip, words.lower().split(",")) if part]
    with_digits = [word for part in parts for word in part.split() if any(map(str.isdigit, word))]
    joined = ["".join(part.split()) for part in parts]
    # A town may stand behind its postcode: 90530 Oulu.
    towns = [" ".join(word for word in part.split() if word not in with_digits) for part in parts]
    given = {"postcodes": [*with_digits, *joined], "most": MOST_PLACES}
    for town in reversed([*dict.fromkeys(filter(None, towns))] or ["\N{REPLACEMENT CHARACTER}"]):
        rows = work.session.execute(_TOWNS, {**given, "town": town}).all()
        if rows:
            return tuple(
                FoundPlace(
                    ", ".join(filter(None, (row.city, row.country))),
                    Point(row.latitude, row.longitude),
                    row.stores,
                )
                for row in rows
            )
    return ()
