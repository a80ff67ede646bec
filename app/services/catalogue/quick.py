"""A handful of products for a few letters: no counts, no pages, nothing kept."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import Integer, select

from app.flag_cache import is_on
from app.flags import CORRECTED_SEARCH
from app.services.catalogue.listing import summaries_of
from app.services.catalogue.matching import Question, conditions, rank_of
from app.services.catalogue.queries import begin
from app.services.catalogue.tables import PRODUCT, given
from app.services.catalogue.words import understand
from app.views.catalogue_query import CatalogueQuery

if TYPE_CHECKING:
    from sqlalchemy import Select

    from app.services.catalogue.matching import Shape
    from app.views.accounts import Viewer
    from app.views.catalogue import ProductSummary
    from app.work import Work

# Matches that are ranked. Whoever types a word that more products have types on.
RANKED: Final = 1_000


def quick_search(
    work: Work, *, text: str, at_most: int, viewer: Viewer | None
) -> tuple[ProductSummary, ...]:
    """Return the products that match the `text` of `viewer` best, at most so many.

    How the transaction plans is set for searching from here on: ask other things before.
    """
    connection = work.session.connection()
    begin(connection)
    query = CatalogueQuery(text=text)
    corrects = is_on(CORRECTED_SEARCH, viewer)
    question = Question(query, understand(connection, query.text, corrects=corrects))
    ids: list[int]
    if not question.shape.has_words:
        ids = list(question.wording.exact_ids[:at_most])
    else:
        values = {**question.values, "at_most": at_most}
        ids = [*connection.scalars(_best(question.shape), values)]
    return tuple(summaries_of(connection, ids))


@lru_cache(maxsize=8)
def _best(shape: Shape) -> Select[int]:
    candidates = (
        select(PRODUCT.c.id, rank_of(shape).label("rank"))
        .where(*conditions(shape))
        .limit(RANKED)
        .subquery("candidates")
    )
    return (
        select(candidates.c.id)
        .order_by(candidates.c.rank.desc(), candidates.c.id)
        .limit(given("at_most", Integer()))
    )
