"""The design kit: stateless components and the tokens behind them. It knows no state and no app.

Texts, tones and flags may be Vars. Every component takes `class_name`, `data_testid` and events.

    button            variant secondary|primary|quiet|danger, size normal|small, icon, loading
    icon_button       a square button with an icon; the label is read out and shown on hover
    link              a link to a page, without a reload and without a look
    outside_link      a plain link that the browser loads (rx.el.a is the router's link, too)
    text_link         the same as link inside a text
    link_button       a link that looks like a button; outside=True for sign-in and downloads
    copy_button       copies a text in the browser
    segmented         a choice of two to four side by side
    select_button     a choice that looks like a small button, for a bar of tools
    icon              a lucide icon, 16 or 20 px; a Var may name one of icon.NAMEABLE
    badge             a state in a word: tone neutral|info|good|warn|bad, with an icon
    stock_badge       the stock word with the icon of its tone
    count             a small figure beside a word
    chip              an active filter that a press removes
    avatar            the first letter of a name in a disc
    card              a hairline around what belongs together; flush=True for a table
    section           a part of a page under its heading
    page_head         the page's title, badges beside it, actions, one leading sentence
    tile              a question of the dashboard with its answer
    text_field        a labelled line; also text_area, select: label, name, hint, error
    checkbox          a box to tick
    facet_row         one value of a filter with its count; facet_group folds several
    facet_panel       the groups: a column on a desk, a sheet behind a button on a phone
    stepper           a quantity with less and more
    table             Column heads and row(cell(...)); pagination below
    skeleton          a grey stand-in; skeleton_rows and skeleton_cards are shaped like what comes
    spinner           a turning ring
    empty_state       nothing here, and what to do first
    error_state       a failure in the place of what failed
    notice_bar        something to know before going on
    dialog            modal, focus trapped, Esc closes
    toaster           where rx.toast appears (mounted once, by the app)
    timeline          timeline_entry(title, icon=, tone=, time=, note=)
    sparkline         a trend; spark_path makes its path from figures
    breadcrumbs       the way back up
    clock             a time in the reader's zone, relative or exact
    near_me           a button that asks the browser where the reader is
    money, moment     a formatted amount; a short time with the exact one on hover
    quiet, two_lines  third-rank text; a name with what tells it apart below it
    key_hint          the keys of a shortcut
    definition_list   terms and what holds for them; definitions_of takes a Var
    classes, either   class names from parts that may be Vars
"""

from __future__ import annotations

from components.ui.badge import avatar, badge, chip, count, stock_badge
from components.ui.breadcrumbs import breadcrumbs
from components.ui.button import (
    button,
    copy_button,
    icon_button,
    link,
    link_button,
    outside_link,
    segmented,
    text_link,
)
from components.ui.classes import classes, either
from components.ui.clock import clock
from components.ui.dialog import dialog
from components.ui.empty import empty_state, error_state, notice_bar
from components.ui.facet import facet_group, facet_panel, facet_row
from components.ui.field import (
    checkbox,
    select,
    select_button,
    stepper,
    text_area,
    text_field,
)
from components.ui.icon import icon
from components.ui.near_me import near_me
from components.ui.progress import skeleton, skeleton_cards, skeleton_rows, spinner
from components.ui.sparkline import spark_path, sparkline
from components.ui.surface import card, page_head, section, tile
from components.ui.table import Column, cell, pagination, row, table
from components.ui.text import (
    definition_list,
    definitions_of,
    key_hint,
    moment,
    money,
    quiet,
    two_lines,
)
from components.ui.timeline import timeline, timeline_entry
from components.ui.toast import toaster

__all__ = [
    "Column",
    "avatar",
    "badge",
    "breadcrumbs",
    "button",
    "card",
    "cell",
    "checkbox",
    "chip",
    "classes",
    "clock",
    "copy_button",
    "count",
    "definition_list",
    "definitions_of",
    "dialog",
    "either",
    "empty_state",
    "error_state",
    "facet_group",
    "facet_panel",
    "facet_row",
    "icon",
    "icon_button",
    "key_hint",
    "link",
    "link_button",
    "moment",
    "money",
    "near_me",
    "notice_bar",
    "outside_link",
    "page_head",
    "pagination",
    "quiet",
    "row",
    "section",
    "segmented",
    "select",
    "select_button",
    "skeleton",
    "skeleton_cards",
    "skeleton_rows",
    "spark_path",
    "sparkline",
    "spinner",
    "stepper",
    "stock_badge",
    "table",
    "text_area",
    "text_field",
    "text_link",
    "tile",
    "timeline",
    "timeline_entry",
    "toaster",
    "two_lines",
]
