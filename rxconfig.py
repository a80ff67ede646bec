"""Reflex settings; reads app.config, holds no rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import reflex as rx
from reflex_base.plugins.base import PreCompileContext

from app.config import settings

if TYPE_CHECKING:
    from reflex.app import UnevaluatedPage

_settings = settings()


class IconsTogether(rx.plugins.Plugin):
    """Has the build put all icons into one script: by itself it makes one for each.

    A page shows a dozen icons of half a kilobyte, and each request costs as much again.
    """

    def pre_compile(self, **context: Unpack[PreCompileContext]) -> None:
        """Add the group to Vite's configuration. Raises ValueError where it has no groups."""
        context["add_modify_task"]("vite.config.js", self._with_icons)

    def _with_icons(self, configuration: str) -> str:
        groups = "groups: ["
        if groups not in configuration:
            raise ValueError("Reflex writes vite.config.js otherwise than IconsTogether expects.")
        return configuration.replace(
            groups, f'{groups} {{ test: /lucide-react/, name: "icons" }},', 1
        )


class OpenPages(rx.plugins.SitemapPlugin):
    """Lists for search engines the pages that show something to who is not signed in."""

    def pre_compile(self, **context: Unpack[PreCompileContext]) -> None:
        """Leave out every page that loads what needs a permission."""
        from state.guard import needs_permission  # noqa: PLC0415 - Reflex reads this file first

        pages = context["unevaluated_pages"]
        context["unevaluated_pages"] = [
            page for page in pages if not any(map(needs_permission, on_load(page)))
        ]
        super().pre_compile(**context)


def on_load(page: UnevaluatedPage) -> list[Any]:
    """Return the events that a page loads with, as a list."""
    found: Any = page.on_load or []
    return list(found) if isinstance(found, list | tuple) else [found]


config = rx.Config(
    app_name="app",
    app_module_import="app.app",
    api_url=_settings.public_url,
    deploy_url=_settings.public_url,
    backend_host="127.0.0.1" if _settings.uses_development_services else "0.0.0.0",  # noqa: S104
    backend_port=_settings.app_port,
    cors_allowed_origins=sorted(_settings.origins),
    # State is shared through Redis only where several processes need it: one process answers
    # quicker from memory and disk, and goes on working while Redis is away.
    redis_url=(
        _settings.redis_url.get_secret_value()
        if _settings.redis_url and _settings.web_processes > 1
        else None
    ),
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # Written once by the build. Brotli is a sixth smaller, and not everything knows it.
    frontend_compression_formats=["brotli", "gzip"],
    # Inter, which the stylesheet of the kit takes in; the build ships it, nothing is from a CDN.
    frontend_packages=["@fontsource-variable/inter@5.3.0"],
    # No Radix Themes: the kit is our own, and its stylesheet would weigh more than the kit does.
    plugins=[OpenPages(), IconsTogether()],
)
