"""What an event may carry."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from reflex_base.utils.form import FORM_DATA_ENTRIES_KEY

from state.payloads import LONGEST_PAYLOAD, complaint_about


def add(self: object, product_id: int, quantity: int = 1) -> None:
    """Stand for a handler with figures."""


def open_mail(self: object, mail_id: UUID) -> None:
    """Stand for a handler with an id."""


def submit(self: object, form: dict[str, str]) -> None:
    """Stand for a handler with a form."""


@pytest.mark.parametrize(
    ("handler", "payload"),
    [
        (add, {"product_id": 7}),
        (add, {"product_id": 7, "quantity": 2}),
        (add, {"product_id": 2**63 - 1, "quantity": -(2**63)}),
        (open_mail, {"mail_id": str(uuid4())}),
        (submit, {"form": {"note": "Ring the bell", "ship_to": "new"}}),
        (submit, {"form": {FORM_DATA_ENTRIES_KEY: [["note", "Ring the bell"]]}}),
    ],
)
def test_what_a_handler_names_is_taken(handler: Any, payload: dict[str, Any]) -> None:
    assert complaint_about(handler, payload) is None


@pytest.mark.parametrize(
    ("handler", "payload"),
    [
        (add, None),
        (add, {}),
        (add, {"product_id": 1.5}),
        (add, {"product_id": 1.0}),
        (add, {"product_id": True}),
        (add, {"product_id": "7"}),
        (add, {"product_id": None}),
        (add, {"product_id": [7]}),
        (add, {"product_id": 2**63}),
        (add, {"product_id": -(2**63) - 1}),
        (add, {"product_id": 2**70}),
        (add, {"product_id": float("nan")}),
        (add, {"product_id": 7, "price": 1}),
        (open_mail, {"mail_id": "not an id"}),
        (submit, {"form": "text"}),
        (submit, {"form": {"note": 5}}),
        (submit, {"form": {FORM_DATA_ENTRIES_KEY: 5}}),
        (submit, {"form": {FORM_DATA_ENTRIES_KEY: [["note"]]}}),
        (submit, {"form": {FORM_DATA_ENTRIES_KEY: [["note", ["a", "list"]]]}}),
        (submit, {"form": {"note": "x" * LONGEST_PAYLOAD}}),
    ],
)
def test_anything_else_is_refused(handler: Any, payload: dict[str, Any] | None) -> None:
    assert complaint_about(handler, payload)
