"""The question a list answers, and its one written form: the address of the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

LONGEST_WORDS: Final = 200
# A place holds what the row at the edge is sorted by: names have up to 500 letters of 4 bytes.
LONGEST_PLACE: Final = 4_000
_PLACES: Final = frozenset({"after", "before"})
# What is no filter; a room's filters have other names.
OWN_WORDS: Final = frozenset({"q", "sort", "after", "before", "columns"})


def clean(words: str, longest: int = LONGEST_WORDS) -> str:
    """Return what somebody typed as a list can be asked for it: one line, of bearable length."""
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return " ".join(printable.split())[:longest].strip()


@dataclass(frozen=True, slots=True)
class RoomQuery:
    """What a list is asked for.

    `filters` are (key, value), sorted by key; `sort` is a column's key, with a minus before it
    descending, "" for the room's own order; `after` and `before` are sealed places in the list, at
    most one of them; `columns` are the chosen ones, () for the room's own choice.
    """

    q: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = ""
    after: str = ""
    before: str = ""
    columns: tuple[str, ...] = ()

    @classmethod
    def parse(cls, query: str) -> RoomQuery:
        """Read the part of an address behind the question mark; a name that comes twice: the last.

        Whether a list has such filters and columns is the room's to say.
        """
        given = {
            name: clean(value, LONGEST_PLACE if name in _PLACES else LONGEST_WORDS)
            for name, value in parse_qsl(query, errors="replace")
        }
        after = given.get("after", "")
        return cls(
            q=given.get("q", ""),
            filters=tuple(
                sorted(
                    (name, value)
                    for name, value in given.items()
                    if value and name not in OWN_WORDS
                )
            ),
            sort=given.get("sort", ""),
            after=after,
            before="" if after else given.get("before", ""),
            columns=tuple(filter(None, given.get("columns", "").split(","))),
        )

    def render(self) -> str:
        """Return the query as the part of an address behind the question mark."""
        asked = {
            "q": self.q,
            **dict(self.filters),
            "sort": self.sort,
            "columns": ",".join(self.columns),
            "after": self.after,
            "before": self.before,
        }
        return urlencode({name: value for name, value in asked.items() if value}, safe=",")

    def address(self, room: str) -> str:
        """Return the address of the list of a room that answers this."""
        query = self.render()
        return f"/admin/{room}?{query}" if query else f"/admin/{room}"

    def first_page(self) -> RoomQuery:
        """Return the same question from the beginning of the list."""
        return replace(self, after="", before="")

    def matching(self) -> RoomQuery:
        """Return only what decides which rows match."""
        return RoomQuery(q=self.q, filters=self.filters)

    def with_filter(self, key: str, value: str) -> RoomQuery:
        """Return the question with a filter set, or taken away with ""."""
        kept = {**dict(self.filters), key: clean(value)}
        filters = tuple(sorted((name, kept[name]) for name in kept if kept[name]))
        return replace(self.first_page(), filters=filters)

    def with_words(self, words: str) -> RoomQuery:
        """Return the question with other words to search for."""
        return replace(self.first_page(), q=clean(words))


def detail_address(room: str, key: str) -> str:
    """Return the address of one row of a room."""
    return f"/admin/{room}/{quote(key, safe='')}"
