"""Toasts: short notices that come and go. `rx.toast.success(...)` and its kin arrive here."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx
from reflex_base.vars import VarData
from reflex_base.vars.base import Var
from reflex_components_sonner.toast import Toaster, toast_ref

_ICONS: Final = {
    "success": "circle-check",
    "info": "info",
    "warning": "triangle-alert",
    "error": "circle-alert",
    "close": "x",
}


class _Toaster(Toaster):
    """Reflex's toaster, whose every notice carries the test id `toast`.

    Sonner sets a test id per notice only, and `rx.toast` has no word for it, so the reference that
    `rx.toast` calls is wrapped.
    """

    icons: rx.Var[dict[str, Any]]

    def add_hooks(self) -> list[Var | str]:
        """Publish the wrapped function where `rx.toast` looks for it."""
        wrapped = Var(
            f"{toast_ref} = ((plain) => {{"
            "const named = (show) => (words, more) => show(words, {testId: 'toast', ...more});"
            "const kinds = ['success', 'error', 'info', 'warning', 'loading', 'message'];"
            "return Object.assign(named(plain), {dismiss: plain.dismiss},"
            "Object.fromEntries(kinds.map((kind) => [kind, named(plain[kind])])));"
            "})(toast)",
            _var_data=VarData(
                imports={
                    "$/utils/state": [rx.ImportVar(tag="refs")],
                    str(self.library): [rx.ImportVar(tag="toast", install=False)],
                }
            ),
        )
        return [wrapped]


def toaster(**props: Any) -> rx.Component:
    """Return the place where toasts appear: bottom right, five seconds, above everything."""
    return _Toaster.create(
        position="bottom-right",
        rich_colors=False,
        icons={kind: rx.icon(name, size=16) for kind, name in _ICONS.items()},
        expand=True,
        visible_toasts=4,
        close_button=True,
        class_name="toaster",
        **props,
    )
