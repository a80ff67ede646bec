"""Serve the bare program as `app.serve` serves ours: built pages, one process, one port."""

from __future__ import annotations

import os

from app.serve import serve

if __name__ == "__main__":
    serve("127.0.0.1", int(os.environ["BARE_PORT"]), processes=1)
