"""Who has corrected searches gets them; others get what they typed."""

from __future__ import annotations

import pytest

from app.flags import CORRECTED_SEARCH
from app.models.accounts import Role
from app.services.catalogue import quick_search, search_catalogue
from app.views.accounts import Viewer
from app.views.catalogue_query import CatalogueQuery
from app.work import open_work, reading
from tests.factories.catalogue import a_feed, a_product, index_words
from tests.factories.ordering import a_viewer
from tests.integration.flags.switching import switch

TYPO = "screwdrivr"


@pytest.fixture
def people(database: None, redis: object) -> tuple[Viewer, Viewer]:  # noqa: ARG001 - empty ones
    """Return a buyer and an operator, in a shop with a screwdriver."""
    with open_work() as work:
        a_product(work.session, a_feed(work.session), "Cordless screwdriver")
        index_words(work.session)
        buyer = a_viewer(work.session)
        return buyer, a_viewer(work.session, Role.OPERATOR)


def found_by(viewer: Viewer | None) -> list[str]:
    """Return what somebody finds with a typo, in the catalogue; in the palette it is the same."""
    result = reading(search_catalogue, query=CatalogueQuery(text=TYPO), viewer=viewer)
    names = [product.name for product in result.listing.products]
    quick = reading(quick_search, text=TYPO, at_most=5, viewer=viewer)
    assert names == [product.name for product in quick]
    assert bool(result.listing.corrected) == bool(names)
    return names


def test_a_search_is_corrected_for_whom_the_flag_is_on(people: tuple[Viewer, Viewer]) -> None:
    buyer, operator = people
    everybody = (buyer, operator, None)
    screwdriver = ["Cordless screwdriver"]
    assert [found_by(who) for who in everybody] == [screwdriver] * 3
    switch(CORRECTED_SEARCH, "role:operator")
    # Also where the other answer is kept already.
    assert [found_by(who) for who in everybody] == [[], screwdriver, []]
    switch(CORRECTED_SEARCH, "off")
    assert [found_by(who) for who in everybody] == [[]] * 3
