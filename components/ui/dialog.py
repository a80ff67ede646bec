"""Dialogs: the browser's own `<dialog>`, which traps the focus and closes on Esc by itself."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.vars import VarData
from reflex_base.vars.base import Var

from components.ui.button import icon_button
from components.ui.classes import classes


class _Modal(rx.el.Dialog):
    """A `<dialog>` that is modal while `shown`: the attribute `open` alone would not trap focus."""

    shown: Var[bool]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]

    def add_hooks(self) -> list[str | Var]:
        """Show or close the element when `shown` changes; its first field gets the focus."""
        shown = Var.create(self.shown)
        effect = Var(
            "useEffect(() => {"
            f"const dialog = {self.get_ref()}.current;"
            f"if ({shown!s} && dialog && !dialog.open) {{ dialog.showModal();"
            # The browser would take the cross, the first that can have the focus.
            "dialog.querySelector('form :is(input, select, textarea)')?.focus(); }"
            f"if (!{shown!s} && dialog?.open) dialog?.close();"
            f"}}, [{shown!s}])",
            _var_data=VarData.merge(
                VarData(imports={"react": [rx.ImportVar(tag="useEffect")]}),
                shown._get_all_var_data(),  # noqa: SLF001 - Reflex names it so for authors of components
            ),
        )
        return [effect]

    def _exclude_props(self) -> list[str]:
        return ["shown"]


def dialog(
    *children: Any,
    name: str,
    open: Any,  # noqa: A002 - the element's own word
    on_close: Any,
    title: str | rx.Var[str],
    actions: tuple[Any, ...] = (),
    **props: Any,
) -> rx.Component:
    """Return a modal dialog, shown while `open`.

    `name` is its id, unique in the page; `on_close` an event without arguments, called by Esc, the
    cross and the form's end. `actions` stand at the right, the main one last.
    """
    return _Modal.create(
        rx.el.header(
            rx.el.h2(title, id=f"{name}-title", class_name="dialog-title"),
            icon_button("x", "Close", size="small", on_click=on_close),
            class_name="dialog-head",
        ),
        rx.el.div(*children, class_name="dialog-body"),
        *(() if not actions else (rx.el.footer(*actions, class_name="dialog-actions"),)),
        id=name,
        shown=open,
        aria_labelledby=f"{name}-title",
        on_close=on_close,
        class_name=classes("dialog", props.pop("class_name", "")),
        **props,
    )
