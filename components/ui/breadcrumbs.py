"""Where one is: the way back up."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.ui.button import link
from components.ui.icon import icon as draw_icon


def breadcrumbs(*steps: tuple[Any, str | None]) -> rx.Component:
    """Return the steps to this page: (text, address), the last one without an address."""
    items: list[rx.Component] = []
    for text, href in steps:
        words = (
            rx.el.span(text, aria_current="page")
            if href is None
            else link(text, href=href, class_name="crumb")
        )
        mark = (draw_icon("chevron-right", 14),) if items else ()
        items.append(rx.el.li(*mark, words))
    return rx.el.nav(rx.el.ol(*items, class_name="crumbs"), aria_label="Breadcrumbs")
