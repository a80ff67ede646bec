"""What a room of the administration shows: a list, one of its rows in detail, what can be done.

All of it is text, already in the reader's words and locale, so that whatever draws it (a page, a
CSV file, a REST route) needs to know nothing of any room in particular.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.views.spots import SpotView


@dataclass(frozen=True, slots=True)
class CellView:
    """One value.

    `second` is a quieter line below; with a `tone` (neutral, info, good, warn, bad) the text is a
    badge with the `icon`, one of `components.ui.icon.NAMEABLE`; `href` makes it a link; `at` is a
    moment that stands in place of the text, written by the reader's clock; `mono` is for ids.
    `download` says that the link leads to a file and not to a page.
    """

    text: str = ""
    second: str = ""
    tone: str = ""
    icon: str = ""
    href: str = ""
    at: datetime | None = None
    mono: bool = False
    download: bool = False


NOTHING = CellView()


@dataclass(frozen=True, slots=True)
class ColumnView:
    """The head of a column. `sorted` is ascending, descending or ""; `href` sorts by it, or "".

    `toggle_href` shows it where it is hidden and hides it where it is shown.
    """

    key: str
    title: str
    figures: bool
    wide_only: bool
    shown: bool
    sorted: str
    href: str
    toggle_href: str


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One value that a filter or a field can have."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class FilterView:
    """A filter and its value; `any_value` takes it away; `kind` is choice, linked or time.

    `said` is what a person reads in place of the value; of a `time` that is set to days, `first`
    and `last` are those, as a date field takes them.
    """

    key: str
    title: str
    kind: str
    value: str
    any_value: str
    said: str
    first: str
    last: str
    choices: tuple[ChoiceView, ...]


@dataclass(frozen=True, slots=True)
class ActionView:
    """Something that can be done; `danger` colours it."""

    key: str
    title: str
    icon: str
    danger: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """A row: `title` names it to people, `href` is its own page or "", `actions` what it offers."""

    key: str
    title: str
    href: str
    cells: tuple[CellView, ...]
    actions: tuple[ActionView, ...]


@dataclass(frozen=True, slots=True)
class EmptyView:
    """Nothing here: what that means and what to do first. `href` may be ""."""

    icon: str
    title: str
    text: str
    href: str
    link: str


@dataclass(frozen=True, slots=True)
class RoomPage:
    """A page of a room's list.

    `columns` are those shown, in step with the cells of `rows`; `all_columns` are for choosing.
    `matches` says how many rows match ("10,000+" beyond that), `count` is the figure behind it.
    `first_href`, `previous_href` and `next_href` are "" where there is no such page. `bulk` is
    what can be done to several rows at once, `general` what is about none in particular.
    """

    key: str
    title: str
    lead: str
    columns: tuple[ColumnView, ...]
    all_columns: tuple[ColumnView, ...]
    filters: tuple[FilterView, ...]
    search_hint: str
    q: str
    rows: tuple[RowView, ...]
    matches: str
    count: int
    is_filtered: bool
    clear_href: str
    first_href: str
    previous_href: str
    next_href: str
    bulk: tuple[ActionView, ...]
    general: tuple[ActionView, ...]
    can_export: bool
    empty: EmptyView


@dataclass(frozen=True, slots=True)
class FactView:
    """A term and what holds for it."""

    term: str
    value: CellView


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """A field with what it was and what it is."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """A step of a timeline."""

    title: str
    note: str = ""
    icon: str = "dot"
    tone: str = "neutral"
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SectionView:
    """A part of a detail page; `kind` is table, code, differences, timeline or map.

    A table has `heads` and `rows`, a timeline `steps`, a map a `spot`, the others what is named
    like them. `empty` is said in place of a part that holds nothing.
    """

    kind: str
    title: str
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[CellView, ...], ...] = ()
    code: str = ""
    differences: tuple[DifferenceView, ...] = ()
    steps: tuple[EntryView, ...] = ()
    spot: SpotView | None = None
    empty: str = ""


@dataclass(frozen=True, slots=True)
class DetailView:
    """One row on a page of its own; `badge` stands beside the title, `lead` below it.

    The frame fills in `key`, `room` (the title of its room) and the `actions` that the row offers.
    """

    title: str
    lead: str = ""
    badge: CellView = NOTHING
    facts: tuple[FactView, ...] = ()
    sections: tuple[SectionView, ...] = ()
    key: str = ""
    room: str = ""
    actions: tuple[ActionView, ...] = ()


# What a page holds until it knows better.
NO_PAGE = RoomPage(
    key="",
    title="",
    lead="",
    columns=(),
    all_columns=(),
    filters=(),
    search_hint="",
    q="",
    rows=(),
    matches="",
    count=0,
    is_filtered=False,
    clear_href="",
    first_href="",
    previous_href="",
    next_href="",
    bulk=(),
    general=(),
    can_export=False,
    empty=EmptyView("", "", "", "", ""),
)
NO_DETAIL = DetailView(title="")
