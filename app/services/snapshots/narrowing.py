"""How what is seen of a snapshot can be narrowed, with the numbers that addresses have.

A snapshot knows its categories by their names; an address names one by its number, which stays
with the names for as long as the catalogue knows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.services.catalogue.places import Reach, stores_there
from app.services.catalogue.tables import CATEGORY
from app.views.catalogue import FacetOption, Facets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.views.areas import Area
    from app.views.past import PastCounts, PastFacet, PastQuestion
    from app.work import Work


def path_of(work: Work, *, number: int) -> tuple[str, ...]:
    """Return the names of a category from the root, () where there is none of that number."""
    return tuple(work.session.scalar(select(CATEGORY.c.path).where(CATEGORY.c.id == number)) or ())


def stores_of(work: Work, *, area: Area) -> tuple[int, ...] | None:
    """Return the stores of an area, None where they are too many to be named."""
    there = stores_there(work.session.connection(), area)
    return None if there.reach is Reach.VAST else there.ids


def numbers_of(
    work: Work, *, path: tuple[str, ...], below: Sequence[str]
) -> dict[tuple[str, ...], int]:
    """Return the numbers of the categories on the way to `path` and of those one step `below`."""
    paths = [list(path[:depth]) for depth in range(1, len(path) + 1)]
    paths += [[*path, name] for name in below]
    rows = work.session.connection().execute(
        select(CATEGORY.c.path, CATEGORY.c.id).where(CATEGORY.c.path.in_(paths))
    )
    return {tuple(row.path): row.id for row in rows}


def facets_of(
    counts: PastCounts, question: PastQuestion, numbers: Mapping[tuple[str, ...], int]
) -> Facets:
    """Return how a question to a snapshot can be narrowed further."""
    query, path = question.query, question.category
    below = [
        FacetOption(str(number), each.label, each.count, exact=True, chosen=False)
        for each in counts.categories
        # One that the catalogue has forgotten has no address.
        if (number := numbers.get((*path, each.key))) is not None
    ]
    trail = [
        # Nothing is counted on the way: what is wider than the answer was not looked at.
        FacetOption(str(number), path[depth - 1], 0, exact=False, chosen=depth == len(path))
        for depth in range(1, len(path) + 1)
        if (number := numbers.get(path[:depth])) is not None
    ]
    return Facets(
        total=counts.total,
        exact=True,
        suppliers=_options(counts.suppliers, {str(number) for number in query.suppliers}),
        trail=tuple(trail),
        categories=tuple(below),
        brands=_options(counts.brands, set(query.brands)),
        in_stock=FacetOption("1", "In stock", counts.in_stock, exact=True, chosen=query.in_stock),
        currency=counts.currency,
        currencies=(),
        prices=(),
    )


def _options(found: Sequence[PastFacet], chosen: set[str]) -> tuple[FacetOption, ...]:
    return tuple(
        FacetOption(one.key, one.label, one.count, exact=True, chosen=one.key in chosen)
        for one in found
    )
