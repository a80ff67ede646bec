"""Whom the development provider can sign in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_FIELD = 200


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody the provider vouches for; `key` is how the page and the tests name them."""

    key: str
    subject: str
    name: str
    email: str
    groups: tuple[str, ...]
    does: str = ""


DEMO_PEOPLE = {
    person.key: person
    for person in (
        DemoPerson(
            "buyer",
            "demo-buyer",
            "Bea Meyer",
            "buyer@company.example",
            ("buyer",),
            "searches, fills a basket, places orders",
        ),
        DemoPerson(
            "operator",
            "demo-operator",
            "Otto Lind",
            "operator@company.example",
            ("operator",),
            "looks after feeds, orders and mails",
        ),
        DemoPerson(
            "admin",
            "demo-admin",
            "Ada Novak",
            "admin@company.example",
            ("admin",),
            "may do everything",
        ),
    )
}


def chosen_person(form: Mapping[str, str]) -> DemoPerson:
    """Return the person whose button was pressed, or the one described in the form.

    The same e-mail address is the same person again. Raises BadInput with what is missing.
    """
    if (key := form.get("person", "")) in DEMO_PEOPLE:
        return DEMO_PEOPLE[key]
    name = form.get("name", "").strip()[:LONGEST_FIELD]
    email = form.get("email", "").strip()[:LONGEST_FIELD].lower()
    groups = form.get("groups", "").replace(",", " ").split()
    if not name or "@" not in email:
        raise BadInput("Give a name and an e-mail address, or choose one of the three people.")
    subject = f"typed-{hashlib.sha256(email.encode()).hexdigest()[:24]}"
    return DemoPerson("", subject, name, email, tuple(groups))
