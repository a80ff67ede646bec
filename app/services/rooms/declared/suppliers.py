"""The room of suppliers: who sells, where purchase orders go, and what completes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select
from sqlmodel import col

from app.models.accounts import Permission
from app.models.feeds import CompletionPolicy, Feed, Supplier
from app.models.ordering import Dispatch, Order
from app.services.feeds.suppliers import change_supplier
from app.services.rooms.cells import AnyRow, badge, moment
from app.services.rooms.filters import one_of
from app.services.rooms.room import Action, Column, Field, Group, Room, Table
from app.views.formatting import number
from app.views.looks import DISPATCH_LOOKS
from app.views.room_query import detail_address
from app.views.rooms import CellView, ChoiceView, DetailView, EmptyView, FactView, SectionView

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from app.services.rooms.room import Call
    from app.views.accounts import Viewer
    from app.work import Work

POLICIES: Final = (
    ChoiceView(CompletionPolicy.SENT.value, "The mail was accepted"),
    ChoiceView(CompletionPolicy.DELIVERED.value, "The mail was delivered"),
    ChoiceView(CompletionPolicy.CONFIRMED.value, "The supplier confirmed"),
)
SHOWN: Final = 15
_IN_WORDS = {choice.value: choice.text for choice in POLICIES}

# Few feeds: counted for each row of the page, by the index on the supplier.
_FEEDS = (
    select(func.count())
    .where(col(Feed.supplier_id) == col(Supplier.id))
    .correlate(Supplier)
    .scalar_subquery()
)
_PRODUCTS = (
    select(func.coalesce(func.sum(col(Feed.products)), 0))
    .where(col(Feed.supplier_id) == col(Supplier.id))
    .correlate(Supplier)
    .scalar_subquery()
)


def _search(words: str) -> ColumnElement[bool]:
    return or_(
        col(Supplier.name).icontains(words, autoescape=True),
        col(Supplier.order_email).icontains(words, autoescape=True),
    )


def _change(work: Work, call: Call) -> None:
    change_supplier(
        work,
        viewer=call.viewer,
        supplier_id=int(call.key),
        name=call.values["name"],
        order_email=call.values["order_email"],
        completion_policy=CompletionPolicy(call.values["completion_policy"]),
    )


def _describe(work: Work, viewer: Viewer, row: AnyRow) -> DetailView:
    sections = [_feeds(work, viewer, row.id)]
    if viewer.may(Permission.ORDER_READ_ALL):
        sections.append(_dispatches(work, row.id))
    return DetailView(
        title=row.name,
        facts=(
            FactView("Purchase orders go to", CellView(row.order_email)),
            FactView("Complete when", CellView(_IN_WORDS[row.completion_policy])),
            FactView("Feeds", CellView(number(row.feeds, viewer.locale))),
            FactView("Products", CellView(number(row.products, viewer.locale))),
            FactView("Known since", CellView(at=row.created_at)),
        ),
        sections=tuple(sections),
    )


def _feeds(work: Work, viewer: Viewer, supplier_id: int) -> SectionView:
    feeds = work.session.scalars(
        select(Feed).where(col(Feed.supplier_id) == supplier_id).order_by(col(Feed.name))
    ).all()
    return SectionView(
        kind="table",
        title="Feeds",
        heads=("Feed", "Products", "Synced"),
        rows=tuple(
            (
                CellView(feed.name, href=detail_address("feeds", str(feed.id))),
                CellView(number(feed.products, viewer.locale)),
                moment(feed.synced_at, "never"),
            )
            for feed in feeds
        ),
        empty="None: its products come from nowhere.",
    )


def _dispatches(work: Work, supplier_id: int) -> SectionView:
    rows = work.session.execute(
        select(
            col(Order.number), col(Dispatch.state), col(Dispatch.problem), col(Dispatch.changed_at)
        )
        .join(Order, col(Order.id) == col(Dispatch.order_id))
        .where(col(Dispatch.supplier_id) == supplier_id)
        .order_by(col(Dispatch.id).desc())
        .limit(SHOWN)
    ).all()
    return SectionView(
        kind="table",
        title="Newest purchase orders",
        heads=("Order", "State", "Problem", "Changed"),
        rows=tuple(
            (
                CellView(f"Order {row.number}", href=f"/orders/{row.number}"),
                badge(row.state, DISPATCH_LOOKS),
                CellView(row.problem or ""),
                CellView(at=row.changed_at),
            )
            for row in rows
        ),
        empty="Nothing has been ordered from them yet.",
    )


SUPPLIERS: Final = Room(
    key="suppliers",
    title="Suppliers",
    group=Group.FEEDS,
    icon="store",
    lead="Who sells, where their purchase orders go, and what completes them.",
    permission=Permission.SUPPLIER_READ,
    source=Table(
        select(
            col(Supplier.id),
            col(Supplier.name),
            col(Supplier.order_email),
            col(Supplier.completion_policy),
            col(Supplier.created_at),
            _FEEDS.label("feeds"),
            _PRODUCTS.label("products"),
        ),
        key=col(Supplier.id),
    ),
    name=lambda row: row.name,
    columns=(
        Column("name", "Supplier", lambda row, _: row.name, sort=col(Supplier.name)),
        Column(
            "email",
            "Purchase orders go to",
            lambda row, _: row.order_email,
            sort=col(Supplier.order_email),
        ),
        Column(
            "policy",
            "Complete when",
            lambda row, _: _IN_WORDS[row.completion_policy],
            wide_only=True,
        ),
        Column(
            "feeds",
            "Feeds",
            lambda row, viewer: number(row.feeds, viewer.locale),
            figures=True,
            wide_only=True,
            exported=lambda row: row.feeds,
        ),
        Column(
            "products",
            "Products",
            lambda row, viewer: number(row.products, viewer.locale),
            figures=True,
            wide_only=True,
            exported=lambda row: row.products,
        ),
        Column(
            "since",
            "Known since",
            lambda row, _: CellView(at=row.created_at),
            sort=col(Supplier.created_at),
            figures=True,
            wide_only=True,
            hidden=True,
        ),
    ),
    sort="name",
    filters=(one_of("policy", "Complete when", col(Supplier.completion_policy), POLICIES),),
    search=_search,
    search_hint="Name or e-mail",
    actions=(
        Action(
            "change",
            "Change",
            "pencil",
            Permission.SUPPLIER_CHANGE,
            says=lambda _: (
                "Mails that are under way still go where they were meant to. Open "
                "orders follow another completion policy at once."
            ),
            did=lambda _: "The supplier is changed.",
            carry_out=_change,
            fields=(
                Field("name", "Name", initial=lambda row: row.name),
                Field("order_email", "Purchase orders go to", initial=lambda row: row.order_email),
                Field(
                    "completion_policy",
                    "An order is complete when",
                    kind="choice",
                    choices=POLICIES,
                    initial=lambda row: row.completion_policy.value,
                ),
            ),
            bulk=False,
        ),
    ),
    detail=_describe,
    empty=EmptyView(
        "store",
        "No supplier yet",
        "One comes with its first feed: python -m app feed add.",
        "",
        "",
    ),
    topics=("suppliers", "feeds", "orders:all"),
    letter="s",
    words="vendors sellers order e-mail completion policy",
)
