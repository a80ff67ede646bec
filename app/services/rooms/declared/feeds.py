"""The room of feeds: how fresh the catalogue is, and every sync with what it rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.models.accounts import Permission
from app.models.feeds import OPEN_RUN_STATES, Feed, Supplier, SyncRun, SyncRunState
from app.services.rooms.cells import AnyRow, badge, moment
from app.services.rooms.declared.feed_actions import FEED_ACTIONS
from app.services.rooms.declared.feed_detail import describe
from app.services.rooms.declared.orders import suppliers
from app.services.rooms.filters import one_of
from app.services.rooms.room import Column, Filter, Group, Room, Table
from app.views.formatting import number
from app.views.room_query import detail_address
from app.views.rooms import CellView, ChoiceView, EmptyView

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from app.views.accounts import Viewer

_NEWEST = aliased(
    SyncRun,
    select(SyncRun)
    .where(col(SyncRun.feed_id) == col(Feed.id))
    .order_by(col(SyncRun.id).desc())
    .limit(1)
    .lateral(),
)
_RUN_STATE = col(_NEWEST.state)
# The one word for how a feed is doing; the first that fits.
_STATE = cast(
    "ColumnElement[str]",
    case(
        (_RUN_STATE.in_(OPEN_RUN_STATES), "syncing"),
        (_RUN_STATE.in_((SyncRunState.FAILED, SyncRunState.QUARANTINED)), "failed"),
        (col(Feed.paused_at).is_not(None), "paused"),
        (col(Feed.due_at) < func.now() - func.make_interval(0, 0, 0, 0, 0, 10), "late"),
        (col(Feed.synced_at).is_(None), "new"),
        else_="fresh",
    ),
)
LOOKS: Final = {
    "syncing": ("info", "loader"),
    "failed": ("bad", "circle-alert"),
    "paused": ("warn", "pause"),
    "late": ("warn", "clock"),
    "new": ("neutral", "clock"),
    "fresh": ("good", "check"),
}


def _search(words: str) -> ColumnElement[bool]:
    return or_(
        col(Feed.name).icontains(words, autoescape=True),
        col(Supplier.name).icontains(words, autoescape=True),
        col(Feed.url).icontains(words, autoescape=True),
    )


def _state(row: AnyRow, _viewer: Viewer) -> CellView:
    cell = badge(row.state, LOOKS)
    return CellView(cell.text, second=row.problem or "", tone=cell.tone, icon=cell.icon)


def _due(row: AnyRow, _viewer: Viewer) -> CellView:
    if row.paused_at is not None:
        return CellView("paused")
    return moment(row.due_at, "by hand only")


FEEDS: Final = Room(
    key="feeds",
    title="Feeds",
    group=Group.FEEDS,
    icon="rss",
    lead="How fresh the catalogue is, and what each sync brought.",
    permission=Permission.FEED_READ,
    source=Table(
        select(
            col(Feed.id),
            col(Feed.name),
            col(Feed.url),
            col(Feed.schedule),
            col(Feed.due_at),
            col(Feed.paused_at),
            col(Feed.paused_by),
            col(Feed.synced_at),
            col(Feed.products),
            col(Feed.supplier_id),
            col(Supplier.name).label("supplier"),
            _STATE.label("state"),
            _RUN_STATE.label("run_state"),
            col(_NEWEST.problem).label("problem"),
            col(_NEWEST.rejected).label("rejected"),
        )
        .select_from(Feed)
        .join(Supplier, col(Supplier.id) == col(Feed.supplier_id))
        .outerjoin(_NEWEST, col(_NEWEST.feed_id) == col(Feed.id)),
        key=col(Feed.id),
    ),
    name=lambda row: row.name,
    columns=(
        Column(
            "name",
            "Feed",
            lambda row, _: CellView(row.name, second=row.supplier),
            sort=col(Feed.name),
        ),
        Column("state", "State", _state, sort=_STATE),
        Column(
            "supplier",
            "Supplier",
            lambda row, _: CellView(
                row.supplier, href=detail_address("suppliers", str(row.supplier_id))
            ),
            sort=col(Supplier.name),
            wide_only=True,
            hidden=True,
        ),
        Column(
            "products",
            "Products",
            lambda row, viewer: number(row.products, viewer.locale),
            sort=col(Feed.products),
            figures=True,
            wide_only=True,
            exported=lambda row: row.products,
        ),
        Column(
            "rejected",
            "Rejected last",
            lambda row, viewer: number(row.rejected or 0, viewer.locale),
            figures=True,
            wide_only=True,
            exported=lambda row: row.rejected or 0,
        ),
        Column(
            "synced",
            "Synced",
            lambda row, _: moment(row.synced_at, "never"),
            sort=col(Feed.synced_at),
            nullable=True,
            figures=True,
        ),
        Column(
            "due",
            "Next",
            _due,
            sort=col(Feed.due_at),
            nullable=True,
            figures=True,
            wide_only=True,
        ),
        Column(
            "url",
            "Address",
            lambda row, _: CellView(row.url, mono=True),
            wide_only=True,
            hidden=True,
        ),
    ),
    sort="name",
    filters=(
        one_of("state", "State", _STATE, [ChoiceView(word, word.capitalize()) for word in LOOKS]),
        Filter(
            "supplier",
            "Supplier",
            "choice",
            lambda value: col(Supplier.id) == int(value),
            suppliers,
        ),
    ),
    search=_search,
    search_hint="Name, supplier or address",
    actions=FEED_ACTIONS,
    detail=describe,
    empty=EmptyView(
        "rss",
        "No feed is connected",
        "Connect a supplier's product feed: python -m app feed add.",
        "",
        "",
    ),
    topics=("feeds", "suppliers"),
    letter="f",
    words="syncs freshness prices catalogue sync run",
)
