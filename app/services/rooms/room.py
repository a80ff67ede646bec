"""What a room is: a list of the administration, declared without a word about how it is drawn.

One page, one REST route, one export job and one command palette show every room; this is what a
room tells them. A room is one file in `app/services/rooms/declared`, and one line in `registry`:

    SUPPLIERS = Room(
        key="suppliers",                       # its address is /admin/suppliers
        title="Suppliers", group=Group.FEEDS, icon="store",
        lead="Who sells, and where their purchase orders go.",
        permission=Permission.SUPPLIER_READ,   # to see any of it
        source=Table(
            select(col(Supplier.id), col(Supplier.name), col(Supplier.order_email)),
            key=col(Supplier.id),              # unique; the tie-breaker of every order
        ),
        name=lambda row: row.name,             # a row in words, for confirmations
        columns=(
            Column("name", "Supplier", lambda row, viewer: row.name, sort=col(Supplier.name)),
            Column("email", "Orders go to",
                   lambda row, viewer: CellView(row.order_email or "nowhere yet"),
                   sort=col(Supplier.order_email), nullable=True, wide_only=True),
        ),
        sort="name",                           # "-name" for descending
        filters=(one_of("policy", "Complete when", col(Supplier.completion_policy), Policy),),
        search=lambda words: col(Supplier.name).icontains(words, autoescape=True),
        search_hint="Name",
        actions=(
            Action(
                "pause", "Pause", "pause", Permission.SUPPLIER_CHANGE,
                says=lambda n: f"{counted(n, 'supplier')} will not be synced until resumed.",
                did=lambda n: f"{counted(n, 'supplier')} paused.",
                carry_out=pause,               # pause(work, call: Call) -> None, one row
                applies=lambda row: not row.paused,
                needs_reason=True,
            ),
        ),
        detail=describe,                       # describe(work, viewer, row) -> DetailView
        empty=EmptyView("store", "No supplier yet", "Add one with …", "", ""),
        topics=("suppliers",),                 # what `work.touch` says when rows change
        letter="s", words="vendors sellers",   # `g s` goes there; the palette finds it by these
    )

Rows are what the select yields, by the names of its columns (label what has none). What a page
needs beyond that is read for all its rows at once by `Table.enrich`. A short list that is not in a
table (flags, settings, health) has `Listed` as its source: there `sort` is a function of the row,
and `where` and `search` return one (`row -> bool`). Sorting is by keyset: a column whose `sort` is
nullable says so, and one that has many rows wants an index on (sort, key).

The frame decides who may see the room and who may act; it looks rows up in the source before an
action is carried out, so that nobody acts on what they may not see. `carry_out` raises an AppError
where it cannot: its savepoint is rolled back and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from app.views.rooms import CellView, ChoiceView, DetailView, EmptyView

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, SQLColumnExpression

    from app.models.accounts import Permission
    from app.views.accounts import Viewer
    from app.work import Work


class Group(StrEnum):
    """Where a room stands in the navigation, in this order."""

    PEOPLE = "People"
    ORDERS = "Orders"
    FEEDS = "Feeds"
    BACKGROUND = "Background"
    SYSTEM = "System"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its `cell` of a row, and what it is sorted by, None where it cannot be.

    `nullable` says that `sort` may be NULL: such rows come last ascending. `hidden` ones are shown
    when chosen; a phone leaves out what is `wide_only`. `exported` is what a CSV file gets in place
    of the cell's text, such as a number without its separators.
    """

    key: str
    title: str
    cell: Callable[[Any, Viewer], CellView | str]
    sort: SQLColumnExpression[Any] | Callable[[Any], Any] | None = None
    nullable: bool = False
    figures: bool = False
    wide_only: bool = False
    hidden: bool = False
    exported: Callable[[Any], object] | None = None


Choices = Sequence[ChoiceView]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter by one value; `where` turns the value into a condition and may raise BadInput.

    A `choice` allows nothing but its `choices`; what is `linked` is set by links of other pages,
    and shown while it is. With `initial` it holds from the start, and is taken away with the value
    `all`.
    """

    key: str
    title: str
    kind: Literal["choice", "linked", "time"]
    where: Callable[[str], Any]
    choices: Choices | Callable[[Work], Choices] = ()
    initial: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """What has to be said along with an action; `initial` proposes it where one row is acted on."""

    key: str
    title: str
    kind: Literal["text", "long", "choice"] = "text"
    hint: str = ""
    choices: Choices | Callable[[Work], Choices] = ()
    required: bool = True
    initial: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One carrying out of an action on the row `key`, "" where it is about no row."""

    viewer: Viewer
    key: str
    reason: str
    values: Mapping[str, str]


def _always(_row: Any) -> bool:  # noqa: ANN401 - a row of any room
    return True


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done to rows, or with `general` to none in particular.

    `says` names what will happen to that many, `did` what has happened; `applies` tells whether a
    row offers it. Without `bulk` it is done to one row at a time. What is `inline` has no button:
    a part of the row's own page carries it out.
    """

    key: str
    title: str
    icon: str
    permission: Permission
    says: Callable[[int], str]
    did: Callable[[int], str]
    carry_out: Callable[[Work, Call], None]
    applies: Callable[[Any], bool] = _always
    fields: tuple[Field, ...] = ()
    needs_reason: bool = False
    danger: bool = False
    bulk: bool = True
    general: bool = False
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of the database: a select without order or limit, and its unique `key`.

    `visible_to` narrows it to what somebody may see; `enrich` returns the rows of a page with what
    belongs to them, one for one.
    """

    select: Select[*tuple[Any, ...]]
    key: SQLColumnExpression[Any]
    visible_to: Callable[[Viewer], Sequence[ColumnElement[bool]]] | None = None
    enrich: Callable[[Work, Viewer, Sequence[Any]], Sequence[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A short list, all of it read at once; `key` is unique."""

    rows: Callable[[Work, Viewer], Sequence[Any]]
    key: Callable[[Any], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A list of the administration. See the module for what each part means."""

    key: str
    title: str
    group: Group
    icon: str
    lead: str
    permission: Permission
    source: Table | Listed
    name: Callable[[Any], str]
    columns: tuple[Column, ...]
    empty: EmptyView
    sort: str = ""
    filters: tuple[Filter, ...] = ()
    search: Callable[[str], Any] | None = None
    search_hint: str = ""
    actions: tuple[Action, ...] = ()
    detail: Callable[[Work, Viewer, Any], DetailView] | None = None
    href: Callable[[Any], str] | None = None
    topics: tuple[str, ...] = ()
    letter: str = ""
    words: str = ""
