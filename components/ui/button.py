"""Buttons and links: what can be done next."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx
from reflex_components_core.el.elements.inline import A
from reflex_components_core.react_router.dom import ReactRouterLink

from components.ui.classes import classes, either
from components.ui.icon import icon as draw_icon
from components.ui.progress import spinner

Variant = Literal["secondary", "primary", "quiet", "danger", "danger-primary"]
Size = Literal["normal", "small"]
Flag = bool | rx.Var[bool]


def _inside(
    children: tuple[Any, ...], icon: str | rx.Var[str] | None, *, loading: Flag
) -> tuple[Any, ...]:
    mark = None if icon is None else draw_icon(icon)
    if loading is False:
        return (mark, *children) if mark is not None else children
    # The spinner takes the icon's place, so that nothing moves while one waits.
    waiting = spinner() if loading is True else rx.cond(loading, spinner(), mark or rx.fragment())
    return (waiting, *children)


def _look(variant: Variant, size: Size, props: dict[str, Any]) -> str | rx.Var[str]:
    given = props.pop("class_name", "")
    return classes("button", f"button-{variant}", f"button-{size}", given)


def button(
    *children: Any,
    variant: Variant = "secondary",
    size: Size = "normal",
    icon: str | rx.Var[str] | None = None,
    loading: Flag = False,
    disabled: Flag = False,
    **props: Any,
) -> rx.Component:
    """Return a button. While `loading` it shows a spinner and takes no second press."""
    return rx.el.button(
        *_inside(children, icon, loading=loading),
        type=props.pop("type", "button"),
        disabled=loading | disabled if isinstance(loading, rx.Var) else _or(loading, disabled),
        aria_busy=loading,
        class_name=_look(variant, size, props),
        **props,
    )


def _or(first: bool, second: Flag) -> Flag:  # noqa: FBT001 - an operator
    return True if first else second


def icon_button(
    icon: str | rx.Var[str],
    label: str | rx.Var[str],
    *,
    variant: Variant = "quiet",
    size: Size = "normal",
    **props: Any,
) -> rx.Component:
    """Return a square button with an icon only; `label` is read out and shown on hover."""
    return button(
        draw_icon(icon),
        variant=variant,
        size=size,
        aria_label=label,
        title=props.pop("title", label),
        class_name=classes("button-icon", props.pop("class_name", "")),
        **props,
    )


def link(*children: Any, href: str | rx.Var[str], **props: Any) -> rx.Component:
    """Return a link to a page of this program, followed without a reload. No look of its own."""
    return ReactRouterLink.create(*children, href=href, **props)


def outside_link(*children: Any, href: str | rx.Var[str], **props: Any) -> rx.Component:
    """Return a plain link that the browser loads: sign-in, sign-out, a download. No look."""
    return A.create(*children, href=href, **props)


def text_link(*children: Any, href: str | rx.Var[str], **props: Any) -> rx.Component:
    """Return a link inside a text."""
    return link(
        *children, href=href, class_name=classes("text-link", props.pop("class_name", "")), **props
    )


def link_button(
    *children: Any,
    href: str | rx.Var[str],
    variant: Variant = "secondary",
    size: Size = "normal",
    icon: str | rx.Var[str] | None = None,
    outside: bool = False,
    **props: Any,
) -> rx.Component:
    """Return a link that looks like a button.

    `outside` is for addresses that are not pages (sign-in, downloads): the browser loads them.
    """
    # `rx.el.a` is the router's link as well, so a plain one is taken from where it is defined.
    make = A.create if outside else ReactRouterLink.create
    return make(
        *_inside(children, icon, loading=False),
        href=href,
        class_name=_look(variant, size, props),
        **props,
    )


def copy_button(text: str | rx.Var[str], label: str = "Copy", **props: Any) -> rx.Component:
    """Return a small button that copies `text`; the browser does it, no event is sent."""
    return icon_button(
        "copy", label, size="small", on_click=rx.set_clipboard(text), class_name="copy", **props
    )


def segmented(
    *options: tuple[str, str] | tuple[str, str, str],
    value: str | rx.Var[str],
    on_change: Any,
    label: str,
    **props: Any,
) -> rx.Component:
    """Return a choice of two to four, side by side.

    An option is (value, text) or (value, text, icon); with an icon the text is read out only.
    `on_change` is called with the value.
    """
    return rx.el.div(
        *(
            rx.el.button(
                draw_icon(option[2]) if len(option) > 2 else option[1],  # noqa: PLR2004 - has an icon
                type="button",
                title=option[1],
                aria_label=option[1],
                aria_pressed=rx.cond(value == option[0], "true", "false"),
                class_name=classes("segment", either(value == option[0], "segment-on")),
                on_click=on_change(option[0]),
            )
            for option in options
        ),
        role="group",
        aria_label=label,
        class_name=classes("segmented", props.pop("class_name", "")),
        **props,
    )
