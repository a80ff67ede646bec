"""Where somebody is: the browser is asked on a press alone, and a refusal is explained."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict
from reflex_base.vars.base import Var

from components.ui.button import Size, Variant
from components.ui.classes import classes
from components.ui.icon import icon

# Rounded to about a hundred metres before it leaves the browser: enough to tell what is near, and
# an address that is passed on does not say in which house somebody sits.
_NEAR_ME = """
const NEAR_ME_PROBLEMS = [
  "This browser cannot tell where you are. Type a place instead.",
  "This site may not see where you are. Allow it in the browser's settings, or type a place.",
  "Where you are could not be found out. Try again, or type a place.",
  "It took too long to find out where you are. Try again, or type a place.",
];
function NearMe({words, buttonClass, onFound, onRefused, className, children, ...rest}) {
  const [looking, look] = useState(false);
  const [problem, say] = useState("");
  const asked = useRef(0);
  useEffect(() => () => { asked.current += 1; }, []);
  const settle = (why) => {
    look(false);
    say(why);
    if (why) onRefused?.(why);
  };
  const ask = () => {
    const turn = ++asked.current;
    const isLate = () => turn !== asked.current;
    say("");
    if (!navigator.geolocation) return settle(NEAR_ME_PROBLEMS[0]);
    look(true);
    navigator.geolocation.getCurrentPosition(
      ({coords}) => {
        if (isLate()) return;
        settle("");
        onFound?.(Number(coords.latitude.toFixed(3)), Number(coords.longitude.toFixed(3)));
      },
      ({code}) => isLate() || settle(NEAR_ME_PROBLEMS[code] ?? NEAR_ME_PROBLEMS[2]),
      {timeout: 10000, maximumAge: 300000},
    );
  };
  return jsx("div", {className},
    jsx("button",
      {type: "button", ...rest, className: buttonClass, onClick: ask, "aria-busy": looking},
      looking ? jsx("span", {className: "spinner", "aria-hidden": true}) : children, words),
    jsx("p", {className: "field-error", role: "alert"}, problem));
}
"""


def _found(latitude: Var[float], longitude: Var[float]) -> tuple[Var[float], Var[float]]:
    return latitude, longitude


def _refused(why: Var[str]) -> tuple[Var[str]]:
    return (why,)


class _NearMe(rx.Component):
    """The button with what it has to say; all of it happens in the browser."""

    tag = "NearMe"

    words: Var[str]
    button_class: Var[str]
    on_found: rx.EventHandler[_found]
    on_refused: rx.EventHandler[_refused]

    def add_imports(self) -> ImportDict:
        """Import what the button is made of."""
        return {
            "react": [
                rx.ImportVar(tag="useEffect"),
                rx.ImportVar(tag="useRef"),
                rx.ImportVar(tag="useState"),
            ],
            "@emotion/react": [rx.ImportVar(tag="jsx")],
        }

    def add_custom_code(self) -> list[str]:
        """Define the button once per page."""
        return [_NEAR_ME]


def near_me(
    *,
    on_found: Any,
    on_refused: Any = None,
    words: str = "Near me",
    variant: Variant = "secondary",
    size: Size = "small",
    **props: Any,
) -> rx.Component:
    """Return a button that asks the browser where the reader is.

    `on_found` is called with latitude and longitude in degrees, rounded to about 100 m. Where the
    browser does not tell, one sentence below the button says why, and `on_refused` is given it.
    """
    refused = {} if on_refused is None else {"on_refused": on_refused}
    return _NearMe.create(
        icon("locate-fixed"),
        words=words,
        button_class=f"button button-{variant} button-{size}",
        on_found=on_found,
        class_name=classes("near-me", props.pop("class_name", "")),
        data_testid=props.pop("data_testid", "near-me"),
        **refused,
        **props,
    )
