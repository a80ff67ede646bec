"""The places one can go to: found by their words, gone to by letters that are nobody else's."""

from __future__ import annotations

from uuid import uuid4

from app.models.accounts import ROLE_PERMISSIONS, Role
from app.services.palette import MAIN, SESSIONS, places_of
from app.services.rooms import rooms_for
from app.views.accounts import Viewer
from app.views.palette import PlaceView
from components.ui.icon import NAMEABLE


def an_admin() -> Viewer:
    return Viewer(
        person_id=uuid4(),
        session_id=uuid4(),
        name="Katherine Johnson",
        email="katherine@company.example",
        roles=(Role.ADMIN,),
        permissions=ROLE_PERMISSIONS[Role.ADMIN],
        locale="en",
    )


def every_place() -> list[PlaceView]:
    found = places_of(an_admin())
    rooms = [place for group in found.rooms for place in group.places]
    return [*MAIN, SESSIONS, *found.operations, *rooms]


def test_no_two_places_share_a_letter_or_an_address() -> None:
    places = every_place()
    letters = [place.letter for place in places if place.letter]
    assert len(letters) == len(set(letters)), sorted(letters)
    assert len({place.href for place in places}) == len(places)
    # After `g`, these are keys of their own or none at all.
    assert all(len(letter) == 1 and letter.isalpha() for letter in letters)


def test_every_place_is_found_by_its_title_and_has_an_icon() -> None:
    drawn_by_name = {place.icon for place in every_place()} - {
        place.icon for place in (*MAIN, SESSIONS)
    }
    assert drawn_by_name <= set(NAMEABLE)
    for place in every_place():
        assert place.title.lower() in place.words


def test_the_administrator_sees_every_room() -> None:
    assert places_of(an_admin()).rooms == rooms_for(an_admin()) != ()
    assert places_of(None).rooms == ()
