"""The kit's components: what a screen reader, a keyboard and a test find in them."""

from __future__ import annotations

import hashlib
import re
from typing import get_args

import pytest
import reflex as rx
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from reflex_components_lucide.icon import LUCIDE_ICON_LIST

from components import ui
from components.ui import stylesheet
from components.ui.badge import Tone
from components.ui.font import weights
from components.ui.icon import NAMEABLE
from components.ui.sparkline import HEIGHT, WIDTH

WORD: rx.Var[str] = rx.Var("word", _var_type=str).to(str)
FLAG: rx.Var[bool] = rx.Var("flag", _var_type=bool).to(bool)
NOTHING = rx.noop()


def drawn(component: rx.Component) -> str:
    """Return the component as the JavaScript it becomes, without blanks that vary."""
    return str(component.render())


def classes_in(text: str) -> set[str]:
    """Return the literal class names in a drawn component."""
    found = re.findall(r'className:"([^"]*)"', text)
    return {name for names in found for name in names.split()}


def test_the_font_has_the_letters_and_weights_of_the_kit() -> None:
    (file,) = stylesheet.FONTS.glob("inter-*.woff2")
    font = TTFont(file)
    (axis,) = font["fvar"].axes
    assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", *weights())
    assert {ord(letter) for letter in "AZaz09 äßéñç€…·"} <= set(font.getBestCmap() or ())
    assert "OPEN FONT LICENSE" in file.with_name("inter-LICENSE.txt").read_text()
    assert hashlib.sha256(file.read_bytes()).hexdigest().startswith(file.stem.split("-")[1])
    assert file.name in stylesheet.STYLESHEET.read_text()


def test_a_loading_button_spins_says_so_and_takes_no_press() -> None:
    text = drawn(ui.button("Save", loading=True))
    assert "spinner" in text
    assert '"aria-busy":true' in text
    assert "disabled:true" in text


def test_a_button_whose_state_is_known_at_run_time_follows_it() -> None:
    text = drawn(ui.button("Save", loading=FLAG, icon="check"))
    assert re.search(r"disabled:[^']*flag", text)
    assert "cond_state': 'flag" in text


def test_a_button_does_not_send_the_form_around_it_unless_told() -> None:
    assert 'type:"button"' in drawn(ui.button("More"))
    assert 'type:"submit"' in drawn(ui.button("Place order", type="submit"))


def test_an_icon_button_is_read_out() -> None:
    text = drawn(ui.icon_button("x", "Remove the line"))
    assert '"aria-label":"Remove the line"' in text
    assert 'title:"Remove the line"' in text


def test_icons_say_nothing_to_a_screen_reader() -> None:
    assert '"aria-hidden":"true"' in drawn(ui.icon("check"))


@pytest.mark.parametrize("name", NAMEABLE)
def test_every_icon_a_state_may_name_exists(name: str) -> None:
    assert name.replace("-", "_") in LUCIDE_ICON_LIST


def test_links_to_pages_are_followed_without_a_reload_and_others_are_not() -> None:
    assert "ReactRouterLink" in drawn(ui.link_button("Orders", href="/orders"))
    assert 'href:"/auth/login"' in drawn(
        ui.link_button("Sign in", href="/auth/login", outside=True)
    )


@pytest.mark.parametrize("tone", get_args(Tone))
def test_a_badge_has_a_look_for_every_tone(tone: Tone) -> None:
    assert f"badge-{tone}" in classes_in(drawn(ui.badge("Sent", tone)))
    assert f".badge-{tone} " in stylesheet.stylesheet()
    assert f".notice-{tone} " in stylesheet.stylesheet()


def test_tone_and_text_may_come_from_a_state() -> None:
    text = drawn(ui.badge(WORD, WORD, data_testid="order-status"))
    assert '("badge badge-"+word)' in text
    assert '"data-testid":"order-status"' in text


def test_class_names_join_parts_and_vars() -> None:
    assert ui.classes("a", "", None, "b") == "a b"
    assert str(ui.classes("a", WORD)) == '("a "+word)'


