"""Makes the one stylesheet, `assets/kit.css`, from the tokens and the rules beside this file.

`python -m components.ui.stylesheet` writes it; a test fails when the written one is stale.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from components.ui import tokens

RULES: Final = Path(__file__).parent / "css"
STYLESHEET: Final = Path(__file__).parents[2] / "assets" / "kit.css"

# Later files may refine earlier ones.
ORDER: Final = (
    "base",
    "controls",
    "fields",
    "surfaces",
    "data",
    "overlays",
    "palette",
    "frame",
    "catalogue",
    "ordering",
    "rooms",
    "comparing",
    "stores",
)

# Inter, by writing system, from the package that holds it; only what a page needs is fetched.
_FONT: Final = "@fontsource-variable/inter/index.css"
FONTS: Final = Path(__file__).parents[2] / "assets" / "assets"
# The package's own range of its Latin file, in whose place the lighter one of `font` stands.
_LATIN: Final = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,"
    "U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)


def _block(selector: str, properties: dict[str, str], scheme: str = "") -> str:
    lines = [f"  --{name}: {value};" for name, value in properties.items()]
    if scheme:
        lines.insert(0, f"  color-scheme: {scheme};")
    return f"{selector} {{\n" + "\n".join(lines) + "\n}"


def _latin() -> str:
    """Return the face that is fetched for Latin letters: of two alike, browsers take the later."""
    (file,) = FONTS.glob("inter-*.woff2")
    return (
        "@font-face { font-family: 'Inter Variable'; font-style: normal; font-display: swap;"
        f" font-weight: 100 900; src: url('/assets/{file.name}') format('woff2-variations');"
        f" unicode-range: {_LATIN}; }}"
    )


def _themes() -> str:
    light = tokens.variables(tokens.LIGHT, "light")
    dark = tokens.variables(tokens.DARK, "dark")
    return "\n".join(
        (
            _block(":root", tokens.measures()),
            _block(":root", light, "light"),
            # Without JavaScript no class is set, and the system's wish holds.
            "@media (prefers-color-scheme: dark) {",
            _block(":root:not(.light)", dark, "dark"),
            "}",
            _block(":root.dark", dark, "dark"),
        )
    )


def _with_breakpoints(rules: str) -> str:
    return re.sub(
        r"@media \(--(\w+)\)", lambda name: f"@media {tokens.BREAKPOINTS[name[1]]}", rules
    )


def stylesheet() -> str:
    """Return the whole stylesheet as text."""
    rules = "\n".join((RULES / f"{name}.css").read_text() for name in ORDER)
    return (
        "/* Made from components/ui/tokens.py and components/ui/css by"
        " `python -m components.ui.stylesheet`. */\n"
        f'@import url("{_FONT}");\n{_latin()}\n{_themes()}\n{_with_breakpoints(rules)}'
    )


if __name__ == "__main__":
    STYLESHEET.write_text(stylesheet())
