"""The look in numbers: beside `map_tokens.py`, the only file that names a colour or a size.

Everything else speaks of them by name: `var(--accent)` in the stylesheet, `badge-good` as a class.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, as `#rrggbb`. `…_soft` is the ground that a tone stands on."""

    background: str
    panel: str
    raised: str
    hover: str
    line: str
    line_soft: str
    line_strong: str
    ink: str
    ink_second: str
    ink_third: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    info: str
    info_soft: str
    neutral: str
    neutral_soft: str
    picture: str
    paper: str  # mails are written for white, whatever the theme


LIGHT: Final = Palette(
    background="#fbfbfa",
    panel="#ffffff",
    raised="#ffffff",
    hover="#f4f4f2",
    line="#e6e5e1",
    line_soft="#efeeeb",
    line_strong="#cfcec8",
    ink="#1b1b19",
    ink_second="#5c5b56",
    ink_third="#6f6e68",
    accent="#1f5f4f",
    accent_hover="#184c3f",
    on_accent="#ffffff",
    accent_soft="#e5f0ec",
    good="#1e7a46",
    good_soft="#e4f3e9",
    warn="#8a5a00",
    warn_soft="#fbf0d9",
    bad="#b3261e",
    bad_soft="#fbe7e5",
    info="#2a5db0",
    info_soft="#e6eefb",
    neutral="#5c5b56",
    neutral_soft="#efeeeb",
    picture="#f6f5f2",
    paper="#ffffff",
)

DARK: Final = Palette(
    background="#141513",
    panel="#1b1c1a",
    raised="#232422",
    hover="#222320",
    line="#2e2f2b",
    line_soft="#262724",
    line_strong="#43443f",
    ink="#ecebe6",
    ink_second="#b1b0a8",
    ink_third="#96958d",
    accent="#5cc2a3",
    accent_hover="#74cfb3",
    on_accent="#0d1f1a",
    accent_soft="#1d2f29",
    good="#6dd39a",
    good_soft="#1b2e23",
    warn="#e5b45c",
    warn_soft="#332a18",
    bad="#f08c84",
    bad_soft="#3a2220",
    info="#8db4f2",
    info_soft="#1e2838",
    neutral="#b1b0a8",
    neutral_soft="#262724",
    picture="#2a2b28",
    paper="#ffffff",
)


# What is written on what. A test computes every one of these in both themes.
TEXT_ON_GROUND: Final[tuple[tuple[str, str], ...]] = (
    *(
        (text, ground)
        for text in ("ink", "ink_second", "ink_third")
        for ground in ("background", "panel", "raised", "hover")
    ),
    *(
        (tone, ground)
        for tone in ("accent", "good", "warn", "bad", "info")
        for ground in ("background", "panel", "raised")
    ),
    *((tone, f"{tone}_soft") for tone in ("accent", "good", "warn", "bad", "info", "neutral")),
    *(("ink", f"{tone}_soft") for tone in ("accent", "good", "warn", "bad", "info", "neutral")),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
)

# Multiples of 4 px; the name is the multiple.
SPACE: Final = {str(step): f"{step * 4}px" for step in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16)}

SIZE: Final = {
    "hairline": "1px",
    "half": "2px",
    "focus-ring": "2px",
    "radius": "8px",
    "radius-small": "6px",
    "radius-card": "10px",
    "radius-full": "999px",
    "control": "36px",
    "control-small": "28px",
    "badge": "22px",
    "badge-small": "18px",
    "badge-large": "26px",
    "gap-small": "6px",
    "pad-small": "10px",
    "pad-row": "5px",
    "row": "48px",
    "row-head": "36px",
    "card-head": "52px",
    "check": "16px",
    "tick-long": "9px",
    "tick-short": "5px",
    "icon-small": "14px",
    "icon": "16px",
    "icon-large": "20px",
    "mark": "24px",
    "avatar": "24px",
    "avatar-large": "36px",
    "touch": "44px",
    "bar": "56px",
    "tab-bar": "60px",
    "side": "216px",
    "side-narrow": "64px",
    "facets": "220px",
    "figures": "140px",
    "figures-phone": "84px",
    "aside": "360px",
    "content": "1280px",
    "search": "476px",
    "prose": "640px",
    "card-least": "200px",
    "tile-least": "240px",
    "dialog": "480px",
    "dialog-tall": "720px",
    "dialog-wide": "760px",
    "dialog-stores": "960px",
    "palette": "600px",
    "list-least": "300px",
    "finder": "520px",
    "finder-around": "252px",
    "mail": "520px",
    "mail-least": "420px",
    "mail-around": "330px",
    "amount": "112px",
    "stepper": "104px",
    "toast": "380px",
    "menu": "240px",
    "chart": "240px",
    "spark-width": "64px",
    "spark-height": "20px",
    "stroke": "1.75px",
    "trend": "1.5px",
}

# Type: 14 px base, 13 px in tables, weight before size.
TYPE: Final = {
    "text-hint": "11px",
    "text-small": "12px",
    "text-table": "13px",
    "text": "14px",
    "text-lead": "15px",
    "text-price": "16px",
    "text-title": "20px",
    "text-figure": "24px",
    # A phone zooms into a field whose letters are smaller than this.
    "text-field-phone": "16px",
    "leading": "1.45",
    "leading-tight": "1.3",
    "weight": "400",
    "weight-medium": "500",
    "weight-strong": "600",
    "weight-bold": "650",
}

MOTION: Final = {"quick": "120ms", "calm": "180ms", "pulse": "1600ms", "turn": "800ms"}

# Shadow is for what floats; an edge is a hairline.
SHADOW: Final = {
    "light": "0 8px 28px rgb(27 27 25 / 0.12), 0 2px 6px rgb(27 27 25 / 0.06)",
    "dark": "0 8px 28px rgb(0 0 0 / 0.5), 0 2px 6px rgb(0 0 0 / 0.35)",
}
# Suppliers draw and photograph for white paper; in the dark that would glare.
PICTURE_LIGHT: Final = {"light": "none", "dark": "brightness(0.86)"}
VEIL: Final = {"light": "rgb(27 27 25 / 0.32)", "dark": "rgb(0 0 0 / 0.55)"}

# Where the arrangement changes; written `@media (--phone)` in the stylesheet.
BREAKPOINTS: Final = {
    "phone": "(max-width: 719px)",
    "desk": "(min-width: 720px)",
    "tablet": "(max-width: 1079px)",
    "pointer": "(hover: hover)",
    "still": "(prefers-reduced-motion: reduce)",
}

LAYERS: Final = {"sticky": "10", "frame": "20", "toast": "60"}


def variables(palette: Palette, theme: str) -> dict[str, str]:
    """Return the custom properties that differ by theme: name without `--` to value."""
    colours = {name.replace("_", "-"): value for name, value in asdict(palette).items()}
    return {
        **colours,
        "shadow": SHADOW[theme],
        "veil": VEIL[theme],
        "picture-light": PICTURE_LIGHT[theme],
    }


def measures() -> dict[str, str]:
    """Return the custom properties that both themes share: name without `--` to value."""
    return {
        **{f"space-{name}": value for name, value in SPACE.items()},
        **SIZE,
        **TYPE,
        **MOTION,
        **{f"layer-{name}": value for name, value in LAYERS.items()},
    }
