"""The matches of a question as its counts look at them: each as seldom as can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, case, cast, false, func, literal_column, not_, select
from sqlalchemy import union_all as rows_of

from app.services.catalogue.matching import Facet, Shape, choice, conditions, rank_of
from app.services.catalogue.tables import PRODUCT

if TYPE_CHECKING:
    from typing import TypeAlias

    from sqlalchemy import CTE, ColumnElement, CompoundSelect, Select

    Lines: TypeAlias = Select[*tuple[Any, ...]]


def is_whole(shape: Shape) -> bool:
    """Tell whether nothing narrows the catalogue.

    Its suppliers and main categories are each counted for themselves: what a look at so many
    products meets first would pass for everything.
    """
    return not (shape.has_words or shape.chosen)


@dataclass(frozen=True, slots=True)
class Look:
    """The matches that some facets count: `rows` one by one, and `groups` of equal ones.

    Five thousand rows fall into some hundred groups, so most facets add groups up.
    """

    rows: CTE
    groups: CTE


class Looks:
    """The looks at the matches that one statement takes.

    Words or a category leave little, most often: then one look, at the products that miss one of
    the choices `apart` at most, serves every facet, and the others are taken among its rows. Where
    it finds more than are `counted`, each look is taken by itself; the database finds out which.
    """

    def __init__(self, shape: Shape, depth: int, *, ranks: bool) -> None:
        """Look for questions of `shape`; `depth` and `ranks` as in `counting`.

        `apart` are the facets with a choice, which are counted over other matches than the rest.
        What is offered below a chosen category lies within it: that choice holds for its own facet.
        So does an area, of which other distances are offered with their stores alone.
        """
        within = {Facet.CATEGORY, Facet.PLACE} if depth else {Facet.PLACE}
        self.apart = apart = shape.chosen - within
        self._shape = shape
        self._rank = rank_of(shape) if ranks else None
        is_narrow = shape.has_words or bool(shape.chosen - apart)
        self._near = self._at_near() if apart and is_narrow else None
        if self._near is not None:
            size = select((func.count() <= shape.counted).label("fits")).select_from(self._near)
            self._fits = select(size.cte("near_size").c.fits).scalar_subquery()

    def at_all(self) -> Look:
        """Look at what matches."""
        return self._look("all", self._shape.chosen, self.apart, self._rank)

    def without(self, facet: Facet) -> Look:
        """Look at what would match without the choice of one facet."""
        return self._look(facet, self._shape.chosen - {facet}, self.apart - {facet})

    def _look(
        self,
        name: str,
        chosen: frozenset[Facet],
        held: frozenset[Facet],
        rank: ColumnElement[Any] | None = None,
    ) -> Look:
        rows = self._rows(chosen, rank)
        if self._near is not None:
            holds = [self._near.c[f"holds_{facet}"] for facet in sorted(held)]
            noted: list[ColumnElement[Any]] = [
                self._near.c[column.name] for column in rows.selected_columns
            ]
            among: Lines = select(*noted)
            alone: Lines = select(*rows.where(not_(self._fits)).subquery().c)
            # With one choice, the look that leaves it out is the near one, whatever it finds.
            either = rows_of(among.where(self._fits, *holds), alone) if held else among
            return _grouped(name, either)
        return _grouped(name, rows)

    def _rows(self, chosen: frozenset[Facet], rank: ColumnElement[Any] | None) -> Lines:
        rows = select(*_counted(rank)).where(*conditions(self._shape, chosen))
        if not (self._shape.has_words or chosen):
            # Any will do, but those of one index would all be of one supplier or brand.
            rows = rows.order_by(PRODUCT.c.id)
        return rows.limit(self._shape.counted + 1)

    def _at_near(self) -> CTE:
        """Look at the products that miss one choice at most, noting which of them hold."""
        holds = {
            facet: func.coalesce(choice(self._shape, facet), false())
            for facet in sorted(self.apart)
        }
        # Only what holds everything is listed.
        rank = None if self._rank is None else case((and_(*holds.values()), self._rank))
        rows = self._rows(self._shape.chosen - self.apart, rank)
        if len(holds) > 1:
            missed = sum(
                (cast(not_(held), Integer) for held in holds.values()),
                start=literal_column("0", Integer),
            )
            rows = rows.where(missed <= 1)
        noted = (held.label(f"holds_{facet}") for facet, held in holds.items())
        return rows.add_columns(*noted).cte("near")


def _counted(rank: ColumnElement[Any] | None) -> tuple[ColumnElement[Any], ...]:
    """Return what a look notes of a product; its id and rank where it is to be listed."""
    columns = PRODUCT.c
    noted = (
        columns.supplier_id,
        columns.category_id,
        columns.brand,
        columns.currency,
        columns.price_minor,
        (columns.stock > 0).label("in_stock"),
    )
    return noted if rank is None else (*noted, columns.id, rank.label("rank"))


def _grouped(name: str, rows: Lines | CompoundSelect[*tuple[Any, ...]]) -> Look:
    found = rows.cte(f"matched_{name}")
    keys = [found.c.supplier_id, found.c.category_id, found.c.currency, found.c.in_stock]
    groups = select(
        *keys,
        func.count().label("matches"),
        func.min(found.c.price_minor).label("low"),
        func.max(found.c.price_minor).label("high"),
    ).group_by(*keys)
    return Look(found, groups.cte(f"grouped_{name}"))
