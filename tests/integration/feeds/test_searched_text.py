"""What separates words becomes a space and what joins them goes, and nothing else changes."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app import db

SEPARATORS = r"""/\-_.,;:@#&+=*~|"()[]{}<>!?$%^°×·–—"""  # noqa: RUF001 - meant as they are
JOINERS = "'’"  # noqa: RUF001 - meant as they are
MEANT = str.maketrans(dict.fromkeys(SEPARATORS, " ") | dict.fromkeys(JOINERS, ""))


def searched(given: str | None) -> str:
    with db.engine().connect() as connection:
        return connection.execute(
            text("SELECT catalogue_text(:given)"), {"given": given}
        ).scalar_one()


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Bits 1/4 USB-C", "Bits 1 4 USB C"),
        ("black\\white [new] a^b-c", "black white  new  a b c"),
        ("driver's, l’eau", "drivers  leau"),  # noqa: RUF001 - meant as they are
        ("", ""),
        (None, ""),
    ],
)
def test_words_are_cut_as_people_write_them(given: str | None, expected: str) -> None:
    assert searched(given) == expected


@pytest.mark.usefixtures("services")
def test_every_other_character_stays_as_it_is() -> None:
    letters = (chr(code) for code in range(1, 0x30000) if not 0xD800 <= code < 0xE000)
    given = "".join(f"x{letter}" for letter in letters)
    assert searched(given) == given.translate(MEANT)
