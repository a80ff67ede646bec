"""What the person who started an installation sees: steps, problems, and how to use it."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.config import Settings


class Terminal:
    """Writes plain lines, coloured where the terminal can."""

    def __init__(self) -> None:
        """Write to standard output."""
        self._console = Console(highlight=False, soft_wrap=True, markup=False)

    def line(self, text: str, style: str | None = None) -> None:
        """Write one line at once."""
        self._console.print(text, style=style)

    def problem(self, name: str, sentence: str) -> None:
        """Write what one process has to say."""
        self.line(f"{name:>9} │ {sentence}", "yellow")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Write that a step begins, and how long it took."""
        began = monotonic()
        self.line(f"… {title}", "dim")
        yield
        self.line(f"✓ {title}: {monotonic() - began:.1f} s", "green")

    def summary(self, settings: Settings, *, seconds: float, missing: list[str]) -> None:
        """Write how the installation is used, and what is not ready yet."""
        rows = [("Address", settings.public_url)]
        if settings.external_auth_domain is None:
            rows.append(("Sign in as", "buyer, operator or admin: choose on the sign-in page"))
        if settings.sendgrid_api_key is None:
            rows.append(("Mailbox", f"{settings.public_url}/mailbox"))
        rows += [
            ("Data folder", str(settings.data_folder)),
            ("Logs", str(settings.data_folder / "logs")),
        ]
        self.line("")
        self.line(f"AnythingYouWantt runs; started in {seconds:.1f} s.", "bold")
        for name, value in rows:
            self.line(f"  {name:<12} {value}")
        for sentence in missing:
            self.line(f"  Not ready    {sentence}", "yellow")
        self.line("  Ctrl-C stops it; everything is kept for the next start.")
        self.line("")
