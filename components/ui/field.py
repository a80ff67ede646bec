"""Fields: a label, the control, a hint, and an error that stands beside what caused it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.ui.classes import classes
from components.ui.icon import icon as draw_icon

Words = str | rx.Var[str]


def _field(
    control: rx.Component, *, label: Words, name: str, hint: Words | None, error: Words | None
) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name="field-label"),
        *(() if hint is None else (rx.el.p(hint, id=f"{name}-hint", class_name="field-hint"),)),
        control,
        _error(name, error),
        class_name=classes("field", _with_error(error, "field-bad")),
    )


def _error(name: str, error: Words | None) -> rx.Component:
    if error is None:
        return rx.fragment()
    # The live region is there before the error is, else a screen reader stays silent.
    return rx.el.p(
        rx.cond(error != "", rx.fragment(draw_icon("circle-alert", 14), error), rx.fragment()),
        id=f"{name}-error",
        class_name="field-error",
        role="alert",
    )


def _with_error(error: Words | None, yes: str) -> Words:
    return "" if error is None else rx.cond(error != "", yes, "")


def _described(name: str, hint: Words | None, error: Words | None) -> dict[str, Any]:
    told = [f"{name}-hint"] * (hint is not None) + [f"{name}-error"] * (error is not None)
    said: dict[str, Any] = {"id": name, "name": name}
    if told:
        said["aria_describedby"] = " ".join(told)
    if error is not None:
        said["aria_invalid"] = rx.cond(error != "", "true", "false")
    return said


def text_field(
    *,
    label: Words,
    name: str,
    hint: Words | None = None,
    error: Words | None = None,
    optional: bool = False,
    **props: Any,
) -> rx.Component:
    """Return a labelled line of text; `error` "" means nothing is wrong.

    `name` is also the element's id. Give `default_value` for what is read when the form is sent,
    `value` and `on_change` where the state follows each letter.
    """
    return _field(
        rx.el.input(
            **_described(name, hint, error),
            type=props.pop("type", "text"),
            class_name=classes("input", props.pop("class_name", "")),
            **props,
        ),
        label=f"{label} (optional)" if optional else label,
        name=name,
        hint=hint,
        error=error,
    )


def text_area(
    *,
    label: Words,
    name: str,
    hint: Words | None = None,
    error: Words | None = None,
    optional: bool = False,
    **props: Any,
) -> rx.Component:
    """Return a labelled field of several lines (`rows`, default 3)."""
    return _field(
        rx.el.textarea(
            **_described(name, hint, error),
            rows=props.pop("rows", "3"),
            class_name=classes("input", "input-area", props.pop("class_name", "")),
            **props,
        ),
        label=f"{label} (optional)" if optional else label,
        name=name,
        hint=hint,
        error=error,
    )


def _options(options: Any) -> tuple[Any, ...]:
    if isinstance(options, rx.Var):
        return (rx.foreach(options, lambda option: rx.el.option(option[1], value=option[0])),)
    return tuple(rx.el.option(text, value=value) for value, text in options)


def select(
    *,
    label: Words,
    name: str,
    options: list[tuple[str, str]] | rx.Var[Any],
    hint: Words | None = None,
    error: Words | None = None,
    **props: Any,
) -> rx.Component:
    """Return a labelled choice; `options` are (value, text), in a list or a Var."""
    return _field(
        rx.el.div(
            rx.el.select(
                *_options(options),
                **_described(name, hint, error),
                class_name=classes("input", "input-select", props.pop("class_name", "")),
                **props,
            ),
            draw_icon("chevron-down"),
            class_name="select",
        ),
        label=label,
        name=name,
        hint=hint,
        error=error,
    )


def select_button(
    *,
    label: str,
    options: list[tuple[str, str]] | rx.Var[Any],
    icon: str = "arrow-up-down",
    **props: Any,
) -> rx.Component:
    """Return a choice that looks like a small button, for a bar of tools; `label` is read out."""
    return rx.el.div(
        draw_icon(icon),
        rx.el.select(*_options(options), aria_label=label, title=label, **props),
        class_name="select-button",
    )


def checkbox(label: Words, *, checked: Any, on_change: Any, **props: Any) -> rx.Component:
    """Return a box to tick, with its label as part of the target."""
    return rx.el.label(
        rx.el.input(
            type="checkbox", checked=checked, on_change=on_change, class_name="check", **props
        ),
        rx.el.span(label),
        class_name="check-row",
    )


def stepper(
    *,
    value: Any,
    on_less: Any,
    on_more: Any,
    on_set: Any,
    label: Words,
    least: int = 1,
    busy: Any = False,
    **props: Any,
) -> rx.Component:
    """Return a quantity with less and more. `on_set` is called with the typed text on leaving."""
    return rx.el.div(
        rx.el.button(
            draw_icon("minus"),
            type="button",
            aria_label=f"Less of {label}",
            disabled=rx.cond(busy, True, value <= least),  # noqa: FBT003 - a value, not a switch
            on_click=on_less,
        ),
        rx.el.input(
            default_value=value.to_string() if isinstance(value, rx.Var) else str(value),
            key=value.to_string() if isinstance(value, rx.Var) else str(value),
            input_mode="numeric",
            aria_label=f"Quantity of {label}",
            on_blur=on_set,
        ),
        rx.el.button(
            draw_icon("plus"),
            type="button",
            aria_label=f"More of {label}",
            disabled=busy,
            on_click=on_more,
        ),
        role="group",
        class_name=classes("stepper", props.pop("class_name", "")),
        **props,
    )
