"""What an address that cannot be used says: a page to a person, a problem document to a program."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from app.api.rest import create_rest

pytestmark = pytest.mark.usefixtures("database", "redis")


@pytest.fixture
def web() -> TestClient:
    return TestClient(create_rest())


def test_a_mistyped_address_says_so_and_leads_on(web: TestClient) -> None:
    answer = web.get("/links/snapshots/1?link=x")

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert "it was mistyped" in answer.text
    assert "UUID" not in answer.text
    # The same address would say the same again.
    assert "Try again" not in answer.text
    assert answer.text.count('href="/">Go to the catalogue') == 0
    assert 'data-testid="notice-action">Go to the catalogue' in answer.text


def test_a_program_is_told_which_part_is_wrong_and_never_what_it_sent(web: TestClient) -> None:
    answer = web.get("/media/product/one/0")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "path.product_id" in answer.json()["detail"]
    assert '"one"' not in answer.text
