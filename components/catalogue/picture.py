"""A picture of a product: in its reserved place, no larger than it is shown, when it is seen."""

from __future__ import annotations

from typing import Final

import reflex as rx

from app.views.pictures import Width
from components.ui import icon

# How wide it is drawn, which the browser has to know before it knows the page's measures.
IN_A_CARD: Final = "(max-width: 640px) 50vw, 15rem"
IN_A_ROW: Final = "4rem"
ON_ITS_PAGE: Final = "(max-width: 1024px) 100vw, 30rem"


def picture(
    address: rx.Var[str] | str,
    *,
    sizes: str,
    eager: rx.Var[bool] | bool = False,
    alt: rx.Var[str] | str = "",
    class_name: str = "product-picture",
) -> rx.Component:
    """Return the picture at `address`, "" for a drawn stand-in.

    It is fetched when it comes near the window; an `eager` one at once and before others, which is
    for what stands at the top of a page.
    """
    path = rx.Var.create(address).to(str)
    is_eager = rx.Var.create(eager).to(bool)
    return rx.cond(
        path != "",
        rx.el.img(
            src=_sized(path, Width.CARD),
            src_set=rx.Var.create([_sized(path, width) + f" {width}w" for width in Width])
            .to(list[str])
            .join(", "),
            sizes=sizes,
            alt=alt,
            loading=rx.cond(is_eager, "eager", "lazy"),
            decoding="async",
            class_name=class_name,
            # As properties Reflex would take them for styles.
            custom_attrs={
                "fetchPriority": rx.cond(is_eager, "high", "auto"),
                "width": "400",
                "height": "300",
            },
        ),
        rx.el.span(icon("image", 20), class_name=f"{class_name} product-no-picture"),
    )


def _sized(path: rx.vars.StringVar, width: Width) -> rx.vars.StringVar:
    return path + f"&w={width}"
