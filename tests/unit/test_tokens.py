"""The look in numbers: readable in both themes, and named in one place."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from components import ui
from components.ui import map_tokens, stylesheet, tokens

LEAST_CONTRAST = 4.5
# Loaded by pages with a map only, and so no part of the stylesheet.
OF_THE_MAP = Path(ui.__file__).parents[1] / "map" / "map.css"
THEMES = {"light": tokens.LIGHT, "dark": tokens.DARK}


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, as WCAG 2.2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), tokens.TEXT_ON_GROUND)
def test_text_can_be_read_on_its_ground(theme: str, text: str, ground: str) -> None:
    colours = asdict(THEMES[theme])
    assert contrast(colours[text], colours[ground]) >= LEAST_CONTRAST


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_is_a_full_hexadecimal_one(theme: str) -> None:
    for name, value in asdict(THEMES[theme]).items():
        assert re.fullmatch("#[0-9a-f]{6}", value), name


@pytest.mark.parametrize("theme", [map_tokens.LIGHT, map_tokens.DARK])
@pytest.mark.parametrize("name", ["country", "state", "city"])
def test_names_on_the_map_stand_out(theme: map_tokens.MapColours, name: str) -> None:
    # Around each name is its halo, over land and water alike.
    assert contrast(getattr(theme, name), theme.halo) >= LEAST_CONTRAST


def test_space_is_a_multiple_of_four() -> None:
    for name, value in tokens.SPACE.items():
        assert value == f"{int(name) * 4}px"


@pytest.mark.parametrize(
    "rules", [*sorted(stylesheet.RULES.glob("*.css")), OF_THE_MAP], ids=lambda path: path.stem
)
def test_the_rules_name_no_colour_and_no_size(rules: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", rules.read_text(), flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", text) == []
    assert re.findall(r"\d+(?:\.\d+)?(?:px|rem|pt)\b", text) == []


def test_every_rule_file_is_part_of_the_stylesheet() -> None:
    for path in stylesheet.RULES.glob("*.css"):
        assert path.stem in stylesheet.ORDER, f"{path.name} is never sent"


def test_every_token_that_is_used_exists_and_every_token_is_used() -> None:
    text = stylesheet.stylesheet()
    used = set(re.findall(r"var\(--([\w-]+)", text))
    known = {*tokens.variables(tokens.LIGHT, "light"), *tokens.measures()}
    components = Path(ui.__file__).parents[1].rglob("*.py")
    given = {name for path in components for name in re.findall(r'"--([\w-]+)":', path.read_text())}
    assert used - known == given
    assert set(re.findall(r"var\(--([\w-]+)", OF_THE_MAP.read_text())) <= known
    assert known - used == set()


def test_both_themes_say_the_same_things() -> None:
    assert (
        tokens.variables(tokens.LIGHT, "light").keys()
        == tokens.variables(tokens.DARK, "dark").keys()
    )


def test_the_written_stylesheet_is_not_stale() -> None:
    assert stylesheet.STYLESHEET.read_text() == stylesheet.stylesheet(), (
        "run: python -m components.ui.stylesheet"
    )


def test_motion_ends_where_it_is_not_wanted() -> None:
    assert "@media (prefers-reduced-motion: reduce)" in stylesheet.stylesheet()
