"""Google's loader, answered by ours: every request to Google of a page comes here.

It refuses what Google refuses: a request without a key or callback here, and in the script beside
this file what is wrong about a map or a mark.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Route

SCRIPT = Path(__file__).with_suffix(".js")
LOADER = "/maps/api/js"
# What the loader of Google's own bootstrap waits for.
CALLBACK = "google.maps.__ib__"
# Ten seconds are what a page gives Google to answer. Where it does answer, a busy machine may take
# longer than that for what is drawn then.
PATIENT = """{
    const wait = window.setTimeout;
    window.setTimeout = (act, after, ...given) =>
        after === 10_000 ? 0 : wait(act, after, ...given);
}"""
Answer = Literal["accepts", "refuses", "is spent", "is unreachable", "never answers"]


@dataclass
class GoogleMapsTwin:
    """How it answers, and what it was asked."""

    key: str
    answer: Answer = "accepts"
    asked: list[dict[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def stand_in(self, context: BrowserContext) -> None:
        """Answer every request to Google of the pages of `context`."""
        if self.answer != "never answers":
            context.add_init_script(PATIENT)
        context.route("https://*.googleapis.com/**", self._respond)
        context.route("https://*.gstatic.com/**", self._respond)

    def _respond(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        if address.path != LOADER:
            self.refused.append(route.request.url)
            route.fulfill(status=404)
            return
        self.asked.append(query)
        if self.answer == "is unreachable":
            route.abort("connectionrefused")
            return
        if self.answer == "never answers":
            return
        if not query.get("key") or query.get("callback") != CALLBACK:
            self.refused.append(route.request.url)
            route.fulfill(status=400)
            return
        answer = self.answer if query["key"] == self.key else "refuses"
        route.fulfill(
            content_type="text/javascript; charset=UTF-8",
            body=SCRIPT.read_text().replace("__ANSWER__", answer),
        )
