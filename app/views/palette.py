"""Where one may go: the places of the navigation, and what the palette finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A page of the navigation; `letter` goes there after `g` on the keyboard, "" for none.

    `words` are what the palette finds it by, in small letters.
    """

    key: str
    title: str
    href: str
    icon: str
    letter: str
    words: str


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    """Places that stand together under a heading."""

    title: str
    places: tuple[PlaceView, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where somebody may go beyond what everybody sees."""

    operations: tuple[PlaceView, ...] = ()
    rooms: tuple[PlaceGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One thing that was found: what it is called, what tells it apart, and its page."""

    key: str
    title: str
    note: str
    icon: str
    href: str


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """Things of one kind that were found."""

    title: str
    rows: tuple[FoundRow, ...]
