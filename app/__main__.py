"""`python -m app`."""

from __future__ import annotations

from app.cli import cli, main
from app.permissions import permissions

# Here and not in `app.cli`: it reads the whole program, which the other commands never load.
cli.command()(permissions)

if __name__ == "__main__":
    main()
