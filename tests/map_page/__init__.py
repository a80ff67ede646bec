"""A page with nothing but the map, from the modules as they are: what both maps do alike.

The program's pages use some of what a map can do, and Google's is only there with a key. Here each
map is given everything, without a database behind it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from app.config import PROJECT_ROOT
from app.embedded.child import base_environment
from app.embedded.pages import WORKSHOP, front_end_environment
from app.views.maps import MapCamera, MapMark
from components.map.parts import LIBRARIES, grounds
from tests.google_maps_twin import GoogleMapsTwin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from playwright.sync_api import Browser, Locator, Page, Route

    from tests.google_maps_twin import Answer

HERE: Final = Path(__file__).parent
PACKAGES: Final = WORKSHOP / "node_modules"
MODULES: Final = PROJECT_ROOT / "components" / "map"
ADDRESS: Final = "http://localhost:8"
KEY: Final = "a-browser-key"
FINLAND: Final = MapCamera(59.0, 17.0, 66.0, 31.0)
HELSINKI = MapMark("store-1", 60.1699, 24.9384, "Helsinki, Kaivokatu 1: 12.90 EUR", "12.90 €")
TURKU = MapMark("store-2", 60.4518, 22.2666, "Turku, Aurakatu 8")
OULU = MapMark("cluster-1", 65.0121, 25.4651, "14 stores, from 12.90 EUR", "14", stores=14)
STORES = (HELSINKI, TURKU, OULU)
# Degrees that are a few pixels at the zooms of these tests.
NEAR = 0.5


class Opens(Protocol):
    """Opens the page with a map; see `map_page`."""

    def __call__(self, **given: Any) -> AbstractContextManager[MapPage]:
        """Open it, with the given beside some stores."""
        ...


def has_packages() -> bool:
    """Say whether the packages of the map have been fetched."""
    return all((PACKAGES / library.rpartition("@")[0]).exists() for library in LIBRARIES)


def build(folder: Path) -> Path:
    """Build the page with the packages of the program's own build; return where it lies."""
    for file in (*HERE.glob("*.html"), *HERE.glob("*.jsx")):
        shutil.copy(file, folder)
    shutil.copytree(MODULES, folder / "map", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "node_modules").symlink_to(PACKAGES)
    subprocess.run(
        [str(PACKAGES / ".bin" / "vite"), "build", str(folder), "--logLevel=error"],
        check=True,
        env=front_end_environment(base_environment()),
    )
    return folder / "dist"


@dataclass(frozen=True, slots=True)
class MapPage:
    """The page in a browser, and Google's stand-in behind it."""

    page: Page
    twin: GoogleMapsTwin
    # Where the page asked for something that is neither ours nor Google's.
    elsewhere: list[str]

    @property
    def marks(self) -> Locator:
        """Every mark on the map."""
        return self.page.get_by_test_id("store-marker")

    def mark(self, key: str) -> Locator:
        """Return the mark with this key."""
        return self.page.locator(f'[data-testid="store-marker"][data-key="{key}"]')

    def show(self, **change: Any) -> None:
        """Change some of what the map is given."""
        self.page.evaluate("change => window.show(change)", _plain(change))

    def wait_for(self, what: str, *, after: int = 0) -> list[Any]:
        """Return the first thing of this name that the map says after so many things."""
        self.page.wait_for_function(
            "([what, after]) => window.said.slice(after).some(([name]) => name === what)",
            arg=[what, after],
        )
        said = self.said()[after:]
        return next(values for name, *values in said if name == what)

    def said(self) -> list[list[Any]]:
        """Return all that the map has said."""
        return self.page.evaluate("window.said")


@contextmanager
def map_page(
    browser: Browser,
    built: Path,
    *,
    provider: str,
    marks: Sequence[MapMark],
    camera: MapCamera = FINLAND,
    answer: Answer = "accepts",
    key: str = KEY,
    window: dict[str, Any] | None = None,
    held: bool = False,
    **given: Any,
) -> Iterator[MapPage]:
    """Open the page with Google's map or our own; where time is `held`, the test lets it pass."""
    context = browser.new_context(
        **{"viewport": {"width": 1000, "height": 900}, "locale": "en-GB", **(window or {})}
    )
    twin, elsewhere = GoogleMapsTwin(KEY, answer), []
    context.route("**/*", lambda route: _serve(route, built, elsewhere))
    twin.stand_in(context)
    page = context.new_page()
    if held:
        page.clock.install()
    asked = {"loaded": True, "key": key if provider == "google" else "", "mapId": "DEMO_MAP_ID"}
    everything = {
        "label": "Stores",
        "marks": marks,
        "camera": camera,
        "chosen": "",
        "draggable": False,
        "google": asked,
        "grounds": grounds(),
        **given,
    }
    page.add_init_script(f"window.given = {json.dumps(_plain(everything))}")
    page.goto(ADDRESS)
    try:
        yield MapPage(page, twin, elsewhere)
    finally:
        context.close()


def _plain(value: Any) -> Any:
    """Return what the state would send to the page."""
    if isinstance(value, MapMark | MapCamera):
        return asdict(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _serve(route: Route, built: Path, elsewhere: list[str]) -> None:
    address = urlsplit(route.request.url)
    if f"{address.scheme}://{address.netloc}" != ADDRESS:
        elsewhere.append(route.request.url)
        route.abort()
        return
    path = address.path.lstrip("/") or "index.html"
    folders = (built, PROJECT_ROOT / "assets")
    file = next((each / path for each in folders if (each / path).is_file()), None)
    if file is None:
        route.fulfill(status=404)
    else:
        route.fulfill(path=file, content_type=guess_type(file.name)[0] or "text/plain")
