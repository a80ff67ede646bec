"""The settings of the bare program: ours, without what is ours."""

from __future__ import annotations

import os

import reflex as rx

_port = int(os.environ["BARE_PORT"])

config = rx.Config(
    app_name="bare",
    api_url=f"http://localhost:{_port}",
    deploy_url=f"http://localhost:{_port}",
    backend_host="127.0.0.1",
    backend_port=_port,
    cors_allowed_origins=[f"http://localhost:{_port}", f"http://127.0.0.1:{_port}"],
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # Ours has no Radix Themes either: its stylesheet would only make the floor easier to reach.
    plugins=[rx.plugins.SitemapPlugin()],
)