def test_where_the_reader_is_is_asked_for_on_a_press_and_a_refusal_is_read_out() -> None:
    made = ui.near_me(on_found=lambda north, east: rx.console_log(f"{north} {east}"))
    text, code = drawn(made), "".join(made.add_custom_code())
    assert "NearMe" in text
    assert 'words:"Near me"' in text
    assert "onFound:" in text
    assert "onRefused" not in text
    asking = code.index("getCurrentPosition")
    assert code.index("const ask = ") < asking < code.index("onClick: ask")
    assert code.count("getCurrentPosition") == 1
    assert 'role: "alert"' in code


def test_a_field_ties_label_hint_and_error_to_its_control() -> None:
    text = drawn(ui.text_field(label="Postcode", name="post", hint="Five digits", error=WORD))
    assert 'htmlFor:"post"' in text
    assert 'id:"post"' in text
    assert '"aria-describedby":"post-hint post-error"' in text
    assert 'id:"post-error"' in text
    assert 'role:"alert"' in text
    assert '"aria-invalid":' in text


def test_a_field_without_hint_or_error_points_at_neither() -> None:
    assert "aria-describedby" not in drawn(ui.text_field(label="Reference", name="reference"))


def test_a_dialog_is_the_browsers_own_and_follows_its_flag() -> None:
    made = ui.dialog("Sure?", name="cancel", open=FLAG, on_close=NOTHING, title="Cancel order")
    text, hooks = drawn(made), " ".join(made._get_all_hooks())  # noqa: SLF001 - Reflex's own name
    assert "'name': '\"dialog\"'" in text
    assert '"aria-labelledby":"cancel-title"' in text
    assert "onClose:" in text
    assert "showModal()" in hooks
    assert "[flag]" in hooks
    assert "shown" not in text, "an unknown attribute would reach the element"


def test_a_table_names_its_columns_and_aligns_figures() -> None:
    text = drawn(
        ui.table(
            ["Product", ui.Column("Total", figures=True), ui.Column("Actions", hidden_title=True)],
            ui.row(ui.cell("Cone"), ui.cell("9.95", figures=True), ui.cell()),
            label="Lines",
        )
    )
    assert text.count('scope:"col"') == 3
    assert text.count('className:"figures"') == 2
    assert 'className:"unseen"' in text
    assert '"aria-label":"Lines"' in text


def test_stand_in_rows_stand_in_the_tables_one_body() -> None:
    text = drawn(ui.table(["A", "B"], rx.cond(FLAG, ui.skeleton_rows(3, 2), ui.row(ui.cell()))))
    assert text.count("'name': '\"tbody\"'") == 1
    assert text.count("'name': '\"td\"'") == 3 * 2 + 1


def test_there_is_no_way_to_a_page_that_does_not_exist() -> None:
    text = drawn(ui.pagination(previous_href="", next_href="/?after=5"))
    assert '"aria-disabled":"true"' in text
    assert 'rel:"next"' in text


def test_a_failure_is_announced() -> None:
    assert 'role:"alert"' in drawn(ui.error_state(text="Try again in a minute."))


def test_every_toast_carries_its_test_id() -> None:
    hooks = " ".join(ui.toaster()._get_all_hooks())  # noqa: SLF001 - Reflex's own name
    assert "testId: 'toast'" in hooks
    for kind in ("success", "error", "info", "warning", "loading"):
        assert f"'{kind}'" in hooks


@given(st.lists(st.floats(min_value=0, max_value=1e9), min_size=2, max_size=60))
def test_a_trend_stays_within_its_drawing(figures: list[float]) -> None:
    points = [
        tuple(map(float, point.strip().split(" ")))
        for point in ui.spark_path(figures).removeprefix("M").split("L")
    ]
    assert len(points) == len(figures)
    assert points[0][0] == 0
    assert points[-1][0] == WIDTH
    assert all(0 <= across <= WIDTH and 0 <= down <= HEIGHT for across, down in points)


def test_a_trend_points_up_when_the_price_rises_and_is_level_when_it_stands() -> None:
    assert ui.spark_path([1, 2]) == "M0.0 18.0 L64.0 2.0"
    assert ui.spark_path([5, 5]) == "M0.0 10.0 L64.0 10.0"
    assert ui.spark_path([5]) == ""


def test_the_names_that_are_offered_exist_and_stand_in_the_list() -> None:
    listed = ui.__doc__ or ""
    for name in ui.__all__:
        assert hasattr(ui, name)
        assert re.search(rf"\b{name}\b", listed), f"{name} has no line in the kit's list"
